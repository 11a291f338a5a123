/**
 * What kills cost: segments that a volunteer had computed and computed again. A unit may start anew
 * only under another lease.
 */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openLedger } from '../../../node/store/ledger.ts'
import { decodeRecord } from '../../../node/worker/volunteer/record.ts'
import { cborCid } from '../../../protocol/canonical.ts'
import { bodyOf } from '../../../protocol/signed.ts'

/** One line per segment: unit, process, segments of the unit done, milliseconds of the process. */
export const SEGMENTS_FILE = 'segments.log'

export interface SegmentsLost {
  /** Units that went on in another process than they began in. */
  readonly resumed: number
  /** Whole segments computed again, most of one kill and in all. */
  readonly lostMax: number
  readonly lost: number
  /** Segments that followed another one in the same process. */
  readonly computed: number
  /** Median of the time between two segments of one process. */
  readonly segmentMs: number
}

interface Line {
  readonly pid: string
  readonly count: number
  readonly atMs: number
}

async function linesByUnit(home: string): Promise<Map<string, Line[]>> {
  const units = new Map<string, Line[]>()
  const text = await readFile(join(home, SEGMENTS_FILE), 'utf8').catch(() => '')
  for (const line of text.split('\n')) {
    const [unit, pid, count, atMs] = line.split(' ')
    if (unit === undefined || pid === undefined || atMs === undefined) continue
    const lines = units.get(unit) ?? []
    units.set(unit, lines)
    lines.push({ pid, count: Number(count), atMs: Number(atMs) })
  }
  return units
}

/** How many leases of each unit a volunteer that is not running ever had. */
async function leasesByUnit(home: string): Promise<Map<string, number>> {
  const ledger = await openLedger(join(home, 'records'))
  const leases = new Map<string, number>()
  for await (const entry of ledger.entries()) {
    const record = decodeRecord(entry)
    if (record.kind !== 'leased') continue
    const unit = `${cborCid(bodyOf('lease-grant', record.grant).unit)}`
    leases.set(unit, (leases.get(unit) ?? 0) + 1)
  }
  await ledger.close()
  return leases
}

/** What one unit cost at one volunteer. */
interface UnitCost {
  /** Whole segments lost in each kill. */
  readonly losses: readonly number[]
  /** Milliseconds of each segment. */
  readonly times: readonly number[]
  /** How often it began at its first segment. */
  readonly begun: number
}

function costOf(lines: readonly Line[]): UnitCost {
  const losses: number[] = []
  const times: number[] = []
  let begun = 1
  for (const [index, line] of lines.entries()) {
    const before = lines[index - 1]
    if (before === undefined) continue
    const isNext = before.pid === line.pid && line.count > before.count
    if (isNext) times.push(line.atMs - before.atMs)
    else if (line.count === 1 && before.count > 1) begun += 1
    else losses.push(before.count - (line.count - 1))
  }
  return { losses, times, begun }
}

/** @throws AssertionError when a unit began anew without another lease */
export async function segmentsLost(homes: readonly string[]): Promise<SegmentsLost> {
  const losses: number[] = []
  const times: number[] = []
  for (const home of homes) {
    const leases = await leasesByUnit(home)
    for (const [unit, lines] of await linesByUnit(home)) {
      const cost = costOf(lines)
      const leased = leases.get(unit) ?? 0
      assert.ok(cost.begun <= leased, `${unit} began ${cost.begun} times, leased ${leased} times`)
      losses.push(...cost.losses)
      times.push(...cost.times)
    }
  }
  return {
    resumed: losses.length,
    lostMax: Math.max(0, ...losses),
    lost: losses.reduce((sum, one) => sum + one, 0),
    computed: times.length,
    segmentMs: times.sort((a, b) => a - b)[times.length >> 1] ?? 0
  }
}
