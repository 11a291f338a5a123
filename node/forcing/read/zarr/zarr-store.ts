/**
 * Where the objects of a Zarr store lie: a folder, a web server, the mesh. Keys are absolute paths
 * (`/uo/0.0.0`), as zarrita asks for them.
 */
import { METADATA_BYTES_MAX } from '../limits.ts'

/** Part of an object: from an offset, or its end. */
export type ByteRange =
  | { readonly offset: number; readonly length: number }
  | { readonly suffixLength: number }

interface GetOptions {
  readonly signal?: AbortSignal | undefined
}

export interface ZarrStore {
  /** As the user named it. */
  readonly place: string
  /** Undefined where there is no such object. @throws MeshError where it cannot be told */
  get(key: `/${string}`, options?: GetOptions): Promise<Uint8Array | undefined>
  getRange(
    key: `/${string}`,
    range: ByteRange,
    options?: GetOptions
  ): Promise<Uint8Array | undefined>
  /** Keys of all metadata objects; absent where objects cannot be listed. */
  listMetadata?(options?: GetOptions): Promise<`/${string}`[]>
}

/** Names of metadata objects of both versions. */
export const METADATA_NAMES: ReadonlySet<string> = new Set(['.zarray', '.zattrs', 'zarr.json'])
/** Groups within groups that are looked into. */
export const GROUP_DEPTH_MAX = 4

/** A metadata object, parsed; undefined where there is none. @throws SyntaxError */
export async function readJson(
  store: ZarrStore,
  key: `/${string}`,
  signal: AbortSignal | undefined
): Promise<unknown> {
  const bytes = await store.get(key, { signal })
  if (bytes === undefined) return undefined
  if (bytes.length > METADATA_BYTES_MAX) throw new SyntaxError(`${bytes.length} bytes`)
  return JSON.parse(new TextDecoder().decode(bytes))
}
