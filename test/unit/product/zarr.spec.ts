/**
 * The Zarr writer: fixed bytes, block limits and directory limits, whatever the plan.
 */
import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { gunzipSync } from 'fflate'
import { asciiJson, canonicalJson } from '../../../node/forecast/product/folder/canonical-json.ts'
import { layoutOf } from '../../../node/forecast/product/layout.ts'
import {
  CHUNK_BYTES_MAX,
  chunkFile,
  storeMetadata,
  textVector,
  valueBytes,
  vector,
  vectorFiles,
  type ZarrArray
} from '../../../node/forecast/product/zarr/zarr.ts'
import { isMeshError } from '../../../node/mesh-error.ts'
import { rawCid } from '../../../protocol/canonical.ts'
import { BLOCK_BYTES_MAX } from '../../../protocol/limits.ts'
import { makePlan } from './world.ts'

const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes)

const ARRAY: ZarrArray = {
  name: 'a',
  dtype: '<u4',
  shape: [2, 3],
  chunks: [1, 3],
  dimensions: ['y', 'x'],
  fill: null,
  attributes: { units: '1' }
}

describe('zarr writer', () => {
  it('writes the same chunk bytes for ever', () => {
    const { bytes, path } = chunkFile('s.zarr', ARRAY, [1, 0], valueBytes(Uint32Array.of(1, 2, 3)))
    assert.equal(path, 's.zarr/a/1/0')
    assert.deepEqual([...bytes.subarray(0, 10)], [31, 139, 8, 0, 0, 0, 0, 0, 0, 3])
    assert.deepEqual([...gunzipSync(bytes)], [1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0])
    const ramp = Uint32Array.from({ length: 200_000 }, (_, index) => (index * 2_654_435_761) >>> 9)
    const cid = rawCid(chunkFile('s.zarr', ARRAY, [0, 0], valueBytes(ramp)).bytes)
    assert.equal(cid.toString(), 'bafkreigf5dwscmnt3pqv5ukkcecblcgd77oqh6tasb6jgxkho5nrv7brw4')
  })

  it('consolidates every metadata file', () => {
    const files = storeMetadata('s.zarr', { title: 't' }, [ARRAY])
    const byPath = new Map(files.map(({ bytes, path }) => [path, JSON.parse(text(bytes))]))
    const { metadata, zarr_consolidated_format: format } = byPath.get('s.zarr/.zmetadata')
    assert.equal(format, 1)
    byPath.delete('s.zarr/.zmetadata')
    for (const [path, value] of byPath) {
      assert.deepEqual(metadata[path.replace('s.zarr/', '')], value, path)
    }
    assert.equal(Object.keys(metadata).length, byPath.size)
    assert.deepEqual(metadata['a/.zattrs']._ARRAY_DIMENSIONS, ['y', 'x'])
    assert.equal(metadata['a/.zarray'].fill_value, null)
  })

  it('has one JSON form', () => {
    assert.equal(
      text(canonicalJson({ b: [1, { d: 1, c: undefined }], a: 'ä', __proto__: null })),
      '{\n  "a": "ä",\n  "b": [\n    1,\n    {\n      "d": 1\n    }\n  ]\n}\n'
    )
  })

  it('writes metadata in ASCII, which parses to the same', () => {
    const value = { title: 'Golfe de Gênes × 𝄞' }
    const bytes = asciiJson(value)
    assert.ok(bytes.every((byte) => byte < 128))
    assert.deepEqual(JSON.parse(text(bytes)), value)
  })

  it('cuts long vectors into blocks and pads the last', () => {
    const values = Float64Array.from({ length: 130_000 }, (_, index) => index)
    const description = { name: 'v', dtype: '<f8', dimension: 'n', attributes: {} } as const
    const files = vectorFiles('s', vector(description, valueBytes(values), values.length))
    assert.deepEqual(
      files.map(({ path }) => path),
      ['s/v/0', 's/v/1']
    )
    const second = new Float64Array(gunzipSync(files[1]?.bytes ?? new Uint8Array(0)).buffer)
    assert.equal(second.length, CHUNK_BYTES_MAX / 8)
    assert.deepEqual([...second.subarray(4_998, 5_002)], [129_998, 129_999, 0, 0])
  })

  it('stores words as UCS-4 of one length', () => {
    const words = textVector({ name: 'w', dimension: 'n', attributes: {} }, ['a', 'né𝄞'])
    assert.equal(words.array.dtype, '<U3')
    assert.deepEqual([...new Uint32Array(words.bytes.buffer)], [97, 0, 0, 110, 233, 0x1d11e])
  })
})

describe('product layout', () => {
  it('keeps blocks, directories and buffers within limits for any plan it accepts', () => {
    const side = fc.integer({ min: 1, max: 3000 })
    const law = fc.property(
      side,
      side,
      fc.integer({ min: 1, max: 60_000 }),
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 0, max: 5000 }),
      (rows, columns, stepCount, members, tracked) => {
        const { plan } = makePlan({ particles: 4, members })
        const density = { ...plan.products.density, rows, columns }
        const particleCount = 10_000
        const products = { density, trackedCount: tracked }
        const changed = { ...plan, stepCount, outputEverySteps: 1, particleCount, products }
        let layout: ReturnType<typeof layoutOf>
        try {
          layout = layoutOf(changed)
        } catch (error) {
          assert.ok(isMeshError(error, 'plan/refused'))
          return
        }
        const { timeCount, timesPerChunk, tileColumns, tileRows } = layout
        assert.equal(timeCount, stepCount + 1)
        assert.ok(timesPerChunk * tileRows * tileColumns * 4 <= CHUNK_BYTES_MAX)
        assert.ok(layout.trajectoriesPerChunk * layout.trackTimesPerChunk * 8 <= CHUNK_BYTES_MAX)
        assert.ok(Math.ceil(timeCount / timesPerChunk) <= 998)
        assert.ok(Math.ceil(timeCount / layout.trackTimesPerChunk) <= 998)
        assert.ok(Math.ceil(layout.trajectoryCount / layout.trajectoriesPerChunk) <= 998)
        assert.ok(Math.max(rows / tileRows, columns / tileColumns) <= 998)
      }
    )
    fc.assert(law, { numRuns: 300 })
    assert.ok(CHUNK_BYTES_MAX < BLOCK_BYTES_MAX)
  })
})
