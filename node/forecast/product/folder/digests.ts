/**
 * SHA-256 of what a folder holds as it passes by, for those who check without knowing CIDs: files
 * at its top, and arrays by their values, whatever compressed them.
 */
import { createHash } from 'node:crypto'
import type { CID } from 'multiformats/cid'
import { toString as bytesToString } from 'uint8arrays/to-string'
import type { FolderFile } from '../zarr/zarr.ts'
import type { FolderItem } from './catalogue.ts'
import type { SpooledLeaves } from './spooled-file.ts'

export interface FileDigest {
  readonly byteCount: number
  readonly sha256: Uint8Array
}

/** An item of the catalogue once it is written; folders have no digest of their own. */
export interface DescribedItem extends FolderItem {
  readonly cid: CID
  readonly digest: FileDigest | undefined
}

type ProductFile = FolderFile | SpooledLeaves

export class Digests {
  /** Files at the top of the folder. */
  readonly files = new Map<string, FileDigest>()
  /** By store and array: the digest of each chunk by its key. */
  readonly #chunks = new Map<string, Map<string, Uint8Array>>()

  /** Passes files on and notes them. */
  async *noting(files: AsyncIterable<ProductFile>): AsyncGenerator<ProductFile> {
    for await (const file of files) {
      if ('leaves' in file) this.files.set(file.path, file)
      else if (file.valuesSha256 !== undefined) this.#noteChunk(file.path, file.valuesSha256)
      else if (!file.path.includes('/')) {
        const sha256 = createHash('sha256').update(file.bytes).digest()
        this.files.set(file.path, { byteCount: file.bytes.length, sha256 })
      }
      yield file
    }
  }

  /**
   * Hexadecimal SHA-256 by path. Of an array: over the digests of its uncompressed chunks in the
   * order of the chunk grid, the last dimension fastest.
   */
  contents(): Record<string, string> {
    const found: Record<string, string> = {}
    for (const [path, { sha256 }] of this.files) found[path] = bytesToString(sha256, 'base16')
    for (const [array, chunks] of this.#chunks) {
      const hash = createHash('sha256')
      const keys = [...chunks.keys()].sort(byChunkGrid)
      for (const key of keys) hash.update(chunks.get(key) ?? new Uint8Array(0))
      found[array] = hash.digest('hex')
    }
    return found
  }

  #noteChunk(path: string, sha256: Uint8Array): void {
    const [store = '', array = '', ...key] = path.split('/')
    const name = `${store}/${array}`
    const chunks = this.#chunks.get(name) ?? new Map<string, Uint8Array>()
    this.#chunks.set(name, chunks)
    chunks.set(key.join('/'), sha256)
  }
}

function byChunkGrid(left: string, right: string): number {
  const [one, other] = [left, right].map((key) => key.split('/').map(Number))
  for (const [index, part] of (one ?? []).entries()) {
    const difference = part - (other?.[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** Items of a catalogue that were written; a foreign viewer may come without its page. */
export const described = (
  items: readonly FolderItem[],
  files: ReadonlyMap<string, CID>,
  digests: ReadonlyMap<string, FileDigest>
): DescribedItem[] =>
  items.flatMap((item) => {
    const cid = files.get(item.path)
    return cid === undefined ? [] : { ...item, cid, digest: digests.get(item.path) }
  })
