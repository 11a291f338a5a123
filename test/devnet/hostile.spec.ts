/**
 * Volunteers that lie among honest ones: one fabricates results, one copies the commits and reveals
 * that the honest ones were so careless to show it. Each lies alone, so that the copier always
 * shares its unit with somebody it can copy.
 */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PlanProgress } from '../../coordinator/summary.ts'
import { checkProofs, operatorOf, proofsIn } from './proofs.ts'
import { openTestMesh, simulatedProduct, submit, untilProgress, withSeed } from './running-mesh.ts'

const FORECAST_MS = 300_000
/** Forecasts within which a liar must have had its say, and be caught. */
const FORECASTS_MAX = 6
const PROGRAM = fileURLToPath(new URL('./hostile/volunteer.ts', import.meta.url))

/** Faults of a slow machine or network; nobody honest may have any other. */
const NO_LIES: ReadonlySet<string> = new Set(['no-reveal', 'blocks-missing', 'opening-missing'])

/** Whatever the lie, the forecast is whole and the liar has no part in it. */
async function checkHonest(done: PlanProgress, hostile: string, file: string): Promise<void> {
  assert.equal(done.units.verified, done.units.total, 'every unit is verified all the same')
  assert.equal(done.product, await simulatedProduct(file))
  for (const { operators: agreeing } of done.operators) {
    assert.ok(!agreeing.includes(hostile), 'a lie agreed with somebody')
    assert.ok(new Set(agreeing).size >= 2)
  }
  const blamed = done.faults.filter((f) => f.operator !== hostile && !NO_LIES.has(f.reason))
  assert.deepEqual(blamed, [], 'nobody honest is blamed')
}

/**
 * Runs forecasts with one hostile volunteer among honest ones until it is caught. Who is slow may
 * be overtaken on every unit of a forecast and never be asked to reveal: then it has told no lie.
 */
async function checkCaught(behaviour: string, honest: readonly string[], lie: string) {
  await using test = await openTestMesh({ coordinators: 1, volunteers: 0, particles: 6_000 })
  const { dir, mesh, forecastFile } = test
  const shared = join(dir, 'shared')
  const start = async (index: number, what: string): Promise<string> => {
    const args = ['--behaviour', what, '--shared', shared]
    return operatorOf((await mesh.startVolunteer(index, { program: PROGRAM, args })).home)
  }
  const [hostile = ''] = await Promise.all([behaviour, ...honest].map((what, i) => start(i, what)))
  const told: string[] = []
  for (let seed = 1; seed <= FORECASTS_MAX && !told.includes(lie); seed++) {
    const file = await withSeed(forecastFile, seed)
    const plan = await submit(test, file)
    const done = await untilProgress(mesh, 0, plan, (p) => p.forecast !== undefined, FORECAST_MS)
    await checkHonest(done, hostile, file)
    const own = done.faults.filter(({ operator }) => operator === hostile)
    told.push(...own.map(({ reason }) => reason))
  }
  assert.ok(told.includes(lie), `not caught in ${FORECASTS_MAX} forecasts: ${told.join()}`)
  await mesh.stop()
  const [coordinator] = mesh.coordinators
  assert.ok(coordinator)
  const proofs = await proofsIn(coordinator.home)
  assert.deepEqual([...proofs.keys()], [hostile])
  await checkProofs(mesh, proofs, ['--from', join(coordinator.home, 'blocks')])
}

describe('devnet: hostile volunteers', function () {
  this.timeout(FORECASTS_MAX * FORECAST_MS)

  it('a wrong result is caught by name; the product is honest', () =>
    checkCaught('wrong', ['leak', 'leak'], 'wrong-result'))

  it('a copied result is caught by name; the product is honest', () =>
    checkCaught('copy', ['leak', 'leak', 'leak'], 'reveal-mismatch'))
})
