/**
 * The readers' contract on every format, and what is each one's own: filters, sizes, addresses.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DataFile } from '../../node/forcing/read/data-file.ts'
import { openDataFile } from '../../node/forcing/read/open-data-file.ts'
import { httpStore } from '../../node/forcing/read/zarr/http-store.ts'
import { openZarr } from '../../node/forcing/read/zarr/zarr-file.ts'
import { expandSource } from '../../node/forcing/source.ts'
import { writeFolder } from '../../node/forecast/product/folder/unixfs.ts'
import { isMeshError } from '../../node/mesh-error.ts'
import { openMemoryBlocks } from '../../node/store/memory-blocks.ts'
import { fixtureFile, storeFiles, unpackStore } from './reader-fixtures.ts'
import { readerContract, refuses } from './readers.ts'

const folder = mkdtempSync(join(tmpdir(), 'driftmesh-readers-'))
after(() => rmSync(folder, { recursive: true, force: true }))

for (const name of ['classic.nc', 'offset64.nc', 'data64.nc']) {
  const open = () => openDataFile(fixtureFile(name))
  readerContract({ name, format: 'NetCDF-3', open })
}
const HDF5 = ['netcdf4.nc', 'deflate.nc', 'group.nc', 'big-endian.h5']
const FILTERS = ['lzf', 'zstd', 'blosc', 'blosc2', 'lz4', 'bzip2', 'bitshuffle']
for (const name of [...HDF5, ...FILTERS.map((filter) => `${filter}.h5`)]) {
  const open = () => openDataFile(fixtureFile(name))
  readerContract({ name, format: 'NetCDF-4', open })
}
const STORES = [
  'v2-blosc',
  'v2-lz4',
  'v2-zlib',
  'v2-zstd',
  'v2-plain-f-order',
  'v3-zstd',
  'v3-blosc',
  'v3-gzip',
  'v3-shards'
]
for (const name of STORES) {
  const open = () => openDataFile(unpackStore(`${name}.zarr`, folder))
  readerContract({ name: `${name}.zarr`, format: 'Zarr', open })
}

/** Serves objects of stores by path, with ranges; may fail first. */
async function serve(failures: number[] = []): Promise<{ server: Server; url: string }> {
  const left = [...failures]
  const server = createServer((request, response) => {
    const status = left.shift()
    if (status !== undefined) {
      response.writeHead(status).end()
      return
    }
    const [, store = '', ...rest] = (request.url ?? '').split('?')[0]?.split('/') ?? []
    const bytes = storeFiles(store).get(rest.join('/'))
    if (bytes === undefined) {
      response.writeHead(404).end()
      return
    }
    const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '') ?? []
    if (from === '' && to === '') response.end(bytes)
    else if (from === '') response.writeHead(206).end(bytes.subarray(-Number(to)))
    else response.writeHead(206).end(bytes.subarray(Number(from), Number(to) + 1))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { server, url: `http://127.0.0.1:${port}` }
}

for (const name of ['v2-blosc.zarr', 'v3-zstd.zarr', 'v3-shards.zarr']) {
  let served: { server: Server; url: string } | undefined
  const open = async (): Promise<DataFile> => {
    served ??= await serve()
    return await openDataFile(`${served.url}/${name}?token=1`)
  }
  readerContract({ name: `${name} over HTTP`, format: 'Zarr', open })
  after(() => served?.server.close())
}

for (const name of ['v2-lz4.zarr', 'v3-shards.zarr']) {
  const open = async (): Promise<DataFile> => {
    const inputs = openMemoryBlocks()
    const files = [...storeFiles(name)].map(([path, bytes]) => ({ path: `a/${path}`, bytes }))
    const { cid } = await writeFolder(files, inputs)
    return await openDataFile(`ipfs://${cid}/a`, { inputs })
  }
  readerContract({ name: `${name} from the mesh`, format: 'Zarr', open })
}

describe('readers and what is not there', () => {
  it('names a filter that is missing and says what to do', async () => {
    const file = await openDataFile(fixtureFile('missing.h5'))
    const box = [[0, 1] as const, [0, 4] as const, [0, 5] as const]
    await assert.rejects(file.read('sz3', box), refuses(/filter sz3, .*nccopy -F none/))
    await assert.rejects(file.read('blosc-zlib', box), refuses(/filter blosc with zlib, /))
    await file.close()
  })

  it('follows no file into another one of this machine', async () => {
    const file = await openDataFile(fixtureFile('external.h5'))
    assert.deepEqual([...file.variables.keys()], ['uo'])
    await assert.rejects(file.read('uo', [[0, 4]]), refuses(/unreadable data in uo/))
    await file.close()
  })

  it('lets a process end that has read, or failed to', () => {
    const program = `
      const { openDataFile } = await import(process.argv[2])
      for (const file of process.argv.slice(3)) {
        const opened = openDataFile(file)
        await opened.then((it) => it.close(), (error) => console.log(error.code))
      }`
    const reader = fileURLToPath(
      new URL('../../node/forcing/read/open-data-file.ts', import.meta.url)
    )
    const broken = join(folder, 'broken.nc')
    writeFileSync(broken, readFileSync(fixtureFile('netcdf4.nc')).subarray(0, 5000))
    const main = join(folder, 'main.mjs')
    writeFileSync(main, program)
    const args = [main, reader, fixtureFile('netcdf4.nc'), broken]
    const run = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 })
    assert.equal(run.status, 0)
    assert.equal(run.stdout, 'forcing/unreadable\n')
    assert.equal(run.stderr, '')
  })

  it('names a codec that is missing', async () => {
    const files = new Map(storeFiles('v2-zstd.zarr'))
    const text = Buffer.from(files.get('.zmetadata') ?? []).toString()
    files.set('.zmetadata', Buffer.from(text.replaceAll('"id": "zstd"', '"id": "lzma"')))
    const file = await openZarr({
      place: 'store',
      get: async (key) => files.get(key.slice(1)),
      getRange: async () => undefined
    })
    await assert.rejects(
      file.read('uo', [[0, 1] as const, [0, 4] as const, [0, 5] as const]),
      refuses(/uo has chunks compressed with the codec lzma/)
    )
  })

  it('tries again after 429 and 500, and gives up on a server that is down', async () => {
    const { server, url } = await serve([500, 429])
    const file = await openZarr(httpStore(`${url}/v2-blosc.zarr`, 1))
    assert.deepEqual([...(await file.read('flag', [[0, 5]]))], [-1, 0, 1, 2, 3])
    server.close()
    server.closeAllConnections()
    const isDown = (error: unknown) => isMeshError(error, 'net/unreachable') && error.retryable
    await assert.rejects(
      file.read('uo', [[0, 1] as const, [0, 1] as const, [0, 1] as const]),
      isDown
    )
  })

  it('tells a store that cannot be listed, a refusal, and files from afar', async () => {
    const { server, url } = await serve()
    await assert.rejects(openDataFile(`${url}/v2-lz4.zarr`), refuses(/consolidate_metadata/))
    await assert.rejects(openDataFile(`${url}/a.nc`), refuses(/driftmesh data fetch/))
    await assert.rejects(openDataFile('ipfs://nothing/a.zarr', { inputs: openMemoryBlocks() }))
    await assert.rejects(openDataFile('ipfs://nothing/a.zarr'), refuses(/needs the blocks/))
    server.close()
    const denied = await serve([403])
    await assert.rejects(openDataFile(`${denied.url}/v2-lz4.zarr`), refuses(/answers 403/))
    denied.server.close()
  })

  it('takes a Zarr store for one file, within a folder too', async () => {
    const store = unpackStore('v2-blosc.zarr', join(folder, 'set'))
    assert.deepEqual(await expandSource('set/*.zarr', folder), [store])
    assert.deepEqual(await expandSource('set/v2-blosc.zarr', folder), [store])
    assert.deepEqual(await expandSource('set', folder), [store])
    assert.deepEqual(await expandSource('https://a.example/b.zarr', folder), [
      'https://a.example/b.zarr'
    ])
  })
})
