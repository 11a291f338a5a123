/**
 * The tracks of a forecast as CSV (DESIGN §4): one row per tracked particle, member and output
 * time, sorted by member, particle and time. The file appears whole or not at all.
 */
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { MeshError } from '../mesh-error.ts'
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

/** @throws MeshError cli/usage when the path is a folder or its parent is not one */
export async function checkTracksPath(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (found?.isDirectory()) {
    throw new MeshError('cli/usage', `${path} is a folder: give --tracks the name of a file`)
  }
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

  /** Writes everything to `path` in one rename. @throws MeshError store/failed, store/full */
  async write(path: string, signal?: AbortSignal): Promise<void> {
    const target = resolve(path)
    const partial = join(dirname(target), `.${basename(target)}.${process.pid}.partial`)
    try {
      await mkdir(dirname(target), { recursive: true })
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
      await rename(partial, target)
    } catch (cause) {
      // Where even this fails, the first failure is the one to tell.
      await rm(partial, { force: true }).catch(() => undefined)
      throw diskFailure(path, cause)
    }
  }
}

function diskFailure(path: string, cause: unknown): unknown {
  if (!(cause instanceof Error) || !('syscall' in cause)) return cause
  const { code } = cause as NodeJS.ErrnoException
  const isFull = code === 'ENOSPC' || code === 'EDQUOT'
  const message = `cannot write ${path}: ${cause.message}`
  return new MeshError(isFull ? 'store/full' : 'store/failed', message, { cause })
}
