/** Plans: refusals, windows, gaps, deadlines, publication, and progress. */
import assert from 'node:assert/strict'
import { plansOf, progressOf } from '../../../coordinator/summary.ts'
import { toBlock } from '../../../protocol/canonical.ts'
import { ERRORS_MAX, REPLICAS_MAX } from '../../../protocol/limits.ts'
import type { Plan } from '../../../protocol/plan.ts'
import { claimedKind } from '../../../protocol/signed.ts'
import { smallPlan } from '../../fixtures/plans/small-plan.ts'
import { actionOf, Desk, settle } from './harness.ts'

const cidOf = (plan: Plan) => toBlock(plan).cid
const progress = (desk: Desk, plan: Plan) =>
  progressOf(desk.state, cidOf(plan)) ?? assert.fail('unknown')

describe('plan', () => {
  it('is refused by name when it cannot be run', () => {
    const foreign = smallPlan({ kernel: smallPlan().forcing })
    const cases: readonly (readonly [Plan, RegExp])[] = [
      [foreign, /kernel/],
      [smallPlan({ memberCount: 2 }), /random keys/],
      [smallPlan({ windowSteps: 1, stepCount: 60_000, blockCount: 4 }), /units/]
    ]
    for (const [plan, expected] of cases) {
      const desk = new Desk()
      desk.handle({ kind: 'plan-submitted', plan, cid: cidOf(plan), replyTo: 'api' })
      assert.match(desk.of('submitted')[0]?.refused ?? '', expected)
      assert.deepEqual(plansOf(desk.state), [])
    }
  })

  it('is announced at once and then every announceMs while it has open slots', () => {
    const desk = new Desk()
    desk.submit(smallPlan())
    assert.equal(desk.of('gossip').length, 1)
    assert.equal(desk.tick(30_000).filter(({ kind }) => kind === 'gossip').length, 0)
    assert.equal(desk.tick(30_000).filter(({ kind }) => kind === 'gossip').length, 1)
  })

  it('submitted again changes nothing', () => {
    const desk = new Desk()
    desk.submit(smallPlan())
    desk.submit(smallPlan())
    assert.equal(desk.of('append').length, 0)
  })

  it('mints the next window from the result of the one before', () => {
    const desk = new Desk()
    desk.submit(smallPlan({ blockCount: 1 }))
    settle(desk, 'ann', 'bob')
    const grant = desk.grant('ann')
    assert.equal(grant.slot.window, 1)
  })

  it('a slot whose particles spread too wide is a gap', () => {
    const desk = new Desk()
    const plan = smallPlan({
      blockCount: 1,
      gridColumns: 9000,
      reachCellsPerStep: 1,
      windowSteps: 16
    })
    const wide = {
      ...plan,
      blocks: plan.blocks.map((block) => ({
        ...block,
        crop: { column: 0, row: 0, columns: 2040, rows: 20 }
      }))
    }
    desk.submit(wide)
    settle(desk, 'ann', 'bob')
    const { units, gaps } = progress(desk, wide)
    assert.deepEqual([units.verified, units.failed], [1, 2])
    assert.equal(gaps[0]?.reason, 'too-wide')
  })

  it('gives up a poison unit and the later windows of its chain', () => {
    const desk = new Desk()
    const plan = smallPlan({ blockCount: 1 })
    desk.submit(plan)
    for (let index = 0; index < ERRORS_MAX; index += 1) {
      const { lease } = desk.grant(`peer-${index}`)
      desk.say(`peer-${index}`, 'release', { kind: 'release', lease, reason: 'failed' })
    }
    assert.equal(actionOf(desk.request('late')), 'nothing-open')
    assert.equal(progress(desk, plan).units.failed, 2)
    assert.equal(desk.state.durable.plans.get(cidOf(plan).toString())?.open.size, 0)
  })

  it('a unit whose inputs are missing for long is not poison', () => {
    const desk = new Desk()
    const plan = smallPlan({ blockCount: 1 })
    desk.submit(plan)
    for (let index = 0; index < REPLICAS_MAX * 2; index += 1) {
      const { lease } = desk.grant('ann')
      desk.say('ann', 'release', { kind: 'release', lease, reason: 'inputs-missing' })
    }
    assert.equal(progress(desk, plan).units.failed, 0)
  })

  it('is given up at its deadline, and published with the gaps named', () => {
    const desk = new Desk()
    const plan = smallPlan({ blockCount: 2, windowSteps: 48 })
    desk.submit(plan)
    desk.tick(plan.mesh.deadlineSeconds * 1000)
    assert.equal(progress(desk, plan).gaps.length, 2)
    const [assemble] = desk.of('assemble')
    assert.deepEqual(assemble?.settled, [])
    desk.handle({ kind: 'assembled', plan: cidOf(plan), product: cidOf(plan) })
    assert.equal(desk.of('publish')[0]?.forecast.gaps.length, 2)
  })

  it('one coordinator assembles, signs, publishes, also over restarts', () => {
    const desk = new Desk()
    const plan = smallPlan({ blockCount: 1, windowSteps: 48 })
    const cid = cidOf(plan)
    desk.submit(plan)
    settle(desk, 'ann', 'bob')
    desk.restart()
    assert.equal(desk.of('assemble').length, 1)
    assert.equal(desk.tick().filter(({ kind }) => kind === 'assemble').length, 0)
    desk.handle({ kind: 'assembled', plan: cid, product: cid })
    desk.restart()
    const publish = desk.of('publish')[0] ?? assert.fail('nothing is published')
    assert.equal(publish.cosignatures.length, 1)
    assert.equal(publish.verdicts.length, 1)
    desk.handle({ kind: 'published', plan: cid, forecast: cid })
    assert.equal(claimedKind(desk.of('gossip')[0]?.envelope ?? assert.fail()), 'publication')
    assert.equal(progress(desk, plan).stage, 'published')
  })

  it('progress counts what the ledger says', () => {
    const desk = new Desk()
    const plan = smallPlan({ blockCount: 3, windowSteps: 48 })
    desk.submit(plan)
    assert.deepEqual(progress(desk, plan).units, {
      total: 3,
      owned: 3,
      open: 3,
      leased: 0,
      committed: 0,
      verified: 0,
      failed: 0,
      elsewhere: 0
    })
    const grant = desk.grant('ann')
    desk.heartbeat('ann', grant, 1000)
    assert.equal(progress(desk, plan).particleStepsDone, 1000)
    assert.equal(progress(desk, plan).units.leased, 1)
    desk.commit('ann', grant)
    const { units, replicas, particleStepsTotal } = progress(desk, plan)
    assert.deepEqual([units.open, units.leased, units.committed, replicas], [2, 0, 1, 1])
    assert.equal(particleStepsTotal, 300 * 48)
  })
})
