/** Which indices a box needs, and what is no box. */
import assert from 'node:assert/strict'
import { longitudeRuns, runBetween } from '../../../node/data/subset/axis-run.ts'
import { parseBox, parseTime } from '../../../node/data/subset/box.ts'
import { isMeshError } from '../../../node/mesh-error.ts'
import { range, T0 } from './subset-suite.ts'

describe('indices of a box', () => {
  it('are those inside and one on either side, on rising and falling axes', () => {
    assert.deepEqual(runBetween([0, 1, 2, 3, 4], 1.5, 2.5), { first: 1, last: 3 })
    assert.deepEqual(runBetween([4, 3, 2, 1, 0], 1.5, 2.5), { first: 1, last: 3 })
    assert.deepEqual(runBetween([0, 1, 2], 1, 1), { first: 1, last: 1 })
    assert.deepEqual(runBetween([0, 1, 2], -5, 9), { first: 0, last: 2 })
    assert.deepEqual(runBetween([7], 0, 9), { first: 0, last: 0 })
    assert.equal(runBetween([0, 1, 2], 3, 9), undefined)
    assert.equal(runBetween([], 0, 1), undefined)
  })

  it('of longitudes are one run, two across a seam, and none beside the data', () => {
    const globe360 = range(0, 10, 36)
    assert.deepEqual(longitudeRuns(globe360, 95, 105), [{ first: 9, last: 11, shiftDegrees: 0 }])
    assert.deepEqual(longitudeRuns(globe360, -105, -95), [
      { first: 25, last: 27, shiftDegrees: -360 }
    ])
    assert.deepEqual(longitudeRuns(globe360, -15, 5), [
      { first: 34, last: 35, shiftDegrees: -360 },
      { first: 0, last: 1, shiftDegrees: 0 }
    ])
    const globe180 = range(-180, 10, 36)
    assert.deepEqual(longitudeRuns(globe180, 165, 195), [
      { first: 34, last: 35, shiftDegrees: 0 },
      { first: 0, last: 2, shiftDegrees: 360 }
    ])
    const region = range(9, 0.5, 5)
    assert.deepEqual(longitudeRuns(region, 9.6, 9.9), [{ first: 1, last: 2, shiftDegrees: 0 }])
    assert.deepEqual(longitudeRuns(region, 0, 90), [{ first: 0, last: 4, shiftDegrees: 0 }])
    assert.deepEqual(longitudeRuns(region, -90, -80), [])
  })

  it('of the whole globe are every column once', () => {
    for (const axis of [
      range(0, 10, 36),
      range(-180, 10, 37),
      range(74, 10, 36),
      range(355, -10, 36)
    ]) {
      const runs = longitudeRuns(axis, -180, 180)
      const columns = runs.reduce((sum, { first, last }) => sum + last - first + 1, 0)
      assert.equal(columns, 36, `${axis[0]}`)
    }
  })

  it('are asked for in degrees and ISO times', () => {
    assert.deepEqual(parseBox('170,-20,-170,10'), { west: 170, south: -20, east: 190, north: 10 })
    for (const bad of [
      '1,2,3',
      '1,2,3,x',
      '0,5,1,5',
      '0,5,1,4',
      '0,-91,1,4',
      '5,0,5,1',
      '-200,0,200,1'
    ]) {
      assert.throws(
        () => parseBox(bad),
        (error) => isMeshError(error, 'cli/usage'),
        bad
      )
    }
    assert.equal(parseTime('2020-01-01', '--from'), T0)
    assert.equal(parseTime('2020-01-01T06:00', '--from'), T0 + 6 * 3600)
    assert.equal(parseTime('2020-01-01T06:00:00+02:00', '--from'), T0 + 4 * 3600)
    for (const bad of ['yesterday', '2020-13-01', '2020-1-1', '']) {
      assert.throws(
        () => parseTime(bad, '--from'),
        (error) => isMeshError(error, 'cli/usage'),
        bad
      )
    }
  })
})
