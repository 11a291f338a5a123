/** What two liars agreed on comes out when one of them is convicted, also after publication. */
import assert from 'node:assert/strict'
import type { Rules } from '../../../coordinator/rules.ts'
import { progressOf } from '../../../coordinator/summary.ts'
import { cborCid, decode, toBlock } from '../../../protocol/canonical.ts'
import type { LeaseGrant } from '../../../protocol/message/lease.ts'
import { claimedKind } from '../../../protocol/signed.ts'
import { workUnit } from '../../../protocol/work-unit.ts'
import { smallPlan } from '../../fixtures/plans/small-plan.ts'
import { runUnit } from '../../sim/nodes/kernel.ts'
import { actionOf, Desk, verdictOf } from './harness.ts'

/** No audits: so that a shared lie gets through at all. */
const BLIND: Partial<Rules> = { audit: false, fullAudit: false, sitOut: false }
const PLAN = smallPlan({ blockCount: 1 })

/** Each with its lie, '' for none: commits, then reveals. */
function run(desk: Desk, peers: Readonly<Record<string, string>>): Record<string, LeaseGrant> {
  const grants = Object.keys(peers).map((peer) => [peer, desk.grant(peer)] as const)
  for (const [peer, grant] of grants) desk.commit(peer, grant, peers[peer])
  for (const [peer, grant] of grants) {
    if (actionOf(desk.heartbeat(peer, grant)) !== 'reveal') continue
    desk.reveal(peer, grant, peers[peer])
    desk.fetched(grant, peers[peer])
  }
  return Object.fromEntries(grants)
}

/** Answers the fetches of results that are read again. */
function readAgain(desk: Desk, grant: LeaseGrant, lie = ''): void {
  const { result } = runUnit(decode(workUnit, grant.unit), lie)
  for (const { fetch } of desk.of('fetch')) desk.handle({ kind: 'fetched', fetch, result })
}

const settledBy = (desk: Desk, peer: string, grant: LeaseGrant) => {
  const answer = desk.heartbeat(peer, grant)
  assert.equal(actionOf(answer), 'settled')
  assert.ok(answer.kind === 'directive' && answer.verdict !== undefined)
  return answer.verdict
}

/** Eve and Mal share a lie about window 0; then Eve lies against Ann about window 1. */
function lied(rules: Partial<Rules> = BLIND) {
  const desk = new Desk('alpha', ['alpha'], rules)
  desk.submit(PLAN)
  const first = run(desk, { eve: 'lie', mal: 'lie' })
  const mal = first.mal ?? assert.fail()
  const verdict = settledBy(desk, 'mal', mal)
  run(desk, { ann: '', eve: 'other' })
  assert.equal(actionOf(desk.request('eve')), 'convicted')
  return { desk, mal, verdict }
}

/** The slot of this lease for another peer: others are open, too. */
function sameSlot(desk: Desk, peer: string, { slot }: LeaseGrant): LeaseGrant {
  for (const grant of [desk.grant(peer), desk.request(peer)]) {
    if (grant.kind !== 'lease-grant' || !grant.slot.plan.equals(slot.plan)) continue
    if (grant.slot.window === slot.window) return grant
  }
  return assert.fail(`${peer} did not get the slot`)
}

/** Bob computes again what Mal said. */
function checkedByBob(desk: Desk, mal: LeaseGrant, lie = 'lie'): void {
  const bob = sameSlot(desk, 'bob', mal)
  desk.commit('bob', bob)
  desk.reveal('bob', bob)
  const { result } = runUnit(decode(workUnit, bob.unit))
  const [fetch] = desk.of('fetch')
  desk.handle({ kind: 'fetched', fetch: fetch?.fetch ?? assert.fail(), result })
  readAgain(desk, mal, lie)
}

describe('backtracking', () => {
  it('revises a verdict that two liars shared, and forgets what was built on it', () => {
    const { desk, mal, verdict } = lied()
    checkedByBob(desk, mal)
    assert.equal(actionOf(desk.request('mal')), 'convicted')
    const cem = sameSlot(desk, 'cem', mal)
    desk.commit('cem', cem)
    desk.reveal('cem', cem)
    readAgain(desk, cem)
    const { cid } = runUnit(decode(workUnit, cem.unit))
    const revised = verdictOf(settledBy(desk, 'cem', cem))
    assert.ok(revised.result.equals(cid))
    assert.equal(revised.revises?.revision, 1)
    assert.ok(revised.revises?.supersedes.equals(cborCid(verdict)))
    desk.restart()
    const { units } = progressOf(desk.state, toBlock(PLAN).cid) ?? assert.fail()
    assert.deepEqual([units.verified, units.open], [1, 1])
    const next = desk.grant('dan')
    assert.equal(next.slot.window, 1)
    assert.notDeepEqual(decode(workUnit, next.unit).state, decode(workUnit, mal.unit).state)
  })

  it('confirms a verdict that was right', () => {
    const desk = new Desk('alpha', ['alpha'], BLIND)
    desk.submit(PLAN)
    const { mal } = run(desk, { eve: '', mal: '' })
    run(desk, { ann: '', eve: 'lie' })
    const verdict = settledBy(desk, 'mal', mal ?? assert.fail())
    checkedByBob(desk, mal ?? assert.fail(), '')
    assert.notEqual(actionOf(desk.request('mal')), 'convicted')
    assert.deepEqual(settledBy(desk, 'mal', mal ?? assert.fail()), verdict)
    desk.restart()
    assert.ok([...desk.state.durable.plans.values()].every((plan) => plan.recheckCount === 0))
  })

  it('a published forecast gets another version', () => {
    const desk = new Desk('alpha', ['alpha'], BLIND)
    const one = smallPlan({ blockCount: 1, windowSteps: 48 })
    const { cid } = toBlock(one)
    desk.submit(one)
    const { mal } = run(desk, { eve: 'lie', mal: 'lie' })
    publish(desk, cid, 1)
    const other = smallPlan({ blockCount: 1, windowSteps: 48, rngSeed: [1, 1] })
    desk.submit(other)
    run(desk, { ann: '', eve: 'other' })
    checkedByBob(desk, mal ?? assert.fail())
    const cem = sameSlot(desk, 'cem', mal ?? assert.fail())
    desk.commit('cem', cem)
    desk.reveal('cem', cem)
    readAgain(desk, cem)
    desk.restart()
    publish(desk, cid, 2)
  })

  it('without the rule the lie stays', () => {
    const { desk } = lied({ ...BLIND, backtrack: false })
    assert.ok([...desk.state.durable.plans.values()].every((plan) => plan.recheckCount === 0))
  })
})

/** One coordinator takes a plan to its publication. */
function publish(desk: Desk, cid: ReturnType<typeof toBlock>['cid'], version: number): void {
  desk.tick()
  desk.handle({ kind: 'assembled', plan: cid, product: cid })
  const [effect] = desk.of('publish')
  assert.equal(effect?.forecast.version, version)
  desk.handle({ kind: 'published', plan: cid, forecast: cid })
  assert.equal(claimedKind(desk.of('gossip')[0]?.envelope ?? assert.fail()), 'publication')
}
