/** Volunteers that lie: one fabricates results, one copies a friend's commits and reveals. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { toHex } from '../../protocol/hex.ts'
import { publicKeyOf } from '../../protocol/signed.ts'
import { openTestMesh, simulatedProduct, submit, untilProgress } from './running-mesh.ts'

const FORECAST_MS = 180_000
const PROGRAM = fileURLToPath(new URL('./hostile-volunteer.ts', import.meta.url))

const operatorOf = async (home: string): Promise<string> =>
  toHex(publicKeyOf(new Uint8Array(await readFile(join(home, 'operator.key')))))

describe('devnet: hostile volunteers', function () {
  this.timeout(300_000)

  it('a wrong result and a copied one are caught by name, and the product is the honest one', async () => {
    await using test = await openTestMesh({ coordinators: 1, volunteers: 2, particles: 6_000 })
    const { dir, mesh, forecastFile } = test
    const shared = join(dir, 'shared')
    const hostile = async (index: number, behaviour: string): Promise<string> => {
      const args = ['--behaviour', behaviour, '--shared', shared]
      const node = await mesh.startVolunteer(index, { program: PROGRAM, args })
      return operatorOf(node.home)
    }
    const [liar, friend, copier] = await Promise.all([
      hostile(2, 'wrong'),
      hostile(3, 'leak'),
      hostile(4, 'copy')
    ])
    const plan = await submit(test)
    const done = await untilProgress(mesh, 0, plan, (p) => p.forecast !== undefined, FORECAST_MS)

    assert.equal(done.units.verified, done.units.total, 'every unit is verified all the same')
    assert.equal(done.product, await simulatedProduct(forecastFile))
    const faultsOf = (operator: string): string[] =>
      done.faults.filter((fault) => fault.operator === operator).map(({ reason }) => reason)
    assert.ok(faultsOf(liar).length > 0, `no fault of the liar in ${JSON.stringify(done.faults)}`)
    assert.ok(faultsOf(copier).includes('reveal-mismatch'), JSON.stringify(done.faults))
    assert.deepEqual(faultsOf(friend), [], 'the friend computed honestly')
    for (const { operators } of done.operators) {
      assert.ok(!operators.includes(liar) && !operators.includes(copier))
      assert.ok(new Set(operators).size >= 2)
    }
  })
})
