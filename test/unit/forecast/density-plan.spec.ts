/**
 * The density grid: it holds every position of the forcing grid, its edges are whole multiples of
 * its resolution, and it is chosen by the stated rule.
 */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { loadKernel } from '../../../kernel/kernel.ts'
import { fullMetric } from '../../../node/forcing/grids/node-metric.ts'
import { planDensity } from '../../../node/forecast/density-plan.ts'
import { isMeshError } from '../../../node/mesh-error.ts'
import { builtInKernel } from '../../../node/worker/kernel-file.ts'
import { densityGrid } from '../../../protocol/work-unit.ts'
import { definitionOf } from './definition-text.ts'

const axis = (first: number, spacing: number, count: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => first + i * spacing)

const kernel = loadKernel(builtInKernel().bytes)

type GridOfPlan = Parameters<typeof planDensity>[1]

const forcingOf = (
  lon: readonly [number, number, number],
  lat: readonly [number, number, number],
  isPeriodic = false
): GridOfPlan => ({
  forcing: { columns: lon[2], rows: lat[2], isPeriodic },
  places: { longitudes: axis(...lon), latitudes: axis(...lat) },
  metric: fullMetric(new Float32Array(), lon[2]),
  land: new Uint8Array()
})

/** A polar stereographic grid of 100 km cells around (x, y) km from the pole. */
function nodesAround(x: number, y: number): GridOfPlan {
  const [columns, rows] = [11, 9]
  const pairs = Float64Array.from({ length: 2 * columns * rows }, (_, i) => {
    const node = Math.floor(i / 2)
    const cells = i % 2 === 0 ? (node % columns) - 5 : Math.floor(node / columns) - 4
    return 1000 * ((i % 2 === 0 ? x : y) + 100 * cells)
  })
  const lonLats = kernel.unproject(
    {
      ...{ kind: 'polar-stereographic', semiMajorMetres: 6_378_137, eccentricity2: 0.00669438 },
      ...{ latOrigin: 90, lonOrigin: 0, parallels: [90, 90], scale: 1 },
      ...{ eastingMetres: 0, northingMetres: 0 }
    },
    pairs
  )
  const places = { lonLats, columns, rows }
  const metric = fullMetric(kernel.gridMetric(places, false, 'wgs84').metric, columns)
  const land = new Uint8Array(columns * rows)
  return { forcing: { columns, rows, isPeriodic: false }, places, metric, land }
}

const given = (resolution: number) =>
  definitionOf({ products: `{ density: { resolution: ${resolution} } }` })

describe('density grid', () => {
  it('is about as fine as the forcing where nothing is given', () => {
    const { grid } = planDensity(
      definitionOf(),
      forcingOf([9, 0.0625, 40], [42, 0.0625, 30]),
      kernel
    )
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
      forcingOf([-180, 1 / 12, 4320], [-80, 1 / 12, 2041], true),
      kernel
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
    const { grid } = planDensity(
      given(0.02),
      forcingOf([9.0625, 0.0625, 40], [42, 0.0625, 30]),
      kernel
    )
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
          const { grid } = planDensity(given(resolution), forcing, kernel)
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

  it('covers nodes with places: a region, across the date line, around the pole', () => {
    const region = planDensity(definitionOf(), nodesAround(0, -2500), kernel).grid
    assert.equal(region.resolutionDegrees, 0.5)
    assert.ok(Math.abs(region.westDegrees + 13.5) < 1, `${region.westDegrees}`)
    assert.ok(Math.abs(region.columns * 0.5 - 27) < 2, `${region.columns} columns`)
    assert.ok(Math.abs(region.southDegrees - 63.5) < 1, `${region.southDegrees}`)
    const dateLine = planDensity(definitionOf(), nodesAround(0, 2500), kernel).grid
    assert.ok(dateLine.westDegrees > 160 && dateLine.westDegrees < 170, `${dateLine.westDegrees}`)
    assert.equal(dateLine.columns, region.columns)
    const pole = planDensity(definitionOf(), nodesAround(50, 50), kernel).grid
    assert.deepEqual([pole.westDegrees, pole.columns], [-180, 720])
    assert.equal(pole.southDegrees + pole.rows * 0.5, 90.5)
  })

  it('refuses a resolution that makes too many cells, with one that does not', () => {
    const forcing = forcingOf([-180, 1, 360], [-80, 1, 161], true)
    assert.throws(
      () => planDensity(given(0.01), forcing, kernel),
      (error) =>
        isMeshError(error, 'plan/refused') &&
        /^f\.yaml:8:38 spec\.products\.density\.resolution makes 36000 × 16001 cells/.test(
          error.message
        )
    )
  })
})
