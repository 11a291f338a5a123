/**
 * Volunteers that lie among honest ones: one fabricates results, one copies the commits and reveals
 * that the honest ones were so careless to show it.
 */
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

  it('a wrong result and a copied one are caught by name; the product is honest', async () => {
    await using test = await openTestMesh({ coordinators: 1, volunteers: 0, particles: 6_000 })
    const { dir, mesh, forecastFile } = test
    const shared = join(dir, 'shared')
    const start = async (index: number, behaviour: string): Promise<string> => {
      const args = ['--behaviour', behaviour, '--shared', shared]
      const node = await mesh.startVolunteer(index, { program: PROGRAM, args })
      return operatorOf(node.home)
    }
    const behaviours = ['wrong', 'copy', 'leak', 'leak', 'leak']
    const operators = await Promise.all(behaviours.map((what, index) => start(index, what)))
    const [liar = '', copier = '', ...honest] = operators
    const plan = await submit(test)
    const done = await untilProgress(mesh, 0, plan, (p) => p.forecast !== undefined, FORECAST_MS)

    assert.equal(done.units.verified, done.units.total, 'every unit is verified all the same')
    assert.equal(done.product, await simulatedProduct(forecastFile))
    const faultsOf = (operator: string): string[] =>
      done.faults.filter((fault) => fault.operator === operator).map(({ reason }) => reason)
    assert.ok(faultsOf(liar).includes('wrong-result'), JSON.stringify(done.faults))
    assert.ok(faultsOf(copier).includes('reveal-mismatch'), JSON.stringify(done.faults))
    assert.deepEqual(honest.flatMap(faultsOf), [], 'nobody honest is blamed')
    for (const { operators: agreeing } of done.operators) {
      assert.ok(!agreeing.includes(liar) && !agreeing.includes(copier))
      assert.ok(new Set(agreeing).size >= 2)
    }
  })
})
