/** Who is senior, and what it takes to be: the work of those who did most of it. */
import assert from 'node:assert/strict'
import { addRecord, newSeniority } from '../../../coordinator/trust/seniority.ts'
import { smallPlan } from '../../fixtures/plans/small-plan.ts'
import { actionOf, Desk, settle } from './harness.ts'

/** The bar of a mesh of these records. */
function barOf(records: readonly number[]): number {
  const seniority = newSeniority()
  for (const record of records) addRecord(seniority, record, 1)
  return seniority.from
}

describe('seniority', () => {
  const bars: readonly (readonly [string, readonly number[], number])[] = [
    ['nobody', [], 0],
    ['equals', [10, 10, 10, 10], 10],
    ['who did a quarter together is no senior', [100, 100, 100, 40, 40], 96],
    ['many small ones do not lower it by much', [100, 100, 100, ...Array(9).fill(10)], 96],
    ['one that did nearly all', [4000, 10, 10], 3584]
  ]
  for (const [name, records, bar] of bars) {
    it(`${name}: ${bar}`, () => assert.equal(barOf(records), bar))
  }

  it('a record that is taken out leaves nothing', () => {
    const seniority = newSeniority()
    for (const record of [10, 11, 12, 999]) addRecord(seniority, record, 1)
    for (const record of [999, 12, 11, 10]) addRecord(seniority, record, -1)
    assert.equal(seniority.from, 0)
    assert.ok(seniority.work.every((work) => work === 0))
  })

  it('two that are past their probation settle nothing without one that did most', () => {
    const desk = new Desk()
    desk.submit(smallPlan({ blockCount: 1, windowSteps: 1, stepCount: 120 }))
    for (let done = 0; done < 40; done += 1) settle(desk, 'ann', 'bob')
    for (let done = 0; done < 12; done += 1) {
      settle(desk, 'ann', 'cem')
      settle(desk, 'bob', 'dan')
    }
    assert.equal(actionOf(desk.request('cem')), 'grant')
    assert.equal(actionOf(desk.request('dan')), 'probation')
    desk.restart()
    assert.equal(actionOf(desk.request('dan')), 'probation')
    assert.equal(actionOf(desk.request('ann')), 'grant')
  })
})
