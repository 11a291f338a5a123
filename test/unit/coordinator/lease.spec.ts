/** Heartbeat, expiry, commit and reveal, rule by rule. */
import assert from 'node:assert/strict'
import type { LeaseGrant } from '../../../protocol/message/lease.ts'
import { bodyOf } from '../../../protocol/signed.ts'
import { smallPlan } from '../../fixtures/plans/small-plan.ts'
import { actionOf, Desk, NOW, revealOf, settle, shared, verdictOf } from './harness.ts'

const HEARTBEAT_MS = 30_000
const ONE_SLOT = smallPlan({ blockCount: 1, windowSteps: 48 })

function open(plan = ONE_SLOT): Desk {
  const desk = new Desk()
  desk.submit(plan)
  return desk
}

describe('lease', () => {
  it('falls silent after three missed heartbeats, and its slot is open again', () => {
    const desk = open()
    const grant = desk.grant('ann')
    desk.tick(HEARTBEAT_MS * 3)
    assert.equal(actionOf(desk.heartbeat('ann', grant)), 'compute')
    desk.tick(HEARTBEAT_MS * 4)
    assert.equal(desk.grant('bob').attempt, 1)
    assert.equal(desk.grant('cem').attempt, 2)
    assert.equal(actionOf(desk.heartbeat('ann', grant)), 'expired')
  })

  it('goes on after silence when nobody took its place', () => {
    const desk = open()
    const grant = desk.grant('ann')
    desk.tick(HEARTBEAT_MS * 4)
    assert.equal(actionOf(desk.heartbeat('ann', grant)), 'compute')
    assert.equal(actionOf(desk.commit('ann', grant)), 'wait')
  })

  it('whose grant was lost goes on when the request is repeated', () => {
    const desk = open()
    const request = new Uint8Array(32).fill(200)
    const first = desk.request('ann', { request })
    desk.tick(HEARTBEAT_MS * 4)
    assert.deepEqual(desk.request('ann', { request }), first)
    assert.equal(actionOf(desk.heartbeat('ann', first as LeaseGrant)), 'compute')
    assert.equal(desk.state.durable.plans.values().next().value?.slots.get('0/0/0')?.errors, 0)
  })

  it('is not silent while the coordinator itself was down', () => {
    const desk = open()
    const grant = desk.grant('ann')
    desk.atMs += HEARTBEAT_MS * 10
    desk.restart()
    assert.equal(actionOf(desk.heartbeat('ann', grant)), 'compute')
  })

  it('is renewed while progress is at least half of what is expected, else it expires', () => {
    for (const [progress, expected] of [
      [1, 'compute'],
      [0.1, 'expired']
    ] as const) {
      const desk = open()
      const grant = desk.grant('ann')
      const lengthMs = grant.expiresAtMs - NOW
      for (let ms = 0; ms < lengthMs + HEARTBEAT_MS; ms += HEARTBEAT_MS) {
        desk.tick(HEARTBEAT_MS)
        desk.heartbeat('ann', grant, Math.floor(((desk.atMs - NOW) / lengthMs) * 4800 * progress))
      }
      desk.restart()
      assert.equal(actionOf(desk.heartbeat('ann', grant)), expected, `progress ${progress}`)
    }
  })

  it('of a run that hangs at 99 % is renewed once, and then expires', () => {
    const desk = open()
    const grant = desk.grant('ann')
    const lengthMs = grant.expiresAtMs - NOW
    for (let ms = 0; ms < lengthMs * 3; ms += HEARTBEAT_MS) {
      desk.tick(HEARTBEAT_MS)
      const isHeld = actionOf(desk.heartbeat('ann', grant, 4752)) === 'compute'
      if (ms > lengthMs * 2) assert.ok(!isHeld, `after ${ms} ms`)
      else if (ms < lengthMs) assert.ok(isHeld, `after ${ms} ms`)
    }
  })

  it('unknown leases and other peers are refused', () => {
    const desk = open()
    const grant = desk.grant('ann')
    const unknown = { ...grant, lease: new Uint8Array(32) }
    assert.equal(actionOf(desk.heartbeat('ann', unknown)), 'unknown-lease')
    assert.equal(actionOf(desk.heartbeat('bob', grant)), 'inadmissible')
    assert.equal(actionOf(desk.commit('bob', grant)), 'inadmissible')
    assert.equal(actionOf(desk.reveal('bob', grant)), 'inadmissible')
  })

  it('can be given back without harm', () => {
    const desk = open()
    const { lease } = desk.grant('ann')
    assert.equal(
      actionOf(desk.say('ann', 'release', { kind: 'release', lease, reason: 'finish' })),
      'expired'
    )
    assert.equal(actionOf(desk.request('ann')), 'grant')
  })
})

