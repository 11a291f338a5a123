/**
 * `npm run devnet`: attacks that leave no signed lie, or that only cost time. The forecasts are
 * honest all the same; who can be named is named, and nobody honest is.
 */
import assert from 'node:assert/strict'
import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PlanProgress } from '../../coordinator/summary.ts'
import { loadOrCreateSecret } from '../../node/store/key-file.ts'
import { checkProofs, operatorOf, proofsIn } from './proofs.ts'
import {
  openTestMesh,
  simulatedProduct,
  submit,
  type TestMesh,
  untilProgress,
  withSeed
} from './running-mesh.ts'

const program = (name: string): string =>
  fileURLToPath(new URL(`./hostile/${name}`, import.meta.url))
const FORECAST_MS = 600_000
const FORECASTS_MAX = 6
const HONEST_COUNT = 3

async function start({ dir, mesh }: TestMesh, behaviours: readonly string[]): Promise<string[]> {
  return Promise.all(
    behaviours.map(async (behaviour, index) => {
      const args = ['--behaviour', behaviour, '--shared', join(dir, 'shared')]
      const options = { program: program('volunteer.ts'), args }
      return operatorOf((await mesh.startVolunteer(index, options)).home)
    })
  )
}

/** Runs forecasts until `isDone`, each of them whole and honest. @returns faults by operator */
async function faultsUntil(
  test: TestMesh,
  hostile: readonly string[],
  isDone: (faults: ReadonlyMap<string, Set<string>>) => boolean
): Promise<Map<string, Set<string>>> {
  const faults = new Map<string, Set<string>>()
  for (let seed = 1; seed <= FORECASTS_MAX && (seed === 1 || !isDone(faults)); seed++) {
    const file = await withSeed(test.forecastFile, seed)
    const plan = await submit(test, file)
    const isOut = (p: PlanProgress): boolean => p.forecast !== undefined
    const done = await untilProgress(test.mesh, 0, plan, isOut, FORECAST_MS)
    assert.deepEqual(done.gaps, [])
    assert.equal(done.product, await simulatedProduct(file))
    for (const { operators } of done.operators) {
      assert.ok(!operators.some((operator) => hostile.includes(operator)), 'a lie agreed')
    }
    for (const { operator, reason } of done.faults) {
      faults.set(operator, (faults.get(operator) ?? new Set()).add(reason))
    }
  }
  return faults
}

describe('devnet: nuisances', function () {
  this.timeout(FORECASTS_MAX * FORECAST_MS)

  it('no reveal, too much data, replays and hangs: named, or overtaken', async () => {
    await using test = await openTestMesh({ coordinators: 1, volunteers: 0, particles: 6_000 })
    const behaviours = ['silent', 'oversize', 'replay', 'hang']
    const operators = await start(test, [...behaviours, ...Array(HONEST_COUNT).fill('leak')])
    const [silent = '', oversize = ''] = operators
    const has = (faults: ReadonlyMap<string, Set<string>>, who: string, what: string): boolean =>
      faults.get(who)?.has(what) === true
    const faults = await faultsUntil(
      test,
      operators.slice(0, behaviours.length),
      (seen) => has(seen, silent, 'no-reveal') && has(seen, oversize, 'blocks-invalid')
    )
    assert.ok(has(faults, silent, 'no-reveal'))
    assert.ok(has(faults, oversize, 'blocks-invalid'))
  })

  it('three peers of one operator that tell one lie have one voice; it is convicted', async () => {
    await using test = await openTestMesh({ coordinators: 1, volunteers: 0, particles: 6_000 })
    const { mesh, dir } = test
    const key = join(dir, 'operator.key')
    await loadOrCreateSecret(key)
    for (const index of [1, 2, 3]) {
      await mkdir(join(mesh.dir, `volunteer-${index}`), { recursive: true })
      await cp(key, join(mesh.dir, `volunteer-${index}`, 'operator.key'))
    }
    const behaviours = ['together', 'together', 'together']
    const operators = await start(test, [...behaviours, ...Array(HONEST_COUNT).fill('leak')])
    const [one = ''] = operators
    assert.equal(new Set(operators.slice(0, 3)).size, 1)
    await faultsUntil(test, [one], (seen) => seen.get(one)?.has('wrong-result') === true)
    await mesh.stop()
    const { home } = mesh.coordinators[0] ?? assert.fail()
    const proofs = await proofsIn(home)
    assert.deepEqual([...proofs.keys()], [one])
    await checkProofs(mesh, proofs, ['--from', join(home, 'blocks')])
  })

  it('a flood of gossip and connections that never end stop nobody', async () => {
    await using test = await openTestMesh({ coordinators: 2, volunteers: 3, particles: 6_000 })
    const { mesh } = test
    for (const [index, behaviour] of ['flood', 'loris'].entries()) {
      const args = ['--behaviour', behaviour]
      await mesh.startVolunteer(3 + index, { program: program('peer.ts'), args })
    }
    await faultsUntil(test, [], () => true)
  })
})
