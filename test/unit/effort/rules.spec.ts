/** Pause rules on simulated sensors: each triggers and clears within 2 s, and none stutters. */
import assert from 'node:assert/strict'
import {
  allowance,
  INITIAL_RULES,
  observe,
  type Reading,
  type RuleReason,
  type RuleState,
  type Rules,
  rulesOf
} from '../../../node/worker/effort/rules.ts'

const READ_MS = 500
const NORMAL: Rules = { ...rulesOf('normal'), schedule: [] }
const QUIET_SENSORS: Omit<Reading, 'atMs'> = {
  isOnBattery: false,
  othersCpuShare: 0,
  isUserActive: false,
  minuteOfWeek: 0
}

/** A machine whose sensors are set by hand, read every half second. */
class Machine {
  atMs = 0
  state: RuleState = INITIAL_RULES
  sensors = { ...QUIET_SENSORS }
  readonly rules: Rules
  constructor(rules: Rules = NORMAL) {
    this.rules = rules
  }

  get allowed() {
    return allowance(this.state, this.sensors.minuteOfWeek, this.rules, 4)
  }

  read(): void {
    this.atMs += READ_MS
    this.state = observe(this.state, { atMs: this.atMs, ...this.sensors }, this.rules)
  }

  /** Milliseconds until the rules allow so many threads. */
  until(threads: number): number {
    const fromMs = this.atMs
    while (this.allowed.threads !== threads && this.atMs - fromMs < 60_000) this.read()
    return this.atMs - fromMs
  }
}

describe('pause rules', () => {
  const cases: [RuleReason, Partial<Reading>, number][] = [
    ['battery', { isOnBattery: true }, 0],
    ['others-cpu', { othersCpuShare: 0.3 }, 0],
    ['user-active', { isUserActive: true }, 1]
  ]
  for (const [because, sensors, threads] of cases) {
    it(`${because}: triggers and clears within 2 s`, () => {
      const machine = new Machine()
      machine.read()
      assert.deepEqual(machine.allowed, { threads: 4 })
      Object.assign(machine.sensors, sensors)
      assert.ok(machine.until(threads) <= 2000)
      assert.deepEqual(machine.allowed, { threads, because })
      Object.assign(machine.sensors, QUIET_SENSORS)
      assert.ok(machine.until(4) <= 2000)
    })

    it(`${because}: one odd reading turns nothing`, () => {
      const machine = new Machine()
      for (let round = 0; round < 20; round++) {
        Object.assign(machine.sensors, round % 2 === 0 ? sensors : QUIET_SENSORS)
        machine.read()
        assert.deepEqual(machine.allowed, { threads: 4 }, `round ${round}`)
      }
    })
  }

  it('between the two limits of the processor a pause goes on, and none begins', () => {
    const machine = new Machine()
    machine.sensors.othersCpuShare = 0.2
    for (let i = 0; i < 20; i++) machine.read()
    assert.equal(machine.allowed.threads, 4)
    machine.sensors.othersCpuShare = 0.26
    machine.until(0)
    machine.sensors.othersCpuShare = 0.2
    for (let i = 0; i < 20; i++) machine.read()
    assert.equal(machine.allowed.threads, 0)
    machine.sensors.othersCpuShare = 0.14
    assert.ok(machine.until(4) <= 2000)
  })

  it('what no sensor knows pauses nothing', () => {
    const machine = new Machine()
    const unknown = { isOnBattery: undefined, othersCpuShare: undefined, isUserActive: undefined }
    Object.assign(machine.sensors, unknown)
    for (let i = 0; i < 20; i++) machine.read()
    assert.deepEqual(machine.allowed, { threads: 4 })
  })

  it('full effort rests for nobody but the schedule', () => {
    const off = { fromMinute: 600, toMinute: 660, profile: 'off' } as const
    const machine = new Machine({ ...rulesOf('full'), schedule: [off] })
    Object.assign(machine.sensors, { isOnBattery: true, othersCpuShare: 1, isUserActive: true })
    for (let i = 0; i < 20; i++) machine.read()
    assert.deepEqual(machine.allowed, { threads: 4 })
    machine.sensors.minuteOfWeek = 600
    assert.deepEqual(machine.allowed, { threads: 0, because: 'schedule' })
    machine.sensors.minuteOfWeek = 660
    assert.deepEqual(machine.allowed, { threads: 4 })
  })
})
