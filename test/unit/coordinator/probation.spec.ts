/** Newcomers and established operators, and what a conviction leaves of an operator's work. */
import assert from 'node:assert/strict'
import type { Rules } from '../../../coordinator/rules.ts'
import { PROBATION_VALIDATED } from '../../../coordinator/trust/reputation.ts'
import { smallPlan } from '../../fixtures/plans/small-plan.ts'
import { actionOf, Desk, settle } from './harness.ts'

/** One chain of windows, so that one slot is open at a time; Ann and Bob are established. */
function established(rules: Partial<Rules> = {}): Desk {
  const desk = new Desk('alpha', ['alpha'], rules)
  desk.submit(smallPlan({ blockCount: 1, windowSteps: 2, stepCount: 120 }))
  for (let done = 0; done < PROBATION_VALIDATED; done += 1) settle(desk, 'ann', 'bob')
  return desk
}

describe('probation', () => {
  it('newcomers may settle while nobody is established', () => {
    const desk = new Desk()
    desk.submit(smallPlan({ blockCount: 1, windowSteps: 48 }))
    settle(desk, 'cem', 'dan')
  })

  it('the last place of a slot is for an established operator', () => {
    const desk = established()
    assert.equal(actionOf(desk.request('cem')), 'grant')
    assert.equal(actionOf(desk.request('dan')), 'probation')
    desk.restart()
    assert.equal(actionOf(desk.request('dan')), 'probation')
    assert.equal(actionOf(desk.request('ann')), 'grant')
  })

  it('a newcomer gets it when no established operator wanted it for long', () => {
    const desk = established()
    desk.commit('cem', desk.grant('cem'))
    for (let minute = 0; minute < 15; minute += 1) {
      desk.tick(60_000)
      assert.equal(actionOf(desk.request('dan')), minute < 14 ? 'probation' : 'grant', `${minute}`)
      desk.tick()
    }
  })

  it('without the rule two newcomers take a slot', () => {
    const desk = established({ probation: false, seniority: false })
    assert.equal(actionOf(desk.request('cem')), 'grant')
    assert.equal(actionOf(desk.request('dan')), 'grant')
  })
})

describe('a conviction', () => {
  it('ends what the operator computes, and voids what it committed elsewhere', () => {
    const desk = new Desk()
    desk.submit(smallPlan({ blockCount: 2, windowSteps: 48 }))
    const eve = [desk.grant('eve'), desk.grant('eve')]
    const [first, second] = eve
    assert.ok(first && second)
    desk.commit('eve', second)
    desk.commit('eve', first, 'lie')
    for (const peer of ['ann', 'bob']) {
      const grants = [desk.grant(peer), desk.grant(peer)]
      const grant = grants.find(({ slot }) => slot.block === first.slot.block)
      if (peer === 'bob' || grant === undefined) continue
      desk.commit('ann', grant)
      desk.reveal('ann', grant)
      desk.fetched(grant)
      desk.reveal('eve', first, 'lie')
      desk.fetched(first, 'lie')
    }
    assert.equal(actionOf(desk.request('eve')), 'convicted')
    assert.equal(actionOf(desk.heartbeat('eve', second)), 'drop')
    desk.restart()
    assert.equal(actionOf(desk.heartbeat('eve', second)), 'drop')
  })

  it('without the ban the operator goes on', () => {
    const desk = new Desk('alpha', ['alpha'], { ban: false, sitOut: false })
    desk.submit(smallPlan({ blockCount: 1, windowSteps: 48 }))
    const [ann, eve] = [desk.grant('ann'), desk.grant('eve')]
    desk.commit('ann', ann)
    desk.commit('eve', eve, 'lie')
    desk.reveal('ann', ann)
    desk.fetched(ann)
    desk.reveal('eve', eve, 'lie')
    desk.fetched(eve, 'lie')
    assert.equal(actionOf(desk.request('eve')), 'already-on-unit')
  })
})
