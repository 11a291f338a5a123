/**
 * HDF5 unpacks whole chunks and forgets them. Where a chunk spans several times, slices that are
 * asked one after the other would unpack it again each time; so all the times of a chunk are read
 * at once and kept until others are asked for.
 */
import type { Dataset } from 'h5wasm/node'
import type { Numbers, Range } from '../data-file.ts'
import { readBox } from './hdf5-content.ts'
import { readPieces } from './pieces.ts'

/** Bytes of one slab as stored; larger ones are read slice by slice. */
const SLAB_BYTES_MAX = 64 * 1024 * 1024
/** Both components of a field. */
const SLABS_MAX = 2

interface Slab {
  readonly key: string
  readonly values: Numbers
}

export class SlabCache {
  readonly #slabs: Slab[] = []

  read(dataset: Dataset, ranges: readonly Range[]): Numbers {
    const slab = slabOf(dataset, ranges)
    const [first, count] = ranges[0] ?? [0, 0]
    if (slab === undefined) return readPieces(dataset, ranges)
    const key = JSON.stringify([dataset.file_id.toString(), dataset.path, slab])
    const values = this.#find(key) ?? this.#keep({ key, values: readBox(dataset, slab) })
    const [from, length] = slab[0] ?? [0, 1]
    const step = values.length / length
    return values.slice((first - from) * step, (first - from + count) * step)
  }

  clear(): void {
    this.#slabs.length = 0
  }

  #find(key: string): Numbers | undefined {
    return this.#slabs.find((slab) => slab.key === key)?.values
  }

  #keep(slab: Slab): Numbers {
    this.#slabs.push(slab)
    if (this.#slabs.length > SLABS_MAX) this.#slabs.shift()
    return slab.values
  }
}

/** The box of whole chunks along the first dimension that holds a smaller one, if it pays. */
function slabOf({ metadata }: Dataset, ranges: readonly Range[]): readonly Range[] | undefined {
  const { chunks, shape, size } = metadata
  const [[first, count] = [0, 0], ...rest] = ranges
  const chunk = chunks?.[0] ?? 1
  if (count >= chunk || count === 0) return undefined
  const from = Math.floor(first / chunk) * chunk
  const to = Math.min(shape?.[0] ?? 0, Math.ceil((first + count) / chunk) * chunk)
  const bytes = rest.reduce((product, [, n]) => product * n, (to - from) * size)
  return bytes <= SLAB_BYTES_MAX ? [[from, to - from], ...rest] : undefined
}
