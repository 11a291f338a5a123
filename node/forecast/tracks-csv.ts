/**
 * The tracks of a forecast as CSV (DESIGN §4): one row per tracked particle, member and output
 * time, sorted by member, particle and time. The file appears whole or not at all.
 */
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { diskFailure } from './output-target.ts'
import type { TrackRow } from './product/product-stores.ts'

const HEADER = 'particle,member,time,lon,lat,status\n'
/** 1e-7 degrees are a centimetre, the quantum of positions at 1/12 degree. */
const DECIMALS = 7

/** A position with 7 decimals; toFixed is exact by specification, unlike a printf of the host. */
export const formatCoordinate = (value: number): string => {
  const text = value.toFixed(DECIMALS)
  return Number(text) === 0 ? (0).toFixed(DECIMALS) : text
}

/** `2014-05-17T12:30:00Z` */
const formatTime = (seconds: number): string =>
  `${new Date(seconds * 1000).toISOString().slice(0, -5)}Z`

export const formatRow = (row: TrackRow): string =>
  [
    row.particle,
    row.member,
    formatTime(row.timeSeconds),
    formatCoordinate(row.lon),
    formatCoordinate(row.lat),
    row.status
  ].join(',')

/** What is written together with the tracks: both are there at the end, or neither. */
export interface OtherOutput {
  readonly folder: string
  make(): Promise<void>
}

/** Beside the target; beside the other output's folder where the target will lie in that. */
function draftFolder(target: string, beside: OtherOutput | undefined): string {
  const folder = beside === undefined ? undefined : resolve(beside.folder)
  const isInside = folder !== undefined && target.startsWith(join(folder, sep))
  return isInside ? dirname(folder) : dirname(target)
}

/** Rows as they come, in whatever order of time, until they are written. */
export class TracksCsv {
  /** Rows of each particle of each member; they arrive in order of time. */
  readonly #rows = new Map<number, Map<number, string[]>>()

  add(row: TrackRow): void {
    const member = this.#rows.get(row.member) ?? new Map<number, string[]>()
    this.#rows.set(row.member, member)
    const rows = member.get(row.particle)
    if (rows === undefined) member.set(row.particle, [formatRow(row)])
    else rows.push(formatRow(row))
  }

  *#sorted(): Iterable<string> {
    const byKey = <V>(map: Map<number, V>): V[] =>
      [...map].sort(([a], [b]) => a - b).map(([, value]) => value)
    for (const member of byKey(this.#rows)) {
      for (const rows of byKey(member)) yield `${rows.join('\n')}\n`
    }
  }

  /**
   * Writes everything, then makes the other output `beside` it, then names it `path` in one
   * rename; when anything fails, nothing is left.
   * @throws MeshError store/failed, store/full, and what `beside.make` throws
   */
  async write(path: string, signal?: AbortSignal, beside?: OtherOutput): Promise<void> {
    const target = resolve(path)
    const draftDir = draftFolder(target, beside)
    const partial = join(draftDir, `.${basename(target)}.${process.pid}.partial`)
    try {
      await mkdir(draftDir, { recursive: true })
      const file = await open(partial, 'w')
      try {
        await file.write(HEADER)
        for (const rows of this.#sorted()) {
          signal?.throwIfAborted()
          await file.write(rows)
        }
      } finally {
        await file.close()
      }
      await beside?.make()
      await mkdir(dirname(target), { recursive: true })
      await rename(partial, target)
    } catch (cause) {
      // Where even this fails, the first failure is the one to tell.
      await rm(partial, { force: true }).catch(() => undefined)
      throw diskFailure(path, cause)
    }
  }
}
