/**
 * Volunteers that lie among honest ones: one fabricates results, one copies the commits and reveals
 * that the honest ones were so careless to show it. Each lies alone, so that the copier always
 * shares its unit with somebody it can copy.
 */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { LocalMesh } from '../../node/demo/local-mesh.ts'
import { verifyProof } from '../../node/proof/verify-proof.ts'
import { readFederation } from '../../node/service/federation-file.ts'
import { openFolderBlocks } from '../../node/store/folder-blocks.ts'
import { openKernelPool } from '../../node/worker/kernel-pool.ts'
import { cborCid } from '../../protocol/canonical.ts'
import { toHex } from '../../protocol/hex.ts'
import { publicKeyOf } from '../../protocol/signed.ts'
import {
  openTestMesh,
  readLedger,
  simulatedProduct,
  submit,
  untilProgress
} from './running-mesh.ts'

const FORECAST_MS = 180_000
const PROGRAM = fileURLToPath(new URL('./hostile-volunteer.ts', import.meta.url))

const operatorOf = async (home: string): Promise<string> =>
  toHex(publicKeyOf(new Uint8Array(await readFile(join(home, 'operator.key')))))

/** Every conviction in the ledger has a proof that a third party with a kernel can check. */
async function checkProofs(mesh: LocalMesh, hostile: string): Promise<void> {
  const home = mesh.coordinators[0]?.home ?? ''
  const blocks = await openFolderBlocks(join(home, 'blocks'))
  const pool = openKernelPool({ threads: 1, blocks })
  const { network } = (await readFederation(mesh.federationFile)).body
  let proofs = 0
  try {
    for (const fact of await readLedger(home)) {
      if (fact.kind !== 'operator-convicted') continue
      const cid = cborCid(fact.proof)
      const report = await verifyProof({ cid, blocks, network, compute: pool.compute })
      assert.equal(report.accused, hostile)
      proofs += 1
    }
  } finally {
    await pool.stop()
  }
  assert.ok(proofs > 0, 'nobody was convicted')
}

/** Runs a forecast with one hostile volunteer among honest ones; the rest must hold for any lie. */
async function faultsOfHostile(behaviour: string, honest: readonly string[]): Promise<string[]> {
  await using test = await openTestMesh({ coordinators: 1, volunteers: 0, particles: 6_000 })
  const { dir, mesh, forecastFile } = test
  const shared = join(dir, 'shared')
  const start = async (index: number, what: string): Promise<string> => {
    const args = ['--behaviour', what, '--shared', shared]
    return operatorOf((await mesh.startVolunteer(index, { program: PROGRAM, args })).home)
  }
  const operators = await Promise.all([behaviour, ...honest].map((what, i) => start(i, what)))
  const [hostile = '', ...others] = operators
  const plan = await submit(test)
  const done = await untilProgress(mesh, 0, plan, (p) => p.forecast !== undefined, FORECAST_MS)

  assert.equal(done.units.verified, done.units.total, 'every unit is verified all the same')
  assert.equal(done.product, await simulatedProduct(forecastFile))
  for (const { operators: agreeing } of done.operators) {
    assert.ok(!agreeing.includes(hostile), 'a lie agreed with somebody')
    assert.ok(new Set(agreeing).size >= 2)
  }
  await mesh.stop()
  await checkProofs(mesh, hostile)
  const blamed = done.faults.filter(({ operator }) => others.includes(operator))
  assert.deepEqual(blamed, [], 'nobody honest is blamed')
  return done.faults.filter(({ operator }) => operator === hostile).map(({ reason }) => reason)
}

describe('devnet: hostile volunteers', function () {
  this.timeout(300_000)

  it('a wrong result is caught by name; the product is honest', async () => {
    const faults = await faultsOfHostile('wrong', ['leak', 'leak'])
    assert.ok(faults.includes('wrong-result'), faults.join())
  })

  it('a copied result is caught by name; the product is honest', async () => {
    const faults = await faultsOfHostile('copy', ['leak', 'leak', 'leak'])
    assert.ok(faults.includes('reveal-mismatch'), faults.join())
  })
})
