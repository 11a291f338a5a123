/** From plan to units: crops, windows, limits, and what does not change a unit. */
import assert from 'node:assert/strict'
import {
  cropAround,
  cropOf,
  firstInput,
  outputBytesMaxOf,
  slotCount,
  slotsOf,
  unitOf,
  windowCount
} from '../../../coordinator/slots.ts'
import { decode, encode, toBlock, toRawBlock } from '../../../protocol/canonical.ts'
import { workUnit } from '../../../protocol/work-unit.ts'
import { smallPlan } from '../../fixtures/plans/small-plan.ts'

const SLOT = { member: 0, block: 1, window: 0 }
const grid = { gridColumns: 40, gridRows: 30, gridIsPeriodic: false }
const input = { state: toRawBlock(Uint8Array.of(9)).cid, bounds: [10, 10, 15, 12] }

describe('slots', () => {
  it('are listed window by window, the last window may be shorter', () => {
    const plan = smallPlan({ stepCount: 50 })
    assert.equal(windowCount(plan), 3)
    assert.equal([...slotsOf(plan)].length, slotCount(plan))
    assert.deepEqual([...slotsOf(plan)][2], { member: 0, block: 0, window: 1 })
    const last = unitOf(plan, { ...SLOT, window: 2 }, input)
    assert.deepEqual([last.firstStep, last.stepCount, last.segmentCount], [48, 2, 2])
  })

  it('the first window takes state and crop of the plan block', () => {
    const plan = smallPlan()
    const unit = unitOf(plan, SLOT, firstInput(plan, SLOT))
    assert.deepEqual(unit.crop, plan.blocks[1]?.crop)
    assert.ok(unit.state.equals(plan.blocks[1]?.state))
    assert.deepEqual(decode(workUnit, encode(unit)), unit)
  })

  it('what does not change the bytes of a result does not change the unit', () => {
    const plan = smallPlan()
    const other = smallPlan({
      title: 'Other',
      name: 'other',
      institution: 'Other',
      mesh: { policy: 'quorum', quorum: 3, deadlineSeconds: 1, priority: 9 }
    })
    const cid = (of: typeof plan) => toBlock(unitOf(of, SLOT, firstInput(of, SLOT))).cid.toString()
    assert.equal(cid(other), cid(plan))
    assert.notEqual(cid(smallPlan({ memberKeys: [[0, 8]] })), cid(plan))
  })

  it('later windows are cut around the bounds, rounded out, inside the grid', () => {
    assert.deepEqual(cropAround(grid, [10, 10, 15, 12], 2.4), {
      column: 7,
      row: 7,
      columns: 13,
      rows: 10 + 0
    })
    assert.deepEqual(cropAround(grid, [0, 0, 38, 28], 5), {
      column: 0,
      row: 0,
      columns: 40,
      rows: 30
    })
    assert.deepEqual(cropAround(grid, [39, 29, 39, 29], 0), {
      column: 38,
      row: 28,
      columns: 2,
      rows: 2
    })
  })

  it('a periodic grid is cut across its seam', () => {
    const periodic = { ...grid, gridIsPeriodic: true }
    assert.deepEqual(cropAround(periodic, [0, 10, 1, 12], 3), {
      column: -3,
      row: 7,
      columns: 9,
      rows: 10
    })
  })

  it('particles that have spread too wide have no crop', () => {
    const wide = smallPlan({ gridColumns: 4000 })
    const spread = { ...input, bounds: [0, 0, 3000, 10] }
    assert.equal(cropOf(wide, { ...SLOT, window: 1 }, spread), undefined)
    assert.throws(() => unitOf(wide, { ...SLOT, window: 1 }, spread), RangeError)
  })

  it('a slot outside the plan is an error', () => {
    const plan = smallPlan()
    for (const slot of [
      { ...SLOT, block: 2 },
      { ...SLOT, member: 1 },
      { ...SLOT, window: 2 }
    ]) {
      assert.throws(() => unitOf(plan, slot, input), RangeError, JSON.stringify(slot))
    }
  })

  it('limits grow with particles and steps', () => {
    const plan = smallPlan()
    const unit = unitOf(plan, SLOT, firstInput(plan, SLOT))
    assert.equal(unit.fuelMax, 100 * 24)
    assert.equal(unit.outputBytesMax, outputBytesMaxOf(plan, SLOT))
    assert.ok(outputBytesMaxOf(plan, { ...SLOT, block: 0 }) > unit.outputBytesMax)
  })
})
