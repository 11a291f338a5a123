/** Rows that particles can come to. */
import assert from 'node:assert/strict'
import { DEGREE_METRES, type RowTravel, reachedRows } from '../../../node/forecast/reached-rows.ts'

const DAY = 86_400

/** Rows every quarter of a degree from 10 S to 70 N; particles start between 20 and 21 N. */
const travel = (changes: Partial<RowTravel> = {}): RowTravel => ({
  latitudes: Float64Array.from({ length: 321 }, (_, row) => -10 + row / 4),
  start: [20, 21],
  speedIn: () => 0,
  walkMetres: 0,
  seconds: DAY,
  ...changes
})
const rowAt = (lat: number): number => (lat + 10) * 4

describe('rows reached', () => {
  it('are those of the start and what a step reads beside them, in still water', () => {
    assert.deepEqual(reachedRows(travel()), { first: rowAt(20) - 3, last: rowAt(21) + 3 })
  })

  it('go as far as the water carries, and no farther', () => {
    // A degree and a tenth a day: into the fifth row beyond.
    const speedIn = (): number => (1.1 * DEGREE_METRES) / DAY
    const found = reachedRows(travel({ speedIn }))
    assert.deepEqual(found, { first: rowAt(20) - 5 - 3, last: rowAt(21) + 5 + 3 })
  })

  it('do not care for fast water that nobody comes to', () => {
    const speedIn = (row: number): number => (row < rowAt(0) || row > rowAt(40) ? 100 : 0.1)
    const slow = reachedRows(travel({ speedIn: () => 0.1 }))
    assert.deepEqual(reachedRows(travel({ speedIn })), slow)
  })

  it('see the fast row beside a slow one before it is reached', () => {
    const speedIn = (row: number): number => (row === rowAt(21) + 3 ? 3 : 0)
    const found = reachedRows(travel({ speedIn }))
    assert.ok(found.last > rowAt(21) + 3 + 3, `${found.last}`)
    assert.equal(found.first, rowAt(20) - 3)
  })

  it('end where the grid ends, and count the random walk', () => {
    const all = reachedRows(travel({ speedIn: () => 1000 }))
    assert.deepEqual(all, { first: 0, last: 320 })
    const walked = reachedRows(travel({ walkMetres: DEGREE_METRES }))
    assert.deepEqual(walked, { first: rowAt(19) - 3, last: rowAt(22) + 3 })
  })
})
