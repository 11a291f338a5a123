/** What a fetch consists of, whatever its source: files to get, and whom to thank for them. */
import type { DataSet } from './catalogue/data-set.ts'
import type { FileDigest } from './checksum.ts'
import type { TransferContext } from './transfer/download.ts'

export interface FetchPiece {
  /** Name of the file in the set's folder. */
  readonly file: string
  /** Where it comes from, without secrets. */
  readonly url: string
  /** Gets it to a path, whole or not at all. */
  get(path: string, bytesMax: number, context: TransferContext): Promise<FileDigest>
}

export interface FetchJob {
  readonly pieces: readonly FetchPiece[]
  /** Of all pieces, where it can be told beforehand. */
  readonly estimatedBytes: number | undefined
  /** A name for the set, if the user gives none. */
  readonly name: string
  readonly source: DataSet['source']
  readonly request: Readonly<Record<string, string>>
  /** What the data set says of itself. */
  readonly title?: string | undefined
  readonly attribution?: string | undefined
  readonly license?: string | undefined
  readonly notes: readonly string[]
}
