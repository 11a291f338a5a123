/** Policy throughput: one replica, and by lot a second one; the lot can be checked by everybody. */
import assert from 'node:assert/strict'
import { THROUGHPUT_QUORUM } from '../../../coordinator/replicas.ts'
import type { Rules } from '../../../coordinator/rules.ts'
import { toBlock } from '../../../protocol/canonical.ts'
import { openInbound } from '../../../protocol/inbound.ts'
import type { LeaseGrant } from '../../../protocol/message/lease.ts'
import { LOTTERY_SHARE_MIN, lotteryDraw } from '../../../protocol/message/lottery.ts'
import { smallPlan } from '../../fixtures/plans/small-plan.ts'
import { cheapCurve } from '../../sim/world/cheap-curve.ts'
import { actionOf, type BareEvent, Desk, keys, verdictOf } from './harness.ts'

const NAMES = ['alpha', 'beta']
const THROUGHPUT = {
  policy: 'throughput',
  quorum: 1,
  deadlineSeconds: 36_000,
  priority: 0
} as const

/** One chain of many windows that alpha owns. */
function chain() {
  for (let word = 0; ; word += 1) {
    const plan = smallPlan({
      blockCount: 1,
      stepCount: 400,
      windowSteps: 2,
      rngSeed: [0, word],
      mesh: THROUGHPUT
    })
    const desk = new Desk('alpha', NAMES)
    desk.submit(plan)
    const open = desk.state.durable.plans.get(toBlock(plan).cid.toString())?.open.size
    if (open === 1) return plan
  }
}

const PLAN = chain()

function open(rules: Partial<Rules> = {}): Desk {
  const desk = new Desk('alpha', NAMES, rules)
  desk.submit(PLAN)
  return desk
}

function finish(desk: Desk, peer: string, grant: LeaseGrant, lie = ''): void {
  if (actionOf(desk.heartbeat(peer, grant)) !== 'reveal') return
  desk.reveal(peer, grant, lie)
  desk.fetched(grant, lie)
}

/** One unit by Ann, and by Bob where the lot says so. @returns the replicas it took */
function unit(desk: Desk): { replicas: number; verdict: Uint8Array } {
  const ann = desk.grant('ann')
  const isSpared = actionOf(desk.commit('ann', ann)) === 'reveal'
  if (!isSpared) {
    const bob = desk.grant('bob')
    desk.commit('bob', bob)
    finish(desk, 'ann', ann)
    finish(desk, 'bob', bob)
  } else {
    finish(desk, 'ann', ann)
  }
  const answer = desk.heartbeat('ann', ann)
  assert.ok(answer.kind === 'directive' && answer.verdict !== undefined, actionOf(answer))
  return { replicas: isSpared ? 1 : 2, verdict: answer.verdict }
}

describe('lottery', () => {
  it('newcomers are always computed twice, established operators ever less', () => {
    const desk = open()
    const counts = Array.from({ length: 150 }, () => unit(desk).replicas)
    assert.ok(counts.slice(0, 10).every((count) => count === THROUGHPUT_QUORUM))
    const later = counts.slice(50).reduce((sum, count) => sum + count, 0) / 100
    assert.ok(later > 1 && later < 1.2, `${later} executions per unit`)
    desk.restart()
  })

  it('a verdict with one voter proves that the lot spared the second', () => {
    const desk = open()
    let spared = unit(desk)
    while (spared.replicas > 1) spared = unit(desk)
    const verdict = verdictOf(spared.verdict)
    assert.equal(verdict.agreeing.length, 1)
    const told = (body: typeof verdict): string => {
      const beta = new Desk('beta', NAMES)
      beta.handle({
        ...openInbound('unit', proposal(), cheapCurve),
        plan: PLAN,
        replyTo: 'x'
      } as BareEvent)
      const signed = keys('alpha').sign('verdict', body)
      const notice = keys('alpha').sign('verdict-notice', {
        kind: 'verdict-notice',
        verdict: signed
      })
      beta.handle({ ...openInbound('unit', notice, cheapCurve), replyTo: 'y' } as BareEvent)
      return beta.of('note').map(({ name }) => name)[0] ?? 'nothing'
    }
    assert.equal(told(verdict), 'notice.accepted')
    const { lotterySecret: _, ...bare } = verdict
    assert.equal(told(bare), 'notice.refused')
    assert.equal(told({ ...verdict, lotterySecret: new Uint8Array(32) }), 'notice.refused')
  })

  it('a liar that is drawn is convicted, and what it said alone is computed again', () => {
    const desk = open({ audit: false, fullAudit: false })
    let done = unit(desk)
    while (done.replicas > 1) done = unit(desk)
    for (;;) {
      const ann = desk.grant('ann')
      if (actionOf(desk.commit('ann', ann, 'lie')) === 'reveal') {
        finish(desk, 'ann', ann, 'lie')
        continue
      }
      const bob = desk.grant('bob')
      desk.commit('bob', bob)
      finish(desk, 'ann', ann, 'lie')
      finish(desk, 'bob', bob)
      break
    }
    assert.equal(actionOf(desk.request('ann')), 'convicted')
    const [plan] = desk.state.durable.plans.values()
    assert.ok((plan?.recheckCount ?? 0) > 0)
    desk.restart()
  })

  it('is drawn before the commit, for the volunteer to see, when the rule is off', () => {
    const desk = open({ lotteryAfterCommit: false })
    for (let count = 0; count < 30; count += 1) unit(desk)
    const ann = desk.grant('ann')
    const seen = lotteryDraw(ann.lotterySeal ?? assert.fail(), new Uint8Array(0))
    const isSpared = actionOf(desk.commit('ann', ann)) === 'reveal'
    assert.equal(isSpared, seen >= LOTTERY_SHARE_MIN)
  })

  it('a plan of this policy needs two coordinators', () => {
    const desk = new Desk()
    const { cid } = toBlock(PLAN)
    desk.handle({ kind: 'plan-submitted', plan: PLAN, cid, replyTo: 'api' })
    assert.match(desk.of('submitted')[0]?.refused ?? '', /second coordinator/)
  })
})

/** Alpha's proposal of the plan. */
function proposal(): Uint8Array {
  const desk = new Desk('alpha', NAMES)
  desk.submit(PLAN)
  return desk.of('send')[0]?.envelope ?? assert.fail()
}
