/** Urgent tail, draining, offline bundles, receipts. */
import assert from 'node:assert/strict'
import { toBlock } from '../../../protocol/canonical.ts'
import { bodyOf } from '../../../protocol/signed.ts'
import { smallPlan } from '../../fixtures/plans/small-plan.ts'
import { actionOf, Desk, revealOf, verdictOf } from './harness.ts'

const MINUTE_MS = 60_000
const ONE_SLOT = smallPlan({ blockCount: 1, windowSteps: 48 })

function open(): Desk {
  const desk = new Desk()
  desk.submit(ONE_SLOT)
  return desk
}

describe('the tail of a plan', () => {
  it('gets one extra replica beside a slow one, and who comes first counts', () => {
    const desk = open()
    const [slow, ann] = [desk.grant('slow'), desk.grant('ann')]
    desk.commit('ann', ann)
    assert.equal(actionOf(desk.request('bob')), 'nothing-open')
    for (let minute = 0; minute < 3; minute += 1) {
      desk.tick(MINUTE_MS)
      desk.heartbeat('slow', slow, 1)
    }
    desk.tick()
    const bob = desk.grant('bob')
    assert.equal(actionOf(desk.request('cem')), 'nothing-open')
    desk.restart()
    desk.commit('bob', bob)
    for (const [peer, grant] of [
      ['ann', ann],
      ['bob', bob]
    ] as const) {
      desk.reveal(peer, grant)
      desk.fetched(grant)
    }
    assert.equal(actionOf(desk.heartbeat('slow', slow)), 'settled')
    desk.restart()
  })

  it('has none without the rule', () => {
    const desk = new Desk('alpha', ['alpha'], { urgentTail: false })
    desk.submit(ONE_SLOT)
    const slow = desk.grant('slow')
    desk.commit('ann', desk.grant('ann'))
    for (let minute = 0; minute < 4; minute += 1) {
      desk.tick(MINUTE_MS)
      desk.heartbeat('slow', slow, 1)
    }
    assert.equal(actionOf(desk.request('bob')), 'nothing-open')
  })
})

describe('draining', () => {
  it('finishes what is leased and takes on nothing new', () => {
    const desk = open()
    const ann = desk.grant('ann')
    desk.handle({ kind: 'drain' })
    assert.equal(actionOf(desk.request('bob')), 'draining')
    assert.equal(actionOf(desk.commit('ann', ann)), 'wait')
    assert.deepEqual(desk.tick(2 * MINUTE_MS), [])
    desk.handle({ kind: 'resume' })
    assert.equal(actionOf(desk.request('bob')), 'grant')
  })
})

describe('an offline bundle', () => {
  it('is leased for its time and may be silent', () => {
    const desk = open()
    const answer = desk.request('boat', { offlineMs: 8 * 60 * MINUTE_MS })
    assert.ok(answer.kind === 'lease-grant')
    assert.equal(answer.expiresAtMs - answer.grantedAtMs, 8 * 60 * MINUTE_MS)
    desk.tick(7 * 60 * MINUTE_MS)
    desk.restart()
    desk.tick(30 * MINUTE_MS)
    assert.equal(actionOf(desk.commit('boat', answer)), 'wait')
  })
})

describe('a receipt', () => {
  it('credits who agreed with the verified fuel, and nobody else', () => {
    const desk = open()
    const [ann, eve] = [desk.grant('ann'), desk.grant('eve')]
    desk.commit('ann', ann)
    desk.commit('eve', eve, 'lie')
    desk.reveal('ann', ann)
    desk.fetched(ann)
    desk.reveal('eve', eve, 'lie')
    desk.fetched(eve, 'lie')
    const bob = desk.grant('bob')
    desk.commit('bob', bob)
    desk.reveal('bob', bob)
    desk.fetched(bob)
    const told = desk.heartbeat('ann', ann)
    assert.ok(told.kind === 'directive' && told.verdict !== undefined)
    const receipt = bodyOf('receipt', told.receipt ?? assert.fail('no receipt'))
    assert.equal(receipt.fuel, verdictOf(told.verdict).fuel)
    assert.equal(receipt.fuel, revealOf(ann).fuel)
    assert.ok(receipt.slot.plan.equals(toBlock(ONE_SLOT).cid))
    const liar = desk.heartbeat('eve', eve)
    assert.ok(liar.kind === 'directive' && liar.receipt === undefined)
  })
})