describe('commit and reveal', () => {
  it('a reveal before it is asked for is not taken', () => {
    const desk = open()
    const ann = desk.grant('ann')
    assert.equal(actionOf(desk.reveal('ann', ann)), 'compute')
    desk.commit('ann', ann)
    assert.equal(actionOf(desk.reveal('ann', ann)), 'wait')
    assert.equal(desk.of('append').length, 0)
    assert.equal(desk.of('fetch').length, 0)
  })

  it('reveals are asked for when the quorum of commits is logged', () => {
    const desk = open()
    const [ann, bob] = [desk.grant('ann'), desk.grant('bob')]
    assert.equal(actionOf(desk.commit('ann', ann)), 'wait')
    assert.equal(actionOf(desk.commit('bob', bob)), 'reveal')
    assert.equal(actionOf(desk.heartbeat('ann', ann)), 'reveal')
  })

  it('a repeated commit gets the same answer, another digest does not count', () => {
    const desk = open()
    const ann = desk.grant('ann')
    assert.equal(actionOf(desk.commit('ann', ann)), 'wait')
    assert.equal(actionOf(desk.commit('ann', ann)), 'wait')
    assert.equal(desk.of('append').length, 0)
    assert.equal(actionOf(desk.commit('ann', ann, 'lie')), 'inadmissible')
  })

  it('a commit after the lease expired is refused', () => {
    const desk = open()
    const ann = desk.grant('ann')
    desk.atMs = ann.expiresAtMs
    assert.equal(actionOf(desk.commit('ann', ann)), 'expired')
  })

  it('a commit for another unit, attempt or operator is refused', () => {
    const desk = open()
    const ann = desk.grant('ann')
    const { operator } = desk.grant('bob')
    for (const change of [{ attempt: 7 }, { operator }]) {
      assert.equal(actionOf(desk.commit('ann', { ...ann, ...change })), 'inadmissible')
    }
  })

  it('two equal results settle; the verdict names both with their proofs', () => {
    const desk = open()
    const verdict = verdictOf(settle(desk, 'ann', 'bob'))
    assert.equal(verdict.agreeing.length, 2)
    for (const { binding, reveal, operator, peer } of verdict.agreeing) {
      assert.deepEqual(bodyOf('binding', binding).operator, operator)
      assert.deepEqual(bodyOf('reveal', reveal).peer, peer)
    }
  })

  it('a reveal that does not open its commit convicts its operator, by its own signatures', () => {
    const desk = open(smallPlan({ blockCount: 4, windowSteps: 48 }))
    const held = [desk.grant('ann'), desk.grant('ann')]
    const [[, ann], [peer, other]] = shared(desk, held) as [
      [string, LeaseGrant],
      [string, LeaseGrant]
    ]
    desk.commit('ann', ann)
    desk.commit(peer, other)
    assert.equal(actionOf(desk.reveal('ann', ann, 'lie')), 'drop')
    assert.equal(actionOf(desk.reveal('ann', ann)), 'drop')
    assert.equal(actionOf(desk.request('ann')), 'convicted')
    desk.tick(30 * 86_400_000)
    desk.restart()
    assert.equal(actionOf(desk.request('ann')), 'convicted')
  })

  it('where two results differ one segment is run again, and the liar named', () => {
    const desk = open()
    const [ann, eve] = [desk.grant('ann'), desk.grant('eve')]
    desk.commit('ann', ann)
    desk.commit('eve', eve, 'lie')
    desk.reveal('ann', ann)
    desk.fetched(ann)
    desk.reveal('eve', eve, 'lie')
    desk.fetched(eve, 'lie')
    assert.equal(actionOf(desk.request('eve')), 'convicted')
    const bob = desk.grant('bob')
    assert.equal(actionOf(desk.commit('bob', bob)), 'reveal')
    desk.reveal('bob', bob)
    desk.fetched(bob)
    const answer = desk.heartbeat('eve', eve)
    assert.ok(answer.kind === 'directive' && answer.verdict !== undefined)
    const verdict = verdictOf(answer.verdict)
    assert.deepEqual(
      verdict.dissenting.map(({ operator }) => operator),
      [eve.operator]
    )
    assert.ok(verdict.result.equals(revealOf(ann).result))
  })

  it('a reveal that does not come in revealMs is a fault; a restart gives the time again', () => {
    const desk = open()
    const [ann, bob] = [desk.grant('ann'), desk.grant('bob')]
    desk.commit('ann', ann)
    desk.commit('bob', bob)
    desk.atMs += 9 * 60_000
    desk.restart()
    desk.tick(9 * 60_000)
    assert.equal(actionOf(desk.reveal('ann', ann)), 'wait')
    desk.tick(2 * 60_000)
    assert.equal(actionOf(desk.reveal('bob', bob)), 'drop')
  })

  it('after a missed reveal an operator may try the slot again, after a lie never', () => {
    const desk = open()
    const [ann, eve] = [desk.grant('ann'), desk.grant('eve')]
    desk.commit('ann', ann)
    desk.commit('eve', eve)
    desk.reveal('eve', eve, 'lie')
    desk.tick(11 * 60_000)
    desk.tick(20 * 60_000)
    assert.equal(actionOf(desk.request('eve')), 'convicted')
    assert.equal(actionOf(desk.request('ann')), 'grant')
  })

  it('a fetch under way is asked for again after a restart, once', () => {
    const desk = open()
    const [ann, bob] = [desk.grant('ann'), desk.grant('bob')]
    desk.commit('ann', ann)
    desk.commit('bob', bob)
    desk.reveal('ann', ann)
    assert.equal(desk.of('fetch').length, 1)
    desk.reveal('ann', ann)
    assert.equal(desk.of('fetch').length, 0)
    desk.restart()
    assert.equal(desk.of('fetch').length, 1)
    desk.fetched(ann)
    desk.restart()
    assert.equal(desk.of('fetch').length, 1, 'an audit needs the result again')
  })
})
