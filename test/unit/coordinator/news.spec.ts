/** What volunteers are told unasked: to reveal, and how it ended; and how news of units spreads. */
import assert from 'node:assert/strict'
import type { Announcement } from '../../../protocol/message/lease.ts'
import { bodyOf } from '../../../protocol/signed.ts'
import { smallPlan } from '../../fixtures/plans/small-plan.ts'
import { actionOf, Desk, keys } from './harness.ts'

const ONE_SLOT = smallPlan({ blockCount: 1, windowSteps: 48 })

/** Who was told what by the last event. */
const toldBy = (desk: Desk): [Uint8Array, string][] =>
  desk.of('tell').map(({ to, envelope }) => [to, bodyOf('directive', envelope).action])

/** The last announcement of an event that made one. */
function announcedBy(desk: Desk): Announcement {
  const [gossip] = desk.of('gossip').filter(({ topic }) => topic === 'announce')
  assert.ok(gossip, 'nothing was announced')
  return bodyOf('announcement', gossip.envelope)
}

describe('news', () => {
  it('who waits is told to reveal when the last commit is there; the last one is answered', () => {
    const desk = new Desk()
    desk.submit(ONE_SLOT)
    const [ann, bob] = [desk.grant('ann'), desk.grant('bob')]
    assert.equal(actionOf(desk.commit('ann', ann)), 'wait')
    assert.deepEqual(toldBy(desk), [])
    assert.equal(actionOf(desk.commit('bob', bob)), 'reveal')
    assert.deepEqual(toldBy(desk), [[keys('ann').key, 'reveal']])
  })

  it('everybody on a slot is told that it is settled', () => {
    const desk = new Desk()
    desk.submit(ONE_SLOT)
    const [ann, bob] = [desk.grant('ann'), desk.grant('bob')]
    desk.commit('ann', ann)
    desk.commit('bob', bob)
    desk.reveal('ann', ann)
    desk.fetched(ann)
    assert.deepEqual(toldBy(desk), [])
    desk.reveal('bob', bob)
    desk.fetched(bob)
    assert.deepEqual(toldBy(desk), [
      [keys('ann').key, 'settled'],
      [keys('bob').key, 'settled']
    ])
  })

  it('the more volunteers there are the longer they are asked to spread, up to retryMs', () => {
    const desk = new Desk()
    desk.submit(smallPlan({ blockCount: 80, windowSteps: 48 }))
    const few = announcedBy(desk).askWithinMs ?? 0
    for (let index = 0; index < 100; index += 1) desk.request(`peer-${index}`)
    desk.tick(desk.state.timers.announceMs)
    const many = announcedBy(desk).askWithinMs ?? 0
    assert.ok(few < many && many < 1000, `${few} and ${many} ms`)
    const peers = Array.from({ length: 1e5 }, (_, index) => [`${index}`, desk.atMs] as const)
    for (const [peer, atMs] of peers) desk.state.live.askers.set(peer, atMs)
    desk.tick(desk.state.timers.announceMs)
    assert.equal(announcedBy(desk).askWithinMs, desk.state.timers.retryMs)
    desk.restart()
    assert.ok((announcedBy(desk).askWithinMs ?? 0) >= many, 'forgotten by a restart')
  })
})
