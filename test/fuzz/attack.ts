/**
 * Mutated data files of every format, opened, described, understood and read as a user would.
 * Whatever they hold, the answer is values or one clear failure, in bounded time and memory.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { inspectFiles } from '../../node/forcing/inspect/inspect-files.ts'
import type { DataFile, Range } from '../../node/forcing/read/data-file.ts'
import { HDF5_CALL_MS_MAX } from '../../node/forcing/read/limits.ts'
import { openDataFile } from '../../node/forcing/read/open-data-file.ts'
import { isMeshError } from '../../node/mesh-error.ts'
import { fixtureFile, storeFiles } from '../contract/reader-fixtures.ts'
import { mutate, mutateJson, randomOf } from './mutate.ts'

/** Opening it twice, each time hanging the HDF5 library once, and the rest on a busy machine. */
export const FILE_MS_MAX = 2 * HDF5_CALL_MS_MAX + 30_000
/** Of the whole process: the HDF5 library's 768 MiB and one box of the greatest size, twice. */
export const RESIDENT_BYTES_MAX = 1536 * 2 ** 20

const FILES = [
  'classic.nc',
  'offset64.nc',
  'data64.nc',
  'netcdf4.nc',
  'deflate.nc',
  'group.nc',
  'zstd.h5',
  'blosc.h5',
  'lzf.h5',
  'bitshuffle.h5'
]
const STORES = ['v2-blosc.zarr', 'v2-lz4.zarr', 'v3-zstd.zarr', 'v3-shards.zarr']

export interface Attack {
  readonly seed: number
  readonly source: string
  readonly how: string
  readonly outcome: 'read' | 'refused'
  /** What is wrong with the answer: absent when all is well. */
  readonly defect?: string
  readonly ms: number
}

/** Makes the file of a seed and lets the readers have it. */
export async function attack(seed: number, folder: string): Promise<Attack> {
  const random = randomOf(seed)
  const pick = random(FILES.length + STORES.length)
  const name = FILES[pick] ?? STORES[pick - FILES.length] ?? ''
  const isStore = pick >= FILES.length
  const path = join(folder, `${seed}-${name}`)
  const how = isStore ? writeStore(name, path, random) : writeFile(name, path, random)
  const started = performance.now()
  try {
    const { outcome, defect } = await judge(path)
    const ms = performance.now() - started
    const late = ms > FILE_MS_MAX ? `took ${ms} ms` : defect
    const base = { seed, source: name, how, outcome, ms }
    return late === undefined ? base : { ...base, defect: late }
  } finally {
    rmSync(path, { recursive: true, force: true })
  }
}

function writeFile(name: string, path: string, random: ReturnType<typeof randomOf>): string {
  const { how, bytes } = mutate(readFileSync(fixtureFile(name)), random)
  writeFileSync(path, bytes)
  return how
}

function writeStore(name: string, path: string, random: ReturnType<typeof randomOf>): string {
  const files = storeFiles(name)
  const keys = [...files.keys()].sort()
  const isMeta = random(2) === 0
  const candidates = keys.filter((key) => /\.z\w+$|zarr\.json$/.test(key) === isMeta)
  const hit = candidates[random(candidates.length)] ?? ''
  let how = ''
  for (const [key, bytes] of files) {
    const isJson = isMeta && random(4) !== 0
    const text = Buffer.from(bytes).toString()
    const mutated = isJson ? () => mutateJson(text, random) : () => mutate(bytes, random)
    const result = key === hit ? mutated() : { how: '', bytes }
    how ||= result.how
    mkdirSync(dirname(join(path, key)), { recursive: true })
    writeFileSync(join(path, key), result.bytes)
  }
  return `${how} ${hit}`
}

async function judge(path: string): Promise<Pick<Attack, 'outcome' | 'defect'>> {
  try {
    const file = await openDataFile(path)
    try {
      for (const { name } of file.variables.values()) await readSome(file, name)
    } finally {
      await file.close()
    }
    await inspectFiles([path], { signal: AbortSignal.timeout(FILE_MS_MAX) })
    return { outcome: 'read' }
  } catch (error) {
    const defect = defectOf(error)
    return defect === undefined ? { outcome: 'refused' } : { outcome: 'refused', defect }
  }
}

/** The whole variable where that is allowed; a variable that cannot be read is no defect. */
async function readSome(file: DataFile, name: string): Promise<void> {
  const ranges = file.variables.get(name)?.dimensions.map(({ count }): Range => [0, count]) ?? []
  try {
    const values = await file.read(name, ranges)
    const expected = ranges.reduce((product, [, count]) => product * count, 1)
    if (values.length !== expected) throw new Error(`${values.length} values of ${expected}`)
  } catch (error) {
    const defect = defectOf(error)
    if (defect !== undefined) throw error
  }
}

/** A clear failure is a MeshError in one printable line; all else is a defect of ours. */
function defectOf(error: unknown): string | undefined {
  if (!isMeshError(error)) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error)
  }
  const isPrintable = [...error.message].every((c) => c >= ' ' && !(c >= '\x7f' && c < '\xa0'))
  if (!isPrintable) return `control characters in ${JSON.stringify(error.message)}`
  return error.message.length > 1000 ? `a message of ${error.message.length} characters` : undefined
}
