/**
 * `npm run devnet`: several coordinators when one of them is lost, cut off or lies. The others
 * finish, nothing that is final is ever contradicted, and who signed two things is named with both.
 */
import assert from 'node:assert/strict'
import { fileURLToPath } from 'node:url'
import type { Fact } from '../../coordinator/fact.ts'
import type { PlanProgress } from '../../coordinator/summary.ts'
import type { LocalMesh } from '../../node/demo/local-mesh.ts'
import { toHex } from '../../protocol/hex.ts'
import { bodyOf } from '../../protocol/signed.ts'
import { openPartedMesh } from './parted-mesh.ts'
import {
  openTestMesh,
  readLedger,
  simulatedProduct,
  submit,
  untilProgress
} from './running-mesh.ts'

const FORECAST_MS = 400_000
const LIAR = fileURLToPath(new URL('./hostile/coordinator.ts', import.meta.url))

/** Result CIDs by slot that verdicts of any ledger name: more than one is a contradiction. */
async function resultsBySlot(mesh: LocalMesh): Promise<Map<string, Set<string>>> {
  const results = new Map<string, Set<string>>()
  for (const { home } of mesh.coordinators) {
    for (const fact of await readLedger(home)) {
      if (fact.kind !== 'slot-settled' && fact.kind !== 'verdict-noted') continue
      const { slot, result } = bodyOf('verdict', fact.verdict)
      const key = `${slot.plan} ${slot.member}/${slot.block}/${slot.window}`
      results.set(key, (results.get(key) ?? new Set()).add(result.toString()))
    }
  }
  return results
}

async function checkNoConflict(mesh: LocalMesh): Promise<void> {
  const results = await resultsBySlot(mesh)
  assert.ok(results.size > 0)
  for (const [slot, found] of results) assert.equal(found.size, 1, `${slot} has two results`)
}

const factsOf = async (mesh: LocalMesh, index: number): Promise<Fact[]> =>
  readLedger(mesh.coordinators[index]?.home ?? '')

describe('devnet: coordinators', function () {
  this.timeout(1_200_000)

  it('an owner is killed for good: the others finish its units', async () => {
    await using test = await openTestMesh({ coordinators: 3, volunteers: 3, particles: 12_000 })
    const { mesh, forecastFile } = test
    const plan = await submit(test)
    await untilProgress(mesh, 0, plan, (p) => p.units.leased + p.units.committed > 0, FORECAST_MS)
    await mesh.coordinators[2]?.kill()
    const done = await untilProgress(mesh, 0, plan, (p) => p.forecast !== undefined, FORECAST_MS)
    assert.equal(done.units.verified, done.units.total)
    assert.deepEqual(done.gaps, [])
    assert.equal(done.product, await simulatedProduct(forecastFile))
    await mesh.stop()
    await checkNoConflict(mesh)
    const deposed = (await factsOf(mesh, 0)).some(({ kind }) => kind === 'coordinator-deposed')
    assert.ok(deposed, 'its chains were taken over')
  })

  it('a 2 | 1 partition: the two finish, the one waits, and heals without a conflict', async () => {
    await using test = await openPartedMesh({ coordinators: 3, volunteers: 4, particles: 12_000 })
    const { mesh, forecastFile } = test
    const plan = await submit(test)
    const isUnderWay = (p: PlanProgress): boolean => p.units.leased + p.units.committed > 0
    await untilProgress(mesh, 2, plan, isUnderWay, FORECAST_MS)
    await test.part([
      ['relay', 'coordinator-1', 'coordinator-2', 'volunteer-1', 'volunteer-2', 'volunteer-3'],
      ['coordinator-3', 'volunteer-4']
    ])
    const done = await untilProgress(mesh, 0, plan, (p) => p.forecast !== undefined, FORECAST_MS)
    assert.equal(done.product, await simulatedProduct(forecastFile))
    const alone = await untilProgress(mesh, 2, plan, () => true, FORECAST_MS)
    assert.equal(alone.forecast, undefined, 'a minority publishes nothing')
    test.heal()
    await untilProgress(mesh, 2, plan, (p) => p.forecast !== undefined, FORECAST_MS)
    await mesh.stop()
    await checkNoConflict(mesh)
  })

  it('who signs two verdicts is expelled, with both as the proof', async () => {
    await using test = await openTestMesh({
      coordinators: 3,
      coordinatorsHeldBack: 1,
      volunteers: 3,
      particles: 12_000
    })
    const { mesh, forecastFile } = test
    await mesh.startCoordinator(2, { program: LIAR })
    const plan = await submit(test)
    const done = await untilProgress(mesh, 0, plan, (p) => p.forecast !== undefined, FORECAST_MS)
    assert.equal(done.product, await simulatedProduct(forecastFile))
    await mesh.stop()
    const liar = (await factsOf(mesh, 2)).length
    assert.ok(liar > 0)
    const expelled = (await factsOf(mesh, 0)).flatMap((fact) =>
      fact.kind === 'coordinator-expelled' ? [toHex(fact.coordinator)] : []
    )
    assert.equal(expelled.length, 1, 'one coordinator is expelled')
  })
})
