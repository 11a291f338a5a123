/**
 * The compression filters of HDF5: which can be read, and the names of those that cannot. Known
 * before a byte is read, because HDF5 itself tells of a missing filter late, or not at all.
 */
import { fileURLToPath } from 'node:url'

/** Registered numbers (HDF Group, Registered Filter Plugins). Built in below 32, others plugins. */
const READABLE: ReadonlyMap<number, string> = new Map([
  [1, 'deflate'],
  [2, 'shuffle'],
  [3, 'fletcher32'],
  [4, 'szip'],
  [5, 'nbit'],
  [6, 'scaleoffset'],
  [307, 'bzip2'],
  [32_000, 'lzf'],
  [32_001, 'blosc'],
  [32_004, 'lz4'],
  [32_008, 'bitshuffle'],
  [32_013, 'zfp'],
  [32_015, 'zstd'],
  [32_022, 'bitgroom'],
  [32_023, 'granular bitround'],
  [32_026, 'blosc2']
])
const KNOWN_ONLY: ReadonlyMap<number, string> = new Map([
  [305, 'lzo'],
  [32_005, 'pixy'],
  [32_016, 'sz (old)'],
  [32_017, 'sz'],
  [32_018, 'jpeg-ls (fcidecomp)'],
  [32_019, 'jpeg'],
  [32_024, 'sz3'],
  [32_028, 'sperr'],
  [32_029, 'lerc'],
  [32_033, 'ffmpeg']
])
const BLOSC = 32_001
/** Code of the compressor within blosc 1, its seventh parameter; the plugin lacks two of them. */
const BLOSC_LACKS: ReadonlyMap<number, string> = new Map([
  [3, 'blosc with snappy'],
  [4, 'blosc with zlib']
])

export interface AppliedFilter {
  readonly id: number
  readonly cd_values: readonly number[]
}

/** Name of the first filter that cannot be undone, if there is one. */
export function missingFilter(filters: readonly AppliedFilter[]): string | undefined {
  for (const { id, cd_values: parameters } of filters) {
    const lacking = id === BLOSC ? BLOSC_LACKS.get(parameters[6] ?? -1) : undefined
    if (lacking !== undefined) return lacking
    if (!READABLE.has(id)) return KNOWN_ONLY.get(id) ?? `number ${id}`
  }
  return undefined
}

/** Folder of the filters that are plugins: beside the chunk in the bundle. */
export const pluginFolder = (): string =>
  import.meta.url.endsWith('.mjs')
    ? fileURLToPath(new URL('./hdf5-plugins', import.meta.url))
    : fileURLToPath(new URL('plugins', import.meta.resolve('h5wasm-plugins')))
