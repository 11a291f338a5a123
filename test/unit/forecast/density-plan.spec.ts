/**
 * The density grid: it holds every position of the forcing grid, its edges are whole multiples of
 * its resolution, and it is chosen by the stated rule.
 */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { planDensity } from '../../../node/forecast/density-plan.ts'
import { isMeshError } from '../../../node/mesh-error.ts'
import { rawCid } from '../../../protocol/canonical.ts'
import { type Forcing, forcing as forcingShape } from '../../../protocol/forcing.ts'
import { densityGrid } from '../../../protocol/work-unit.ts'
import { definitionOf } from './definition-text.ts'

const axis = (first: number, spacing: number, count: number): Uint8Array => {
  const view = new DataView(new ArrayBuffer(count * 8))
  for (let i = 0; i < count; i += 1) view.setFloat64(i * 8, first + i * spacing, true)
  return new Uint8Array(view.buffer)
}

const link = rawCid(new Uint8Array())
const series = { times: [0], tileTimes: 1, u: [link], v: [link] }

const forcingOf = (
  lon: readonly [number, number, number],
  lat: readonly [number, number, number],
  isPeriodic = false
): Forcing =>
  forcingShape({
    kind: 'forcing',
    columns: lon[2],
    rows: lat[2],
    isPeriodic,
    isFlat: false,
    longitudes: axis(...lon),
    latitudes: axis(...lat),
    tileRows: 1,
    tileColumns: 1,
    land: [link],
    metric: [link],
    current: series
  })

const given = (resolution: number) =>
  definitionOf({ products: `{ density: { resolution: ${resolution} } }` })

describe('density grid', () => {
  it('is about as fine as the forcing where nothing is given', () => {
    const { grid } = planDensity(definitionOf(), forcingOf([9, 0.0625, 40], [42, 0.0625, 30]))
    assert.deepEqual(grid, {
      westDegrees: 9,
      southDegrees: 42,
      resolutionDegrees: 0.05,
      columns: 49,
      rows: 37
    })
  })

  it('is chosen coarser where it would be large', () => {
    const { grid } = planDensity(
      definitionOf(),
      forcingOf([-180, 1 / 12, 4320], [-80, 1 / 12, 2041], true)
    )
    assert.deepEqual(grid, {
      westDegrees: -180,
      southDegrees: -80,
      resolutionDegrees: 0.5,
      columns: 720,
      rows: 341
    })
  })

  it('has edges that are written as people write them', () => {
    const { grid } = planDensity(given(0.02), forcingOf([9.0625, 0.0625, 40], [42, 0.0625, 30]))
    assert.equal(grid.westDegrees, 9.06)
    assert.equal(grid.resolutionDegrees, 0.02)
  })

  it('holds the last node of the grid, with any resolution', () => {
    const numbers = { noNaN: true, noDefaultInfinity: true }
    fc.assert(
      fc.property(
        fc.double({ min: -180, max: 180, ...numbers }),
        fc.double({ min: 0.01, max: 1, ...numbers }),
        fc.integer({ min: 2, max: 200 }),
        fc.double({ min: 0.05, max: 2, ...numbers }),
        (west, spacing, count, resolution) => {
          const forcing = forcingOf([west, spacing, count], [-10, 0.1, 100])
          const { grid } = planDensity(given(resolution), forcing)
          const last = west + (count - 1) * spacing
          const column = (lon: number) => Math.floor((lon - grid.westDegrees) / resolution)
          assert.ok(densityGrid(grid))
          assert.ok(column(west + 1e-9) >= 0, 'west')
          assert.ok(column(last - 1e-9) < grid.columns, 'east')
          assert.ok(grid.columns <= (last - west) / resolution + 2.001, 'no more than needed')
        }
      )
    )
  })

  it('refuses a resolution that makes too many cells, with one that does not', () => {
    const forcing = forcingOf([-180, 1, 360], [-80, 1, 161], true)
    assert.throws(
      () => planDensity(given(0.01), forcing),
      (error) =>
        isMeshError(error, 'plan/refused') &&
        /^f\.yaml:8:38 spec\.products\.density\.resolution makes 36000 × 16001 cells/.test(
          error.message
        )
    )
  })
})
