/**
 * How a variable may lie in its file: order of dimensions, lone dimensions, levels, and the grids
 * that are recognised to be refused.
 */
import assert from 'node:assert/strict'
import {
  type NetcdfAttribute,
  type NetcdfContent,
  writeNetcdf3
} from '../../../../node/forcing/netcdf3-writer.ts'
import { type ErrorCode, isMeshError } from '../../../../node/mesh-error.ts'
import { axisOf, ingest, scratch } from '../fixture.ts'

/** Counts of the dimensions used below. */
const COUNTS: Readonly<Record<string, number>> = {
  time: 2,
  lat: 3,
  lon: 4,
  depth: 3,
  member: 2,
  one: 1,
  lat_v: 3,
  lon_u: 4
}
const TEXT: Readonly<Record<string, Readonly<Record<string, NetcdfAttribute>>>> = {
  time: { units: 'hours since 2020-01-01' },
  lat: { units: 'degrees_north' },
  lon: { units: 'degrees_east' },
  lat_v: { units: 'degrees_north' },
  lon_u: { units: 'degrees_east' },
  depth: { units: 'm', positive: 'up' }
}
const VALUES: Readonly<Record<string, readonly number[]>> = {
  time: [0, 6],
  lat: [40, 41, 42],
  lon: [0, 1, 2, 3],
  lat_v: [40.5, 41.5, 42.5],
  lon_u: [0.5, 1.5, 2.5, 3.5],
  depth: [-20, -5, -1]
}

/** A file whose u encodes where it stands: time.depth.lat.lon as digits. */
function content(
  u: readonly string[],
  v: readonly string[] = u,
  overrides: Readonly<Record<string, Readonly<Record<string, NetcdfAttribute>>>> = {}
): NetcdfContent {
  const names = [...new Set([...u, ...v])]
  const code = (dimensions: readonly string[]): number[] => {
    const counts = dimensions.map((name) => COUNTS[name] ?? 1)
    const total = counts.reduce((product, count) => product * count, 1)
    return Array.from({ length: total }, (_, index) => {
      let rest = index
      const at: Record<string, number> = {}
      for (let i = dimensions.length - 1; i >= 0; i--) {
        at[dimensions[i] ?? ''] = rest % (counts[i] ?? 1)
        rest = Math.floor(rest / (counts[i] ?? 1))
      }
      const { time = 0, depth = 0, lat_v = 0, lon_u = 0, lat = lat_v, lon = lon_u } = at
      return (1000 * time + 100 * depth + 10 * lat + lon) / 1024
    })
  }
  const component = (name: string, dimensions: readonly string[]) => ({
    name,
    type: 'double' as const,
    dimensions,
    attributes: { units: 'm/s' },
    values: code(dimensions)
  })
  return {
    dimensions: Object.fromEntries(names.map((name) => [name, COUNTS[name] ?? 1])),
    variables: [
      ...names
        .filter((name) => VALUES[name] !== undefined)
        .map((name) => ({
          name,
          type: 'double' as const,
          dimensions: [name],
          attributes: overrides[name] ?? TEXT[name] ?? {},
          values: VALUES[name] ?? []
        })),
      component('uo', u),
      component('vo', v)
    ]
  }
}

describe('layouts of a variable', () => {
  const { write } = scratch()
  let made = 0
  const ingested = (layout: NetcdfContent, depthMetres?: number) => {
    const files = [write(`l${made++}.nc`, writeNetcdf3(layout))]
    const depth = depthMetres === undefined ? {} : { depthMetres }
    return ingest([{ role: 'current', files, ...depth }], 0, 6)
  }
  const refused = (layout: NetcdfContent, code: ErrorCode, pattern: RegExp) =>
    assert.rejects(ingested(layout), (error) => {
      assert.ok(isMeshError(error, code), String(error))
      assert.match(error.message, pattern)
      return true
    })

  for (const dimensions of [
    ['time', 'lat', 'lon'],
    ['time', 'lon', 'lat'],
    ['lat', 'lon', 'time'],
    ['time', 'one', 'lat', 'lon'],
    ['lon', 'one', 'time', 'lat']
  ]) {
    it(`${dimensions.join(', ')}`, async () => {
      const { field } = await ingested(content(dimensions))
      for (const [time, row, column] of [
        [0, 0, 1],
        [1, 2, 3],
        [1, 1, 0]
      ] as const) {
        const expected = Math.fround((1000 * time + 10 * row + column) / 1024)
        assert.equal(field('current', 'u', time, row, column), expected)
      }
    })
  }

  it('takes the level nearest to the depth asked for, upward axes too', async () => {
    const layout = content(['time', 'depth', 'lat', 'lon'])
    const surface = await ingested(layout)
    assert.equal(surface.field('current', 'u', 0, 1, 1), 211 / 1024)
    assert.ok(surface.notes.some((note) => note.includes('level 1 m of 20, 5, 1 m')))
    const deep = await ingested(layout, 12.6)
    assert.equal(deep.field('current', 'u', 0, 1, 1), 11 / 1024)
  })

  it('brings faces on axes to the nodes between, from one file', async () => {
    const layout = content(['time', 'lat', 'lon_u'], ['time', 'lat_v', 'lon'])
    const { field, forcing, notes } = await ingested(layout)
    assert.deepEqual(axisOf(forcing.longitudes), [0, 1, 2, 3])
    assert.deepEqual(axisOf(forcing.latitudes), [40, 41, 42])
    // Faces 1 and 2 of columns lie around node 2; beyond the first face there is none.
    assert.equal(field('current', 'u', 0, 1, 2), 11.5 / 1024)
    assert.equal(field('current', 'u', 0, 1, 0), 10 / 1024)
    assert.equal(field('current', 'v', 1, 2, 3), Math.fround((1000 + 15 + 3) / 1024))
    assert.ok(notes.some((note) => /faces of a staggered grid.*brought to the nodes/.test(note)))
  })

  it('refuses components on other nodes and dimensions without meaning', async () => {
    await refused(
      content(['time', 'lat', 'lon_u'], ['time', 'lat', 'lon']),
      'forecast/unsupported',
      /u and v that are not half a cell from common nodes/
    )
    await refused(
      content(['time', 'member', 'lat', 'lon']),
      'forcing/not-understood',
      /dimension 'member' of 2/
    )
    await refused(content(['lat', 'lon']), 'forcing/not-understood', /uo has no time/)
    await refused(
      content(['time', 'lat', 'lon'], undefined, {
        time: { units: 'days since 2020-01-01', calendar: '360_day' }
      }),
      'forcing/not-understood',
      /calendar '360_day'/
    )
    await refused(
      content(['time', 'lat', 'lon'], undefined, {
        lon: { standard_name: 'grid_longitude' },
        lat: { standard_name: 'grid_latitude' }
      }),
      'forecast/unsupported',
      /without 'metric: flat', a projection or two-dimensional coordinates/
    )
  })
})
