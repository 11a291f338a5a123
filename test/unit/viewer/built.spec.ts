/** The viewer of a forecast: the committed bytes are those of the source, and only a plan's own. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { writeFolder } from '../../../node/forecast/product/folder/unixfs.ts'
import { viewerFiles } from '../../../node/forecast/product/folder/viewer-files.ts'
import { isMeshError } from '../../../node/mesh-error.ts'
import { openMemoryBlocks } from '../../../node/store/memory-blocks.ts'
import { builtInViewer, storeViewer } from '../../../node/web/built-in-viewer.ts'
import type { Plan } from '../../../protocol/plan.ts'

const SCRIPT = fileURLToPath(new URL('../../../scripts/build-viewer.ts', import.meta.url))

const text = (value: string): Uint8Array => new TextEncoder().encode(value)

async function filesFor(viewer: Plan['viewer'], blocks = openMemoryBlocks()): Promise<string[]> {
  const paths: string[] = []
  for await (const { path } of viewerFiles({ viewer } as Plan, blocks)) paths.push(path)
  return paths.sort()
}

describe('the viewer', () => {
  it('the source gives the committed bytes', async function () {
    this.timeout(300_000)
    const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, '--check'])
    assert.match(stdout, /^the viewer is built, \d+ bytes\n$/)
  })

  it('is what its CID says, and is in the store of whoever plans', async () => {
    const { cid, files } = await builtInViewer()
    const blocks = openMemoryBlocks()
    assert.ok((await storeViewer(blocks)).equals(cid))
    assert.ok(await blocks.has(cid))
    const paths = files.map(({ path }) => path).sort()
    assert.deepEqual(await filesFor(cid), paths)
    assert.deepEqual(await filesFor(undefined), [])
  })

  it('of another program is fetched; what is no viewer is refused', async () => {
    const blocks = openMemoryBlocks()
    const page = { path: 'index.html', bytes: text('another page') }
    const other = await writeFolder([page, { path: 'view/a.js', bytes: text('1') }], blocks)
    assert.deepEqual(await filesFor(other.cid, blocks), ['index.html', 'view/a.js'])
    const refused = (error: unknown): boolean => isMeshError(error, 'plan/refused')
    const thief = await writeFolder([page, { path: 'LICENSE', bytes: text('mine') }], blocks)
    await assert.rejects(filesFor(thief.cid, blocks), refused)
    const large = await writeFolder([{ ...page, bytes: new Uint8Array(1_000_001) }], blocks)
    await assert.rejects(filesFor(large.cid, blocks), refused)
  })
})
