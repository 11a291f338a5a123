/**
 * `npm run devnet`: twelve peers of which five are hostile, each in its own way. The forecasts are
 * honest, and everybody who cheated is named with a proof that a stranger verifies.
 */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PlanProgress } from '../../coordinator/summary.ts'
import { checkProofs, namedBy, operatorOf, peerOf, proofsIn } from './proofs.ts'
import { openTestMesh, simulatedProduct, submit, untilProgress, withSeed } from './running-mesh.ts'

const program = (name: string): string =>
  fileURLToPath(new URL(`./hostile/${name}`, import.meta.url))
const FORECAST_MS = 600_000
/** Forecasts within which every liar must have had its say, and be caught. */
const FORECASTS_MAX = 8

/** What each of them is proven of. */
const LIARS = {
  wrong: ['fraud-proof'],
  // Who shares a unit with another liar finds nothing to copy, and makes something up.
  copy: ['mismatch-proof', 'fraud-proof'],
  mismatch: ['mismatch-proof'],
  garbage: ['garbage-proof']
} as const
const HONEST_COUNT = 5

describe('devnet: under attack', function () {
  this.timeout(FORECASTS_MAX * FORECAST_MS)

  it('of four volunteers and a coordinator: honest products, every cheat proven', async () => {
    await using test = await openTestMesh({
      coordinators: 3,
      coordinatorsHeldBack: 1,
      volunteers: 0,
      particles: 12_000
    })
    const { dir, mesh, forecastFile } = test
    const liar = await mesh.startCoordinator(2, { program: program('coordinator.ts') })
    const start = async (index: number, behaviour: string): Promise<string> => {
      const args = ['--behaviour', behaviour, '--shared', join(dir, 'shared')]
      const options = { program: program('volunteer.ts'), args }
      return operatorOf((await mesh.startVolunteer(index, options)).home)
    }
    const behaviours = [...Object.keys(LIARS), ...Array<string>(HONEST_COUNT).fill('leak')]
    const operators = await Promise.all(behaviours.map((what, index) => start(index, what)))
    const hostile = operators.slice(0, -HONEST_COUNT)
    const cheats = [...hostile, await peerOf(liar.home)]
    const [first] = mesh.coordinators
    assert.ok(first)

    let named = new Set<string>()
    const isDone = (): boolean => cheats.every((cheat) => named.has(cheat))
    for (let seed = 1; seed <= FORECASTS_MAX && !isDone(); seed++) {
      const file = await withSeed(forecastFile, seed)
      const plan = await submit(test, file)
      const isOut = (p: PlanProgress): boolean => p.forecast !== undefined
      const done = await untilProgress(mesh, 0, plan, isOut, FORECAST_MS)
      assert.deepEqual(done.gaps, [])
      assert.equal(done.product, await simulatedProduct(file))
      for (const { operators: agreeing } of done.operators) {
        assert.ok(!agreeing.some((operator) => hostile.includes(operator)), 'a lie agreed')
        assert.ok(new Set(agreeing).size >= 2)
      }
      named = await namedBy(first.home)
    }

    // Stopped so that its ledger can be read. Where several could prove one lie each keeps its own.
    await first.stop()
    const proofs = await proofsIn(first.home)
    await mesh.startCoordinator(0)
    const kinds = await checkProofs(mesh, proofs, ['--bootstrap', mesh.bootstrap])
    for (const [index, [behaviour, wanted]] of Object.entries(LIARS).entries()) {
      const kind = kinds.get(operators[index] ?? '') ?? 'nothing'
      assert.ok((wanted as readonly string[]).includes(kind), `${behaviour}: ${kind}`)
    }
    assert.equal(kinds.get(await peerOf(liar.home)), 'equivocation-proof')
    assert.equal(proofs.size, cheats.length, 'nobody honest is named')
  })
})
