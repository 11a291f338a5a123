/**
 * The catalogue: whole or nothing, any number of writers, and credits that travel into a plan
 * without a clock.
 */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  addSet,
  filesFolder,
  filesOfSet,
  findSet,
  listSets,
  readSet,
  removeSet
} from '../../../node/data/catalogue/catalogue.ts'
import { creditOf, type DataSet, setNameOf } from '../../../node/data/catalogue/data-set.ts'
import { identifySource, parseDigests } from '../../../node/data/checksum.ts'
import { importFiles } from '../../../node/data/import-files.ts'
import { prepareForecast } from '../../../node/forecast/prepare.ts'
import { isMeshError } from '../../../node/mesh-error.ts'
import { openMemoryBlocks } from '../../../node/store/memory-blocks.ts'
import { builtInKernel } from '../../../node/worker/kernel-file.ts'
import { fieldFile, scratch } from '../forcing/fixture.ts'

const set = (name: string, more: Partial<DataSet> = {}): DataSet => ({
  kind: 'driftmesh/data-set/v1',
  name,
  source: { kind: 'http', url: 'https://data.example/a.nc' },
  request: {},
  fetchedAt: '2026-01-01T00:00:00.000Z',
  roles: [],
  files: [],
  ...more
})

const FORECAST = `apiVersion: driftmesh/v1
kind: Forecast
spec:
  start: 2020-01-01T00:00:00Z
  duration: PT6H
  forcing: [{ role: current, source: data:sea, attribution: Ours }]
  seeding: [{ kind: points, at: [[2, 41.5]], particles: 10, class: submerged }]
`

describe('the catalogue', function () {
  this.timeout(120_000)
  const files = scratch()
  let count = 0
  const newHome = (): string => join(files.path(), `home${count++}`)

  it('keeps sets by name, gives the name to one of many writers, and forgets', async () => {
    const home = newHome()
    await addSet(home, set('b'))
    const tries = Array.from({ length: 20 }, (_, index) =>
      addSet(home, set('a', { title: `${index}` }))
    )
    const results = await Promise.allSettled(tries)
    const refused = results.filter((result) => result.status === 'rejected')
    assert.equal(refused.length, 19)
    assert.ok(refused.every(({ reason }) => isMeshError(reason, 'cli/usage')))
    assert.deepEqual(
      (await listSets(home)).map(({ name }) => name),
      ['a', 'b']
    )
    assert.deepEqual(readdirSync(join(home, 'catalogue')).sort(), ['a.json', 'b.json'])
    await addSet(home, set('a', { title: 'new' }), true)
    assert.equal((await readSet(home, 'a')).title, 'new')
    await removeSet(home, 'a')
    assert.equal(await findSet(home, 'a'), undefined)
    await assert.rejects(readSet(home, 'a'), /no set is called a: there are b/)
  })

  it('a name is no path', async () => {
    for (const name of ['../x', 'a/b', '', '.hidden', 'A']) {
      await assert.rejects(findSet(newHome(), name), (error) => isMeshError(error, 'cli/usage'))
    }
    assert.equal(setNameOf('../My Files (2)'), 'my-files-2')
    assert.equal(setNameOf('%%'), 'set')
  })

  it('removes bytes of the home with their set, and no others', async () => {
    const home = newHome()
    const outside = files.write('outside.nc', 'x')
    const inside = join(filesFolder(home, 'a'), 'in.nc')
    files.write(inside.slice(files.path().length + 1), 'y')
    const file = { bytes: 1, sha256: '0'.repeat(64) }
    await addSet(home, set('a', { files: [outside, inside].map((path) => ({ path, ...file })) }))
    assert.deepEqual(await filesOfSet(home, 'a'), [inside, outside].sort())
    assert.deepEqual(await removeSet(home, 'a'), [outside])
    assert.deepEqual([existsSync(outside), existsSync(inside)], [true, false])
  })

  it('tells an entry that is broken, and files that changed or went', async () => {
    const home = newHome()
    const path = files.write('changing.nc', 'abc')
    await importFiles({ home, name: 'a', sources: [path], mayReplace: false })
    writeFileSync(path, 'abcd')
    await assert.rejects(filesOfSet(home, 'a'), /data:a: .* has 4 bytes, not 3; fetch or import/)
    rmSync(path)
    await assert.rejects(filesOfSet(home, 'a'), /is gone/)
    const remote = { home, name: 'r', sources: ['https://h.example/a.zarr'], mayReplace: false }
    await assert.rejects(importFiles(remote), /is not here: `driftmesh data fetch`/)
    await assert.rejects(filesOfSet(home, 'b'), /no such set in the catalogue/)
    writeFileSync(join(home, 'catalogue', 'a.json'), '{"kind":')
    await assert.rejects(findSet(home, 'a'), (error) => isMeshError(error, 'store/failed'))
  })

  it('names a source, and its credit is in the plan without a clock', async () => {
    const home = newHome()
    const path = files.write('sea/current.nc', fieldFile({}))
    const file = files.write('f.yaml', FORECAST)
    const plan = async (fetchedAt: string) => {
      const imported = await importFiles({
        home,
        name: 'sea',
        sources: [join(path, '..')],
        attribution: 'The Ocean Institute',
        license: 'CC-BY-4.0',
        mayReplace: true
      })
      await addSet(home, { ...imported, fetchedAt }, true)
      const blocks = openMemoryBlocks()
      return await prepareForecast(file, { blocks, kernel: builtInKernel(), home })
    }
    const first = await plan('2026-01-01T00:00:00.000Z')
    const second = await plan('2027-02-02T00:00:00.000Z')
    const { sha256 } = await identifySource(path)
    assert.equal(first.block.cid.toString(), second.block.cid.toString())
    assert.deepEqual(first.plan.attributions, ['Ours', creditOf(await readSet(home, 'sea'))])
    assert.match(
      first.plan.attributions[1] ?? '',
      /^The Ocean Institute; licence CC-BY-4.0; sha256 /
    )
    assert.equal((await readSet(home, 'sea')).files[0]?.sha256, sha256)
  })

  it('a credit fits a plan, however much a portal says', () => {
    const long = 'x'.repeat(600)
    const credit = creditOf(
      set('a', {
        attribution: long,
        title: long,
        license: 'y'.repeat(200),
        source: { kind: 'erddap', url: 'https://h.example/x?token=1', dataset: 'z'.repeat(900) }
      })
    )
    assert.ok(credit.length <= 1024)
    assert.ok(!credit.includes('token'))
  })
})

