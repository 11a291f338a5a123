/**
 * The same file gives the same bytes on every engine: places, metric and turned vectors of grids
 * whose projection needs sines and logarithms, against CIDs written down once. The files hold whole
 * numbers only, so that no engine's own functions touch them.
 */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import { concat } from 'uint8arrays/concat'
import { type NetcdfAttribute, writeNetcdf3 } from '../../../node/forcing/netcdf3-writer.ts'
import { rawCid } from '../../../protocol/canonical.ts'
import { blockOf, tilesOf } from '../../fixtures/forcing-content.ts'
import { ingest, scratch } from './fixture.ts'

const number = (value: number): NetcdfAttribute => ({ type: 'double', values: [value] })
const line = (first: number, spacing: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => first + i * spacing)

interface Projected {
  readonly mapping: Readonly<Record<string, NetcdfAttribute>>
  readonly units: string
  readonly x: readonly number[]
  readonly y: readonly number[]
}

/** Currents or winds along the axes, sixteenths of a metre per second. */
function file({ mapping, units, x, y }: Projected, names: readonly [string, string]): Uint8Array {
  const isTurned = mapping.grid_mapping_name === 'rotated_latitude_longitude'
  const axis = (name: 'x' | 'y', values: readonly number[]) => ({
    ...{ name, type: 'double' as const, dimensions: [name], values },
    attributes: {
      units,
      standard_name: isTurned
        ? `grid_${name === 'x' ? 'longitude' : 'latitude'}`
        : `projection_${name}_coordinate`
    }
  })
  const field = (standard: string, factor: number) => ({
    ...{ name: standard, type: 'double' as const, dimensions: ['time', 'y', 'x'] },
    attributes: { standard_name: standard, units: 'm s-1', grid_mapping: 'crs' },
    values: [0, 1].flatMap((time) =>
      y.flatMap((_, row) => x.map((__, i) => ((row * factor + i * 5 + time) % 13) / 16 - 0.375))
    )
  })
  return writeNetcdf3({
    dimensions: { time: 2, y: y.length, x: x.length },
    variables: [
      {
        ...{ name: 'time', type: 'double', dimensions: ['time'], values: [0, 24] },
        attributes: { units: 'hours since 2020-01-01' }
      },
      axis('y', y),
      axis('x', x),
      { name: 'crs', type: 'int', dimensions: [], attributes: mapping, values: [0] },
      field(names[0], 3),
      field(names[1], 7)
    ]
  })
}

const polar: Projected = {
  mapping: {
    grid_mapping_name: 'polar_stereographic',
    straight_vertical_longitude_from_pole: number(58),
    latitude_of_projection_origin: number(90),
    standard_parallel: number(60)
  },
  units: 'km',
  x: line(-800, 40, 12),
  y: line(-1600, 40, 11)
}
const lambert: Projected = {
  mapping: {
    grid_mapping_name: 'lambert_conformal_conic',
    standard_parallel: { type: 'double', values: [63, 70] },
    longitude_of_central_meridian: number(15),
    latitude_of_projection_origin: number(63),
    earth_radius: number(6_371_000)
  },
  units: 'm',
  x: line(-200_000, 50_000, 40),
  y: line(0, 50_000, 40)
}
const turned: Projected = {
  mapping: {
    grid_mapping_name: 'rotated_latitude_longitude',
    grid_north_pole_latitude: number(25),
    grid_north_pole_longitude: number(-150)
  },
  units: 'degrees',
  x: line(-16, 1, 33),
  y: line(-16, 1, 33)
}

/** Of places, metric and current (u); then of each wind (u and v). */
const CURRENT_TILES = [
  'bafkreibbpgs5d75njnotttm47xj3sscbz5jluo647nqew6qsh6n7kiwsoy',
  'bafkreidbdppjwrr74lbntlujwiqo637kg57xx4svtjdjqk25ze5q3wae74',
  'bafkreict5zweztxdwbnqkbxgkwl4jwtphoz4nd5uk6o7vw2vsqkbusumiq'
]
const LAMBERT_TILES = [
  'bafkreiewmt3cwafrrbw6ht3wklqwid4o3m7cmziok33wjexkj73p3s4lzu',
  'bafkreibp4ha6atfjpgxwj3ewk5buvmknn5mc6tspx52isosgemtmvaapqy'
]
const TURNED_TILES = [
  'bafkreihxzmccwmdyo3e72fzpragxshnsf7vnsmu4qnzmsxlhsczsvv2kbe',
  'bafkreibmwf3lvk2cj5lxv3rwt5y2kc7tz3bvqlk4wx47d5wbhx3pwgrjke'
]

const CURRENT = ['x_sea_water_velocity', 'y_sea_water_velocity'] as const
const AIR = ['x_wind', 'y_wind'] as const

describe('forcing vectors', () => {
  const files = scratch()

  for (const [name, wind, cids] of [
    ['Lambert', lambert, LAMBERT_TILES],
    ['rotated pole', turned, TURNED_TILES]
  ] as const) {
    it(`polar stereographic currents under a ${name} wind`, async () => {
      const sources = [
        { role: 'current' as const, files: [files.write('c.nc', file(polar, CURRENT))] },
        { role: 'wind' as const, files: [files.write('w.nc', file(wind, AIR))] }
      ]
      const { forcing, series, store, notes } = await ingest(sources, 0, 24)
      assert.ok(!notes.some((note) => note.includes('has no wind')), notes.join('\n'))
      const { nodes, metric } = forcing
      assert.ok(nodes !== undefined)
      const tileOf = (plane: CID): CID | undefined => tilesOf(store.bytes, forcing, plane)[0]
      // The grid is one tile; u, and v, of all times.
      const whole = (role: 'current' | 'wind', half: 0 | 1): CID => {
        const tiles = series(role).planes.map((plane) => blockOf(store.bytes, tileOf(plane)))
        return rawCid(
          concat(
            tiles.map((tile) =>
              tile.subarray((half * tile.length) / 2, ((half + 1) * tile.length) / 2)
            )
          )
        )
      }
      const content = [whole('current', 0), whole('wind', 0), whole('wind', 1)]
      const found = [tileOf(nodes), tileOf(metric), ...content]
      assert.deepEqual(found.map(String), [...CURRENT_TILES, ...cids])
    })
  }
})
