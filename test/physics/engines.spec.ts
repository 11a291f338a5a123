/**
 * The same bits from the engine's baseline compiler, its optimising compiler and its usual mix of
 * the two, and from every other engine that is installed: what a volunteer's machine happens to run
 * decides nothing. `npm run determinism` runs more of them and writes the table.
 */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { builtInKernel } from '../../node/worker/kernel-file.ts'
import { hashAll, hashUnits } from '../oracle/engine-units.ts'
import { bundleUnits, findOthers, hashIn, TIERS } from '../oracle/engines.ts'

describe('physics: compilers and engines', () => {
  const { bytes } = builtInKernel()
  const hash = hashAll(bytes)
  let folder = ''
  let bundle = { script: '', page: '' }
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'driftmesh-engines-'))
    bundle = await bundleUnits(folder)
  })
  after(() => rm(folder, { recursive: true, force: true }))

  it('every unit has bits of its own', () => {
    const hashes = hashUnits(bytes).map((each) => each.hash)
    assert.equal(new Set(hashes).size, hashes.length)
  })

  for (const [tier, flags] of Object.entries(TIERS)) {
    it(`Node, ${tier}`, async () => {
      const engine = { name: tier, command: process.execPath, flags }
      assert.equal(await hashIn(engine, bundle), hash)
    })
  }

  it('other engines of this machine', async function () {
    const engines = await findOthers()
    if (engines.length === 0) {
      console.log('      skipped: none of chromium, gjs, jsc is installed')
      this.skip()
    }
    for (const engine of engines) {
      assert.equal(await hashIn(engine, bundle), hash, `${engine.name} ${engine.version}`)
    }
  })
})
