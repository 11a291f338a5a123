/** What coordinators tell each other: proposals, verdicts, gaps, cosignatures. */
import assert from 'node:assert/strict'
import { progressOf } from '../../../coordinator/summary.ts'
import { toBlock } from '../../../protocol/canonical.ts'
import { openInbound, openNoticeAnswer } from '../../../protocol/inbound.ts'
import type { Plan } from '../../../protocol/plan.ts'
import { bodyOf, claimedKind } from '../../../protocol/signed.ts'
import { smallPlan } from '../../fixtures/plans/small-plan.ts'
import { cheapCurve } from '../../sim/world/cheap-curve.ts'
import { type BareEvent, Desk, keys, NOW, settle } from './harness.ts'

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

/** A plan of one chain of two windows that alpha owns. */
function alphaOnly2(): Plan {
  for (let word = 0; ; word += 1) {
    const plan = smallPlan({ blockCount: 1, rngSeed: [0, word] })
    const desk = new Desk('alpha', NAMES)
    desk.submit(plan)
    if (progress(desk, plan).units.owned === 2) return plan
  }
}

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
    const { alpha } = pair(plan)
    const verdict = bodyOf('verdict', settle(alpha, 'ann', 'bob'))
    const [first, second] = verdict.agreeing
    assert.ok(first && second)
    const refusedAs = (signer: string, body: typeof verdict) => {
      const { beta } = pair(plan)
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
})
