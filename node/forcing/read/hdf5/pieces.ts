/**
 * A large box in pieces of whole chunks: the library and the copy out of its memory then need room
 * for a piece, not for a slice of a global grid, and no chunk is unpacked twice.
 */
import type { Dataset } from 'h5wasm/node'
import { letGo } from '../../let-go.ts'
import type { Numbers, Range } from '../data-file.ts'
import { readBox } from './hdf5-content.ts'

/** Bytes of a piece, about; a row of chunks may be more. */
const PIECE_BYTES = 8 * 1024 * 1024

/** As {@link readBox}, along the first dimension of which more than one index is wanted. */
export function readPieces(dataset: Dataset, ranges: readonly Range[]): Numbers {
  const { chunks, size } = dataset.metadata
  const along = ranges.findIndex(([, count]) => count > 1)
  const [first, count] = ranges[along] ?? [0, 0]
  const rowNumbers = ranges.slice(along + 1).reduce((product, [, n]) => product * n, 1)
  if (along < 0 || rowNumbers * count * size <= PIECE_BYTES) return readBox(dataset, ranges)
  const chunk = chunks?.[along] ?? 1
  const chunksPerPiece = Math.max(1, Math.floor(PIECE_BYTES / (chunk * rowNumbers * size)))
  let whole: Numbers | undefined
  for (let from = first; from < first + count; ) {
    const next = (Math.floor(from / chunk) + chunksPerPiece) * chunk
    const rows = Math.min(next, first + count) - from
    const box = ranges.map((range, index): Range => (index === along ? [from, rows] : range))
    const piece = readBox(dataset, box)
    whole ??= new (piece.constructor as new (length: number) => Numbers)(count * rowNumbers)
    whole.set(piece as never, (from - first) * rowNumbers)
    letGo(piece)
    from += rows
  }
  return whole ?? readBox(dataset, ranges)
}
