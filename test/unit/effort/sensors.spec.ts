/** Sensors on files of the kernel's own form; the real ones of this machine answer in time. */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  cpuTimesOf,
  isOnBattery,
  openSensors,
  othersShare
} from '../../../node/service/effort/sensors.ts'

const STAT = 'cpu  100 20 30 800 50 0 0 0 40 0\ncpu0 100 20 30 800 50 0 0 0 40 0\n'

describe('sensors', () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'driftmesh-sensors-'))
  })
  after(() => rm(folder, { recursive: true, force: true }))

  it('processor times: waiting for a disk is idle, guests are not counted twice', () => {
    assert.deepEqual(cpuTimesOf(STAT), { busyMs: 1500, allMs: 10_000 })
    assert.equal(cpuTimesOf('intr 1 2 3'), undefined)
    assert.equal(cpuTimesOf(''), undefined)
  })

  it('what others use is what is busy without us', () => {
    const before = { busyMs: 1000, allMs: 10_000 }
    assert.equal(othersShare(before, { busyMs: 1600, allMs: 12_000 }, 200), 0.2)
    assert.equal(othersShare(before, { busyMs: 1100, allMs: 12_000 }, 200), 0)
    assert.equal(othersShare(before, before, 0), undefined)
  })

  it('battery', () => {
    const battery = (status: string) => ({ type: 'Battery', status })
    const mains = (online: string) => ({ type: 'Mains', online })
    assert.equal(isOnBattery([]), undefined)
    assert.equal(isOnBattery([mains('1')]), false)
    assert.equal(isOnBattery([mains('1'), battery('Charging')]), false)
    assert.equal(isOnBattery([mains('0'), battery('Discharging')]), true)
    assert.equal(isOnBattery([mains('0'), battery('Unknown')]), true)
    assert.equal(isOnBattery([battery('Full')]), false)
    assert.equal(isOnBattery([battery('Discharging')]), true)
  })

  it('reads them from files, and knows nothing without them', async () => {
    const places = {
      proc: join(folder, 'proc'),
      sys: join(folder, 'sys'),
      dev: join(folder, 'dev')
    }
    const nothing = await openSensors(() => 0, places)()
    assert.equal(nothing.isOnBattery, undefined)
    assert.equal(nothing.othersCpuShare, undefined)
    assert.equal(nothing.isUserActive, undefined)
    const battery = join(places.sys, 'class/power_supply/BAT0')
    await mkdir(battery, { recursive: true })
    await writeFile(join(battery, 'type'), 'Battery\n')
    await writeFile(join(battery, 'status'), 'Discharging\n')
    await mkdir(places.proc)
    await writeFile(join(places.proc, 'stat'), STAT)
    const terminals = join(places.dev, 'pts')
    await mkdir(terminals, { recursive: true })
    await writeFile(join(terminals, '0'), '')
    let ownMs = 0
    const read = openSensors(() => ownMs, places)
    const first = await read()
    assert.equal(first.isOnBattery, true)
    assert.equal(first.isUserActive, true)
    await utimes(join(terminals, '0'), 0, 0)
    await writeFile(join(places.proc, 'stat'), 'cpu  200 20 30 900 50 0 0 0 40 0\n')
    ownMs = 500
    const second = await read()
    assert.equal(second.isUserActive, false)
    assert.equal(second.othersCpuShare, 0.25)
  })

  it('those of this machine answer', async () => {
    const reading = await openSensors(() => 0)()
    assert.ok(reading.minuteOfWeek >= 0 && reading.minuteOfWeek < 7 * 24 * 60)
    if (process.platform === 'linux') {
      const again = openSensors(() => 0)
      await again()
      assert.ok(reading.othersCpuShare === undefined)
    }
  })
})
