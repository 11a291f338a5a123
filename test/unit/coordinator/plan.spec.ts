/** Plans: refusals, windows, gaps, deadlines, publication, and what coordinators tell each other. */
import assert from 'node:assert/strict'
import { plansOf, progressOf } from '../../../coordinator/summary.ts'
import { toBlock } from '../../../protocol/canonical.ts'
import { openInbound, openNoticeAnswer } from '../../../protocol/inbound.ts'
import { ERRORS_MAX } from '../../../protocol/limits.ts'
import type { Plan } from '../../../protocol/plan.ts'
import { bodyOf, claimedKind } from '../../../protocol/signed.ts'
import { smallPlan } from '../../fixtures/plans/small-plan.ts'
import { cheapCurve } from '../../sim/cheap-curve.ts'
import { runUnit } from '../../sim/kernel.ts'
import { actionOf, type BareEvent, Desk, keys, NOW, settle } from './harness.ts'

const NAMES = ['alpha', 'beta']
const cidOf = (plan: Plan) => toBlock(plan).cid
const progress = (desk: Desk, plan: Plan) =>
  progressOf(desk.state, cidOf(plan)) ?? assert.fail('unknown')

/** Brings a statement from one desk to another and returns its answer. */
function carry(to: Desk, envelope: Uint8Array, plan: Plan) {
  const inbound = openInbound('unit', envelope, cheapCurve)
  const event = inbound.kind === 'plan-proposal' ? { ...inbound, plan } : inbound
  to.handle({ ...event, replyTo: 'stream' } as BareEvent)
  return openNoticeAnswer(
    'unit',
    to.of('reply')[0]?.envelope ?? assert.fail('no reply'),
    cheapCurve
  )
}

/** Two coordinators that both know the plan; beta owns nothing of it that alpha does. */
function pair(plan: Plan): { alpha: Desk; beta: Desk } {
  const [alpha, beta] = [new Desk('alpha', NAMES), new Desk('beta', NAMES)]
  alpha.submit(plan)
  const [proposal] = alpha.of('send')
  assert.ok(proposal)
  assert.equal(carry(beta, proposal.envelope, plan).kind, 'acknowledgement')
  return { alpha, beta }
}

