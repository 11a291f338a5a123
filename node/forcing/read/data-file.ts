/**
 * The one contract by which ocean model files are read, whatever their format: open, describe,
 * read a box of a variable. Adapters hand out raw numbers as stored; unpacking, missing values and
 * meaning belong to the files beside this folder. test/contract/readers.ts holds every adapter to
 * it.
 */
import { MeshError } from '../../mesh-error.ts'
import type { Blocks } from '../../store/blocks.ts'

export interface Dimension {
  readonly name: string
  readonly count: number
}

export type StoredType = 'int' | 'float32' | 'float64' | 'text'

export interface DataVariable {
  readonly name: string
  readonly dimensions: readonly Dimension[]
  readonly type: StoredType
  /** Width of whole numbers that are stored with a sign; where the format tells. */
  readonly signedBits?: number
  /** Text, or numbers (one or more), as stored. */
  readonly attributes: ReadonlyMap<string, string | readonly number[]>
}

/** First index and count along one dimension. */
export type Range = readonly [first: number, count: number]

/** Numbers as stored; `float32` may come as such, all others as doubles. */
export type Stored = Float64Array | Float32Array

export type Numbers =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array

/** An array of any numbers in the form in which they are handed out; floats stay as they are. */
export function asStored(values: Numbers): Stored {
  if (values instanceof Float32Array || values instanceof Float64Array) return values
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) {
    return Float64Array.from(values, Number)
  }
  // Whole numbers of 16 bits are the same in f32, in half the memory.
  return values.BYTES_PER_ELEMENT <= 2 ? new Float32Array(values) : new Float64Array(values)
}

export interface DataFile {
  readonly file: string
  readonly format: 'NetCDF-3' | 'NetCDF-4' | 'Zarr'
  readonly variables: ReadonlyMap<string, DataVariable>
  /**
   * Raw values of a box, C order, in an array of the caller's own; one range per dimension.
   * @throws MeshError `forcing/unreadable`
   */
  read(variable: string, ranges: readonly Range[], signal?: AbortSignal): Promise<Stored>
  close(): Promise<void>
}

/** What opening may need beyond the name. */
export interface OpenOptions {
  /** Where `ipfs://` sources come from. */
  readonly inputs?: Pick<Blocks, 'get'> | undefined
  readonly signal?: AbortSignal | undefined
}

/** One line: which file, what is wrong, what to do. */
export const unreadable = (
  file: string,
  what: string,
  advice: string,
  cause?: unknown
): MeshError =>
  new MeshError('forcing/unreadable', `${file}: ${what}; ${advice}`, { cause, detail: { file } })
