/** The manifest's SHA-256 of files and of the values of arrays, checked against the bytes. */
import { strict as assert } from 'node:assert'
import { createHash } from 'node:crypto'
import { gunzipSync } from 'fflate'
import { CID } from 'multiformats/cid'
import { readFolderFile } from '../../../node/forecast/product/folder/folder.ts'
import { assembleWorld, buildWorld } from './assembled.ts'
import { GRID } from './world.ts'

const assembled = assembleWorld(buildWorld({ cuts: [15], windowSteps: 12 }))
const read = async (path: string): Promise<Uint8Array> => {
  const { assembled: made, blocks } = await assembled
  return readFolderFile(made.product, path, blocks)
}
const json = async (path: string) => JSON.parse(new TextDecoder().decode(await read(path)))

describe('checksums', () => {
  it('of arrays are over their values, of files over their bytes', async () => {
    const { assembled: made } = await assembled
    const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()
    const { contents } = made
    const arrays = Object.keys(contents).filter((path) => path.includes('/'))
    assert.ok(arrays.length > 30)
    for (const array of arrays) {
      const { shape, chunks } = await json(`${array}/.zarray`)
      let keys: string[] = ['']
      for (const [dimension, length] of shape.entries()) {
        const count = Math.ceil(length / chunks[dimension])
        keys = keys.flatMap((key) => Array.from({ length: count }, (_, index) => `${key}/${index}`))
      }
      const digests = []
      for (const key of keys) digests.push(sha256(gunzipSync(await read(array + key))))
      assert.equal(contents[array], sha256(Buffer.concat(digests)).toString('hex'), array)
    }
    for (const path of ['README.md', 'forecast.nc', 'trajectories.parquet', 'density-mean.tif']) {
      assert.equal(contents[path], sha256(await read(path)).toString('hex'), path)
    }
  })

  it('are those of files of more than one block, too', async () => {
    const grid = { ...GRID, resolutionDegrees: 0.002, columns: 400, rows: 300 }
    const { assembled: made, blocks } = await assembleWorld(
      buildWorld({ grid, particles: 10, members: 1, outputEverySteps: 12 })
    )
    const item = JSON.parse(
      new TextDecoder().decode(await readFolderFile(made.product, 'stac/item.json', blocks))
    )
    const bytes = await readFolderFile(made.product, 'forecast.nc', blocks)
    assert.ok(bytes.length > 2_000_000)
    const hash = createHash('sha256').update(bytes).digest('hex')
    assert.equal(item.assets['forecast.nc']['file:checksum'], `1220${hash}`)
    const cid = CID.parse(item.assets['forecast.nc']['driftmesh:cid'])
    assert.notEqual(Buffer.from(cid.multihash.digest).toString('hex'), hash)
  })
})
