/**
 * The one contract by which ocean model files are read, whatever their format: open, describe,
 * read a box of a variable. Adapters hand out raw numbers as stored; unpacking, missing values and
 * meaning belong to the files beside this one.
 */
import { MeshError } from '../../mesh-error.ts'

export interface Dimension {
  readonly name: string
  readonly count: number
}

export type StoredType = 'int' | 'float32' | 'float64' | 'text'

export interface DataVariable {
  readonly name: string
  readonly dimensions: readonly Dimension[]
  readonly type: StoredType
  /** Text, or numbers (one or more), as stored. */
  readonly attributes: ReadonlyMap<string, string | readonly number[]>
}

/** First index and count along one dimension. */
export type Range = readonly [first: number, count: number]

/** Numbers as stored; `float32` may come as such, all others as doubles. */
export type Stored = Float64Array | Float32Array

export interface DataFile {
  readonly file: string
  readonly format: 'NetCDF-3' | 'NetCDF-4'
  readonly variables: ReadonlyMap<string, DataVariable>
  /**
   * Raw values of a box, C order, in an array of the caller's own; one range per dimension.
   * @throws MeshError `forcing/unreadable`
   */
  read(variable: string, ranges: readonly Range[]): Promise<Stored>
  close(): Promise<void>
}

/** One line: which file, what is wrong, what to do. */
export const unreadable = (
  file: string,
  what: string,
  advice: string,
  cause?: unknown
): MeshError =>
  new MeshError('forcing/unreadable', `${file}: ${what}; ${advice}`, { cause, detail: { file } })
