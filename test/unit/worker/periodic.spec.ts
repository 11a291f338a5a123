/**
 * Units on a periodic grid: a crop cut across the seam of the tiles, or the whole ring.
 */
import assert from 'node:assert/strict'
import { openMemoryBlocks } from '../../../node/store/memory-blocks.ts'
import { openKernelPool } from '../../../node/worker/kernel-pool.ts'
import type { Crop } from '../../../protocol/work-unit.ts'
import { buildForcing, buildState, buildUnit } from '../../fixtures/build-forcing.ts'
import { axis, stateOf } from '../../physics/sea.ts'

const COLUMNS = 72
const RADIANS = Math.PI / 180

describe('units on a periodic grid', () => {
  it('give the same leaves over the seam, a turn away, and on the whole ring', async () => {
    const blocks = openMemoryBlocks()
    const forcing = await buildForcing(
      {
        longitudes: axis(0, 5, COLUMNS),
        latitudes: axis(-20, 5, 9),
        isPeriodic: true,
        isLand: (column, row) => column === 1 && row === 5,
        times: [0, 864_000],
        current: (lon, lat) => [1 + 0.2 * Math.cos(lon * RADIANS), 0.1 * Math.sin(lat + lon)],
        tileRows: 4,
        tileColumns: 20
      },
      blocks
    )
    const particles = Array.from({ length: 50 }, (_, i) => ({
      x: i % 2 === 0 ? 71.2 + i / 100 : i / 40,
      y: 3 + i / 25
    }))
    const state = await buildState(stateOf(particles), 0, blocks)
    const pool = openKernelPool({ threads: 1, blocks })
    const leaves = async (crop: Crop) => {
      const unit = buildUnit({ forcing, state, crop, stepCount: 200, stepSeconds: 3600 })
      const { result } = await pool.compute(unit)
      assert.equal(
        result.counts.reduce((sum, count) => sum + count),
        50
      )
      assert.ok((result.counts[2] ?? 0) > 0, 'some meet the island behind the seam')
      return result.traceRoot
    }
    try {
      const seam = await leaves({ column: -8, row: 0, columns: 40, rows: 9 })
      for (const crop of [
        { column: 64, row: 0, columns: 40, rows: 9 },
        { column: -11, row: 0, columns: 50, rows: 9 },
        { column: 0, row: 0, columns: COLUMNS, rows: 9 },
        { column: -30, row: 0, columns: 120, rows: 9 }
      ]) {
        assert.deepEqual(await leaves(crop), seam, JSON.stringify(crop))
      }
    } finally {
      await pool.stop()
    }
  })
})
