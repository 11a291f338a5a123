/**
 * Zarr's compressors with an end: a damaged or hostile chunk may state, or unpack to, any number of
 * bytes, and zarrita's own codecs go along. gzip, zlib and zstd are Node's, which stop at a limit;
 * blosc and lz4 say in their headers what they will become.
 */
import { promisify } from 'node:util'
import { gunzip, inflate, zstdDecompress } from 'node:zlib'
import { registry } from 'zarrita'
import { CHUNK_BYTES_MAX } from '../limits.ts'

type Entry = Awaited<ReturnType<NonNullable<ReturnType<typeof registry.get>>>>
type Meta = Parameters<Entry['fromConfig']>[1]
type Decode = (bytes: Uint8Array, bytesMax: number) => Promise<Uint8Array>

/** Check sums and headers of codecs further in. */
const EXTRA_BYTES = 1024
/** Of a number; text is not read. */
const WIDTH_MAX = 8

const bytesMaxOf = ({ shape }: Meta): number =>
  Math.min(
    CHUNK_BYTES_MAX,
    shape.reduce((product, count) => product * count, WIDTH_MAX) + EXTRA_BYTES
  )

type Unpack = (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Uint8Array>

const withNode =
  (unpack: Unpack): Decode =>
  async (bytes, bytesMax) => {
    const { buffer, byteOffset, byteLength } = await unpack(bytes, { maxOutputLength: bytesMax })
    return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength)
  }

type Library = 'blosc' | 'lz4'
const LIBRARIES = {
  blosc: () => import('numcodecs/blosc'),
  lz4: () => import('numcodecs/lz4')
} as const

/** @param statedAt where the header states the unpacked size */
const withNumcodecs =
  (library: Library, statedAt: number): Decode =>
  async (bytes, bytesMax) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const stated = bytes.length < statedAt + 4 ? -1 : view.getUint32(statedAt, true)
    if (stated < 0 || stated > bytesMax) throw new Error(`it states ${stated} bytes`)
    const { default: codec } = await LIBRARIES[library]()
    const unpacked = await codec.fromConfig({ id: library } as never).decode(bytes)
    if (unpacked.length !== stated) throw new Error('it is damaged')
    return unpacked
  }

const CODECS: Readonly<Record<string, Decode>> = {
  gzip: withNode(promisify(gunzip)),
  zlib: withNode(promisify(inflate)),
  zstd: withNode(promisify(zstdDecompress)),
  blosc: withNumcodecs('blosc', 4),
  lz4: withNumcodecs('lz4', 0)
}

const entryOf = (decode: Decode): Entry => ({
  kind: 'bytes_to_bytes',
  fromConfig: (_config, meta) => ({
    kind: 'bytes_to_bytes',
    encode: () => {
      throw new Error('stores are only read')
    },
    decode: (bytes: Uint8Array) => decode(bytes, bytesMaxOf(meta))
  })
})

for (const [name, decode] of Object.entries(CODECS)) {
  for (const key of [name, `numcodecs.${name}`]) registry.set(key, async () => entryOf(decode))
}

/** Is there a codec of this name? Version 2 names filters without their prefix. */
export const isKnownCodec = (name: string): boolean =>
  name === 'sharding_indexed' || registry.has(name) || registry.has(`numcodecs.${name}`)