describe('checksums', function () {
  this.timeout(120_000)
  const files = scratch()

  it('are SHA-256 and the CID that Kubo gives a small file with --cid-version=1', async () => {
    const path = files.write('hello', 'hello\n')
    const { sha256, cid, bytes } = await identifySource(path)
    assert.equal(bytes, 6)
    assert.equal(sha256, '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03')
    assert.equal(cid, 'bafkreicysg23kiwv34eg2d7qweipxwosdo2py4ldv42nbauguluen5v6am')
  })

  it('of a file of many blocks are those of its bytes in one piece', async () => {
    const path = files.write('large', Buffer.alloc(3 * 1024 * 1024 + 7, 'driftmesh'))
    const { cid, bytes } = await identifySource(path)
    assert.equal(bytes, readFileSync(path).length)
    assert.match(cid, /^bafybei/)
  })

  it('of a folder (a Zarr store) are those of its files and their names', async () => {
    files.write('store/a/0.0', 'one')
    files.write('store/.zattrs', '{}')
    const folder = join(files.path(), 'store')
    const first = await identifySource(folder)
    assert.equal(first.bytes, 5)
    files.write('other/.zattrs', '{}')
    files.write('other/a/0.0', 'one')
    assert.deepEqual(await identifySource(join(files.path(), 'other')), first)
    files.write('other/a/0.0', 'two')
    const changed = await identifySource(join(files.path(), 'other'))
    assert.ok(changed.cid !== first.cid && changed.sha256 !== first.sha256)
  })

  it('reads lists of sha256sum in every style', () => {
    const digest = 'ab'.repeat(32)
    const text = `# list\n${digest}  a.nc\n${digest} *b c.nc\nSHA256 (d.nc) = ${digest}\n\n`
    assert.deepEqual(
      parseDigests(text, 'list').map(({ name }) => name),
      ['a.nc', 'b c.nc', 'd.nc']
    )
    assert.throws(() => parseDigests('nonsense', 'list'), /list:1 is no line of sha256sum/)
  })
})
