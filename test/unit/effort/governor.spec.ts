/** The governor with sensors set by hand: what it lets threads and work core do, and why. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type EffortSettings,
  type Governor,
  openGovernor
} from '../../../node/service/effort/governor.ts'
import { readPause } from '../../../node/service/effort/pause-file.ts'
import { capsOf } from '../../../node/worker/effort/caps.ts'
import type { Reading } from '../../../node/worker/effort/rules.ts'

const MACHINE = { coreCount: 4, memoryBytes: 8e9 }
const NORMAL: EffortSettings = {
  effort: 'normal',
  caps: capsOf('normal', MACHINE),
  schedule: [{ fromMinute: 100, toMinute: 200, profile: 'quiet' }]
}

describe('the governor', () => {
  let home: string
  let atMs: number
  let sensors: Omit<Reading, 'atMs'>
  let outside: { computing: number; awaiting: number; peers: number; owners: number }
  let pace: string
  let slots: number
  let finished: number
  let governor: Governor

  const open = async (settings = NORMAL): Promise<void> => {
    governor = openGovernor({
      home,
      settings,
      sensors: async () => ({ atMs, ...sensors }),
      pause: await readPause(home),
      setPace: ({ threads, dutyPerMille }) => {
        pace = `${threads} at ${dutyPerMille}`
      },
      setSlots: (count) => {
        slots = count
      },
      outside: () => outside,
      onFinished: () => {
        finished += 1
      },
      nowMs: () => atMs
    })
  }
  const look = async (times = 4): Promise<void> => {
    for (let i = 0; i < times; i++) {
      atMs += 500
      await governor.look()
    }
  }

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'driftmesh-governor-'))
    atMs = 1_000_000
    sensors = {
      isOnBattery: false,
      othersCpuShare: 0,
      isUserActive: false,
      minuteOfWeek: 0
    }
    outside = { computing: 0, awaiting: 0, peers: 3, owners: 1 }
    finished = 0
    await open()
  })
  afterEach(async () => {
    governor.stop()
    await rm(home, { recursive: true, force: true })
  })

  it('a rule holds the threads and takes nothing new, and lets go again', async () => {
    await look()
    assert.deepEqual([pace, slots], ['2 at 1000', 2])
    sensors = { ...sensors, isOnBattery: true }
    await look()
    assert.deepEqual([pace, slots], ['0 at 1000', 0])
    assert.equal(governor.why().reason, 'battery')
    sensors = { ...sensors, isOnBattery: false, isUserActive: true }
    await look()
    assert.deepEqual([pace, slots], ['1 at 1000', 1])
  })

  it('the user pauses for a while, over a restart, and resumes', async () => {
    await governor.pause(7_200_000)
    assert.deepEqual([pace, slots], ['0 at 1000', 0])
    assert.deepEqual(governor.why().untilMs, atMs + 7_200_000)
    governor.stop()
    await open()
    assert.equal(governor.why().reason, 'paused-by-user')
    atMs += 7_200_000
    await look()
    assert.deepEqual([pace, slots], ['2 at 1000', 2])
    await governor.pause()
    assert.equal(governor.why().untilMs, undefined)
    await governor.resume()
    assert.deepEqual([pace, slots, await readPause(home)], ['2 at 1000', 2, undefined])
  })

  it('finishes what is under way, then says so', async () => {
    outside = { ...outside, computing: 1 }
    governor.finish()
    await look()
    assert.deepEqual([pace, slots, finished], ['2 at 1000', 0, 0])
    outside = { ...outside, computing: 0, awaiting: 1 }
    await look(1)
    assert.deepEqual([governor.why().activity, finished], ['finishing', 0])
    outside = { ...outside, awaiting: 0 }
    await look(1)
    assert.equal(finished, 1)
  })

  it('a period of the schedule has its own effort', async () => {
    sensors = { ...sensors, minuteOfWeek: 150 }
    await look()
    assert.deepEqual([pace, slots], ['1 at 500', 1])
    sensors = { ...sensors, minuteOfWeek: 200 }
    await look()
    assert.deepEqual([pace, slots], ['2 at 1000', 2])
  })

  it('pauses after failures in a row with their reason; resume lifts it', async () => {
    for (let i = 0; i < 9; i++) governor.hear('unit.failed', { reason: 'inputs-missing' })
    assert.equal(slots, 2, 'not for inputs that nobody has')
    for (let i = 0; i < 3; i++) governor.hear('unit.rejected', {})
    assert.equal(slots, 0)
    assert.match(governor.why().text, /results that others did not get/)
    await governor.resume()
    assert.equal(slots, 2)
  })

  it('says what a coordinator said no for, until it may be asked again', () => {
    governor.hear('lease.refused', { reason: 'nothing-open', retryAfterMs: 5000 })
    assert.deepEqual(governor.why().untilMs, atMs + 5000)
    governor.hear('lease.taken', {})
    assert.equal(governor.why().reason, 'waiting-for-work')
    governor.hear('owner.unreachable', {})
    assert.equal(governor.why().reason, 'unreachable')
  })
})