/** A plan of one slot that alpha owns. */
function alphaOnly(): Plan {
  for (let word = 0; ; word += 1) {
    const plan = smallPlan({ blockCount: 1, windowSteps: 48, rngSeed: [0, word] })
    const desk = new Desk('alpha', NAMES)
    desk.submit(plan)
    if (progress(desk, plan).units.owned === 1) return plan
  }
}

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

  it('one coordinator assembles, recomputes, signs, publishes, and takes it up after restarts', () => {
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
    const recompute = desk.of('recompute')[0] ?? assert.fail('nothing is recomputed')
    const { slot, unit } = recompute
    desk.handle({ kind: 'recomputed', plan: cid, slot, result: runUnit(unit).cid })
    desk.restart()
    const publish = desk.of('publish')[0] ?? assert.fail('nothing is published')
    assert.equal(publish.cosignatures.length, 1)
    assert.equal(publish.verdicts.length, 1)
    desk.handle({ kind: 'published', plan: cid, forecast: cid })
    assert.equal(claimedKind(desk.of('gossip')[0]?.envelope ?? assert.fail()), 'publication')
    assert.equal(progress(desk, plan).stage, 'published')
  })

  it('a recomputation that differs stops the signature', () => {
    const desk = new Desk()
    const plan = smallPlan({ blockCount: 1, windowSteps: 48 })
    const cid = cidOf(plan)
    desk.submit(plan)
    settle(desk, 'ann', 'bob')
    desk.tick()
    desk.handle({ kind: 'assembled', plan: cid, product: cid })
    const [recompute] = desk.of('recompute')
    assert.ok(recompute)
    desk.handle({ kind: 'recomputed', plan: cid, slot: recompute.slot, result: cid })
    assert.equal(progress(desk, plan).stage, 'disputed')
    desk.restart()
    assert.deepEqual([desk.of('publish').length, progress(desk, plan).cosignatures], [0, 0])
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

describe('coordinators', () => {
  it('a proposal from nobody of the federation is refused', () => {
    const beta = new Desk('beta', NAMES)
    const plan = smallPlan()
    const envelope = keys('mallory').sign('plan-proposal', {
      kind: 'plan-proposal',
      plan: cidOf(plan),
      submittedAtMs: NOW,
      sources: []
    })
    const answer = carry(beta, envelope, plan)
    assert.equal(answer.kind === 'refusal' && answer.said.body.reason, 'inadmissible')
  })

  it('a verdict is told, taken once, and repeated until it is answered', () => {
    const plan = alphaOnly()
    const { alpha, beta } = pair(plan)
    settle(alpha, 'ann', 'bob')
    alpha.restart()
    const notice = alpha
      .of('send')
      .map(({ envelope }) => envelope)
      .find((e) => claimedKind(e) === 'verdict-notice')
    assert.ok(notice)
    const before = beta.ledger.length
    assert.equal(carry(beta, notice, plan).kind, 'acknowledgement')
    assert.equal(beta.of('fetch').length, 1)
    assert.equal(beta.ledger.length, before + 1)
    assert.equal(carry(beta, notice, plan).kind, 'acknowledgement')
    assert.equal(beta.ledger.length, before + 1)
    const again = alpha
      .tick(30_000)
      .some((effect) => effect.kind === 'send' && claimedKind(effect.envelope) === 'verdict-notice')
    assert.ok(again)
  })

  it('a verdict that is not proven, not of the owner or a second one is refused', () => {
    const plan = alphaOnly()
    const { alpha, beta } = pair(plan)
    const verdict = bodyOf('verdict', settle(alpha, 'ann', 'bob'))
    const [first, second] = verdict.agreeing
    assert.ok(first && second)
    const refusedAs = (signer: string, body: typeof verdict) => {
      const inner = keys(signer).sign('verdict', body)
      const answer = carry(
        beta,
        keys(signer).sign('verdict-notice', { kind: 'verdict-notice', verdict: inner }),
        plan
      )
      return answer.kind === 'refusal' ? answer.said.body.reason : answer.kind
    }
    const unknown = { ...verdict, slot: { ...verdict.slot, plan: verdict.unit } }
    assert.equal(refusedAs('alpha', unknown), 'unknown-plan')
    assert.equal(
      refusedAs('alpha', { ...verdict, slot: { ...verdict.slot, block: 5 } }),
      'inadmissible'
    )
    assert.equal(refusedAs('mallory', verdict), 'inadmissible')
    assert.equal(refusedAs('alpha', { ...verdict, agreeing: [first] }), 'inadmissible')
    assert.equal(refusedAs('alpha', { ...verdict, agreeing: [first, first] }), 'inadmissible')
    assert.equal(refusedAs('alpha', { ...verdict, result: verdict.unit }), 'inadmissible')
    const swapped = { ...second, binding: first.binding }
    assert.equal(refusedAs('alpha', { ...verdict, agreeing: [first, swapped] }), 'inadmissible')
    assert.equal(refusedAs('alpha', { ...verdict, unit: verdict.result }), 'inadmissible')
    assert.equal(refusedAs('alpha', verdict), 'acknowledgement')
    assert.equal(refusedAs('alpha', { ...verdict, term: 1 }), 'inadmissible')
  })

  it('gaps of a chain may be told in any order', () => {
    const { alpha, beta } = pair(alphaOnly2())
    const plan = alphaOnly2()
    const notice = (window: number) =>
      keys('alpha').sign('gap-notice', {
        kind: 'gap-notice',
        slot: { plan: cidOf(plan), member: 0, block: 0, window },
        term: 0,
        reason: 'errors'
      })
    assert.equal(alpha.name, 'alpha')
    for (const window of [1, 0, 1, 0]) {
      assert.equal(carry(beta, notice(window), plan).kind, 'acknowledgement')
    }
    assert.equal(progress(beta, plan).units.failed, 2)
  })

  it('a coordinator cosigns only the forecast it found itself', () => {
    const plan = alphaOnly()
    const { alpha, beta } = pair(plan)
    const grants = settle(alpha, 'ann', 'bob')
    const notice = keys('alpha').sign('verdict-notice', { kind: 'verdict-notice', verdict: grants })
    carry(beta, notice, plan)
    const fetch = beta.of('fetch')[0] ?? assert.fail()
    const honest = alpha.of('reply').length
    assert.ok(honest >= 0)
    alpha.tick()
    alpha.handle({ kind: 'assembled', plan: cidOf(plan), product: cidOf(plan) })
    const { slot, unit } = alpha.of('recompute')[0] ?? assert.fail()
    const { cid, result } = runUnit(unit)
    alpha.handle({ kind: 'recomputed', plan: cidOf(plan), slot, result: cid })
    const proposal = alpha
      .of('send')
      .find(({ envelope }) => claimedKind(envelope) === 'forecast-proposal')
    assert.ok(proposal)
    const early = carry(beta, proposal.envelope, plan)
    assert.ok(early.kind === 'acknowledgement' && early.cosignature === undefined)

    beta.handle({ kind: 'fetched', fetch: fetch.fetch, result })
    assert.equal(beta.of('assemble').length, 1)
    beta.handle({ kind: 'assembled', plan: cidOf(plan), product: cidOf(plan) })
    const own = beta.of('recompute')[0] ?? assert.fail()
    beta.handle({ kind: 'recomputed', plan: cidOf(plan), slot: own.slot, result: cid })
    const answer = carry(beta, proposal.envelope, plan)
    assert.ok(answer.kind === 'acknowledgement' && answer.cosignature !== undefined)

    const other = { ...bodyOf('forecast-proposal', proposal.envelope) }
    const changed = openInbound('unit', proposal.envelope, cheapCurve)
    assert.ok(changed.kind === 'forecast-proposal')
    const body = toBlock({ ...changed.forecast, product: cid }).bytes
    const wrong = carry(beta, keys('alpha').sign('forecast-proposal', { ...other, body }), plan)
    assert.ok(wrong.kind === 'acknowledgement' && wrong.cosignature === undefined)

    alpha.handle({ kind: 'answered', to: keys('beta').key, of: proposal.of, answer })
    assert.equal(alpha.of('publish')[0]?.cosignatures.length, 2)
  })
})

/** A plan of one chain of two windows that alpha owns. */
function alphaOnly2(): Plan {
  for (let word = 0; ; word += 1) {
    const plan = smallPlan({ blockCount: 1, rngSeed: [0, word] })
    const desk = new Desk('alpha', NAMES)
    desk.submit(plan)
    if (progress(desk, plan).units.owned === 2) return plan
  }
}
