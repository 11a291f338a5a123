/**
 * What this machine says of itself, for the pause rules. Linux only, from /proc, /sys and the
 * times of terminals; elsewhere, and where a file is missing, the answer is "unknown", which pauses
 * nothing.
 */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Reading } from '../../worker/effort/rules.ts'

/** Who typed in the last minute uses the machine. */
const ACTIVE_MS = 60_000
/** /proc/stat counts hundredths of a second on every Linux that Node runs on. */
const TICK_MS = 10
/** A machine has a few terminals; one with more is a server with other troubles. */
const TERMINALS_MAX = 64

/** Busy and all milliseconds of all cores since boot. */
export interface CpuTimes {
  readonly busyMs: number
  readonly allMs: number
}

/** The first line of /proc/stat; undefined when it is none. */
export function cpuTimesOf(stat: string): CpuTimes | undefined {
  const numbers = /^cpu\s+([\d ]+)/.exec(stat)?.[1]?.trim().split(/\s+/).map(Number)
  if (numbers === undefined || numbers.length < 5) return undefined
  // user nice system idle iowait irq softirq steal; guests are counted in user and nice already
  const all = numbers.slice(0, 8).reduce((sum, each) => sum + each, 0)
  const idle = (numbers[3] ?? 0) + (numbers[4] ?? 0)
  return { busyMs: (all - idle) * TICK_MS, allMs: all * TICK_MS }
}

/** Share of all cores that others used between two readings, of which `ownMs` were ours. */
export function othersShare(before: CpuTimes, after: CpuTimes, ownMs: number): number | undefined {
  const allMs = after.allMs - before.allMs
  if (allMs <= 0) return undefined
  return Math.min(Math.max((after.busyMs - before.busyMs - ownMs) / allMs, 0), 1)
}

export interface Supply {
  /** Mains, Battery, USB, … */
  readonly type: string
  readonly online?: string | undefined
  readonly status?: string | undefined
}

/** No supply at all is a desktop or a server: not on battery, as far as anybody knows. */
export function isOnBattery(supplies: readonly Supply[]): boolean | undefined {
  const mains = supplies.filter(({ type }) => type !== 'Battery' && type !== '')
  if (mains.some(({ online }) => online === '1')) return false
  const batteries = supplies.filter(({ type }) => type === 'Battery')
  if (batteries.length === 0) return undefined
  if (batteries.some(({ status }) => status === 'Discharging')) return true
  return mains.length > 0 && mains.every(({ online }) => online === '0')
}

const textOf = (path: string): Promise<string | undefined> =>
  readFile(path, 'utf8').then(
    (text) => text.trim(),
    () => undefined
  )

async function suppliesIn(folder: string): Promise<Supply[]> {
  const names = await readdir(folder).catch((): string[] => [])
  return Promise.all(
    names.map(async (name) => ({
      type: (await textOf(join(folder, name, 'type'))) ?? '',
      online: await textOf(join(folder, name, 'online')),
      status: await textOf(join(folder, name, 'status'))
    }))
  )
}

/** Was something typed into a terminal lately? A graphical session without one is not seen. */
async function isUserActive(folder: string, nowMs: number): Promise<boolean | undefined> {
  const names = (await readdir(folder).catch((): string[] => [])).filter((n) => /^\d+$/.test(n))
  if (names.length === 0) return undefined
  const times = await Promise.all(
    names.slice(0, TERMINALS_MAX).map((name) =>
      stat(join(folder, name)).then(
        ({ atimeMs }) => atimeMs,
        () => 0
      )
    )
  )
  return nowMs - Math.max(...times) < ACTIVE_MS
}

const minuteOfWeek = (now: Date): number =>
  ((now.getDay() + 6) % 7) * 24 * 60 + now.getHours() * 60 + now.getMinutes()

/** Reads all sensors; the shares are those since the last reading. */
export type Sensors = () => Promise<Reading>

export interface SensorPlaces {
  readonly proc: string
  readonly sys: string
  readonly dev: string
}

const PLACES: SensorPlaces = { proc: '/proc', sys: '/sys', dev: '/dev' }

/** @param ownMs processor time that this process used so far */
export function openSensors(
  ownMs: () => number,
  { proc, sys, dev }: SensorPlaces = PLACES
): Sensors {
  let last: { times: CpuTimes; ownMs: number } | undefined
  return async () => {
    const nowMs = Date.now()
    const times = cpuTimesOf((await textOf(join(proc, 'stat'))) ?? '')
    const own = ownMs()
    const othersCpuShare =
      last === undefined || times === undefined
        ? undefined
        : othersShare(last.times, times, own - last.ownMs)
    if (times !== undefined) last = { times, ownMs: own }
    return {
      atMs: nowMs,
      isOnBattery: isOnBattery(await suppliesIn(join(sys, 'class/power_supply'))),
      othersCpuShare,
      isUserActive: await isUserActive(join(dev, 'pts'), nowMs),
      minuteOfWeek: minuteOfWeek(new Date(nowMs))
    }
  }
}
