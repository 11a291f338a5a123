/**
 * Projections against proj4, an independent implementation, and node metrics against differences
 * of its positions and against the scale factors that projections have by definition.
 */
import assert from 'node:assert/strict'
import proj4 from 'proj4'
import type { Projection } from '../../../kernel/kernel.ts'
import { projectionOf } from '../../../node/forcing/meaning/projection.ts'
import type { DataVariable } from '../../../node/forcing/read/data-file.ts'
import { kernel, type LonLat, RADIANS } from './sphere.ts'

type Attributes = Record<string, string | readonly number[]>

const mapping = (attributes: Attributes): DataVariable => ({
  ...{ name: 'crs', dimensions: [], type: 'int' },
  attributes: new Map(Object.entries(attributes))
})

const SPHERE = '+a=6371000 +b=6371000'
const table: readonly (readonly [name: string, proj: string, cf: Attributes, around: LonLat])[] = [
  [
    'polar stereographic, sphere',
    `+proj=stere +lat_0=90 +lat_ts=60 +lon_0=58 ${SPHERE}`,
    {
      grid_mapping_name: 'polar_stereographic',
      straight_vertical_longitude_from_pole: [58],
      standard_parallel: [60],
      earth_radius: [6_371_000]
    },
    [20, 72]
  ],
  [
    'polar stereographic, WGS84, by its scale factor',
    '+proj=stere +lat_0=90 +lat_ts=90 +k_0=0.994 +lon_0=0 +x_0=2000000 +y_0=2000000 +datum=WGS84',
    {
      grid_mapping_name: 'polar_stereographic',
      straight_vertical_longitude_from_pole: [0],
      latitude_of_projection_origin: [90],
      scale_factor_at_projection_origin: [0.994],
      false_easting: [2e6],
      false_northing: [2e6]
    },
    [-40, 81]
  ],
  [
    'polar stereographic, south',
    '+proj=stere +lat_0=-90 +lat_ts=-71 +lon_0=0 +datum=WGS84',
    {
      grid_mapping_name: 'polar_stereographic',
      straight_vertical_longitude_from_pole: [0],
      latitude_of_projection_origin: [-90],
      standard_parallel: [-71]
    },
    [170, -66]
  ],
  [
    'Lambert, one parallel',
    `+proj=lcc +lat_0=63 +lat_1=63 +lat_2=63 +lon_0=15 ${SPHERE}`,
    {
      grid_mapping_name: 'lambert_conformal_conic',
      standard_parallel: [63, 63],
      longitude_of_central_meridian: [15],
      latitude_of_projection_origin: [63],
      earth_radius: [6_371_000]
    },
    [5, 62]
  ],
  [
    'Lambert, two parallels, WGS84',
    '+proj=lcc +lat_0=39 +lat_1=33 +lat_2=45 +lon_0=-96 +datum=WGS84',
    {
      grid_mapping_name: 'lambert_conformal_conic',
      standard_parallel: [33, 45],
      longitude_of_central_meridian: [-96],
      latitude_of_projection_origin: [39],
      semi_major_axis: [6_378_137],
      inverse_flattening: [298.257223563]
    },
    [-75, 36]
  ],
  [
    'Lambert, south',
    '+proj=lcc +lat_0=-39 +lat_1=-33 +lat_2=-45 +lon_0=-60 +datum=WGS84',
    {
      grid_mapping_name: 'lambert_conformal_conic',
      standard_parallel: [-33, -45],
      longitude_of_central_meridian: [-60],
      latitude_of_projection_origin: [-39]
    },
    [-50, -42]
  ],
  [
    'Mercator',
    '+proj=merc +lat_ts=20 +lon_0=10 +datum=WGS84',
    {
      grid_mapping_name: 'mercator',
      standard_parallel: [20],
      longitude_of_projection_origin: [10]
    },
    [30, -25]
  ]
]

function known(found: ReturnType<typeof projectionOf>): Projection {
  if (typeof found !== 'object') throw new Error(`not understood: ${found}`)
  return found
}

/** M and N of the ellipsoid, metres. */
function radii(lat: number): readonly [number, number] {
  const e2 = 0.0066943799901413165
  const q = 1 - e2 * Math.sin(lat * RADIANS) ** 2
  return [(6_378_137 * (1 - e2)) / (q * Math.sqrt(q)), 6_378_137 / Math.sqrt(q)]
}

describe('physics: projections and metrics', () => {
  for (const [name, proj, cf, [lon, lat]] of table) {
    const fromProj = known(projectionOf(mapping({ proj4: `${proj} +no_defs` })))
    const fromCf = known(projectionOf(mapping(cf)))
    const places = [-9, -4, 0, 5].flatMap((dx) => [-3, 0, 4].map((dy) => [lon + dx, lat + dy]))

    it(`${name}: forward and back within a micrometre of proj4, by PROJ and CF`, () => {
      const pairs = Float64Array.from(places.flat())
      for (const [how, projection] of Object.entries({ fromProj, fromCf })) {
        const found = kernel.project(projection, pairs)
        const back = kernel.unproject(projection, found)
        for (const [i, [x = 0, y = 0]] of places.entries()) {
          const wanted = proj4(`${proj} +no_defs`, [x, y])
          for (const part of [0, 1]) {
            const off = Math.abs((found[2 * i + part] ?? 0) - (wanted[part] ?? 0))
            assert.ok(off < 1e-6, `${how} ${x},${y}: ${off} m`)
          }
          assert.ok(Math.abs((back[2 * i + 1] ?? 0) - y) < 1e-11, `${how} latitude ${y}`)
          const turn = ((back[2 * i] ?? 0) - x) % 360
          assert.ok(Math.abs(turn) < 1e-11 || Math.abs(Math.abs(turn) - 360) < 1e-11, `${how} ${x}`)
        }
      }
    })

    it(`${name}: metric and frame are those of differences of proj4's positions`, () => {
      const cell = 4000
      const [cx, cy] = proj4(`${proj} +no_defs`, [lon, lat])
      const at = (i: number, j: number): LonLat => {
        const [x = 0, y = 0] = proj4(`${proj} +no_defs`).inverse([cx + cell * i, cy + cell * j])
        return [x, y]
      }
      const [columns, rows] = [11, 9]
      const nodes = Array.from({ length: columns * rows }, (_, node) =>
        at((node % columns) - 5, Math.floor(node / columns) - 4)
      )
      const grid = { lonLats: Float64Array.from(nodes.flat()), columns, rows }
      const { metric, frames } = kernel.gridMetric(grid, false, 'wgs84')
      const node = 4 * columns + 5
      // Jacobian by tiny steps: metres east and north per cell.
      const step = 0.01
      const [, here] = at(0, 0)
      const [m, n] = radii(here)
      const metres = ([a, b]: LonLat, [c, d]: LonLat): readonly [number, number] => [
        ((a - c) * RADIANS * n * Math.cos(here * RADIANS)) / (2 * step),
        ((b - d) * RADIANS * m) / (2 * step)
      ]
      const [xe, xn] = metres(at(step, 0), at(-step, 0))
      const [ye, yn] = metres(at(0, step), at(0, -step))
      const [c = 0, s = 0] = frames.subarray(2 * node, 2 * node + 2)
      // One cell along each direction, put through the metric, must be one cell.
      const through = (east: number, north: number): number[] => {
        const [u, v] = [c * east + s * north, c * north - s * east]
        const [a = 0, b = 0, d = 0, e = 0] = metric.subarray(4 * node, 4 * node + 4)
        return [a * u + b * v, d * u + e * v]
      }
      for (const [found, wanted] of [
        [through(xe, xn), [1, 0]],
        [through(ye, yn), [0, 1]]
      ]) {
        for (const part of [0, 1]) {
          const off = Math.abs((found?.[part] ?? 9) - (wanted?.[part] ?? 0))
          assert.ok(off < 1e-6, `${found} is not ${wanted}`)
        }
      }
      const angle = Math.atan2(xn, xe) - Math.atan2(s, c)
      assert.ok(Math.abs(angle) < 1e-6, `frame turned by ${angle}`)
    })
  }

  it('a rotated pole, by PROJ and CF, against proj4', () => {
    const proj =
      '+proj=ob_tran +o_proj=longlat +o_lat_p=39.25 +o_lon_p=0 +lon_0=18 +a=6371000 +b=6371000'
    const cf = {
      grid_mapping_name: 'rotated_latitude_longitude',
      grid_north_pole_latitude: [39.25],
      grid_north_pole_longitude: [-162],
      earth_radius: [6_371_000]
    }
    const points = Float64Array.of(5, 60, 30, 55, -20, 40, 18, 50.75)
    for (const found of [projectionOf(mapping({ proj4: proj })), projectionOf(mapping(cf))]) {
      const turned = kernel.project(known(found), points)
      const back = kernel.unproject(known(found), turned)
      for (let i = 0; i < points.length; i += 2) {
        const wanted = proj4(`${proj} +no_defs`, [points[i] ?? 0, points[i + 1] ?? 0])
        for (const part of [0, 1]) {
          assert.ok(Math.abs((back[i + part] ?? 0) - (points[i + part] ?? 0)) < 1e-9)
          const off = Math.abs((turned[i + part] ?? 0) - (wanted[part] ?? 0))
          assert.ok(off < 1e-9, `${points.subarray(i, i + 2)}: ${turned[i + part]} ${wanted[part]}`)
        }
      }
    }
  })

  it('the metric is that of the sphere for sphere1852, and nothing where there is no node', () => {
    const lonLats = Float64Array.from(
      Array.from({ length: 25 }, (_, node) => [node % 5, 60 + Math.floor(node / 5)]).flat()
    )
    lonLats[2 * 24] = lonLats[2 * 24 + 1] = 1e30
    const { metric } = kernel.gridMetric({ lonLats, columns: 5, rows: 5 }, false, 'sphere1852')
    const degree = 1852 * 60
    const east = (metric[4 * 12] ?? 0) * degree * Math.cos(62 * RADIANS)
    assert.ok(Math.abs(east - 1) < 1e-6, `${east}`)
    assert.ok(Math.abs((metric[4 * 12 + 3] ?? 0) * degree - 1) < 1e-6)
    assert.deepEqual([...metric.subarray(4 * 24)], [0, 0, 0, 0])
  })

  it('names what it does not know', () => {
    const of = (attributes: Attributes): unknown => projectionOf(mapping(attributes))
    assert.match(String(of({ grid_mapping_name: 'geostationary' })), /'geostationary'/)
    assert.match(String(of({ proj4: '+proj=laea +lat_0=90' })), /'laea'/)
    assert.match(String(of({ proj4: '+proj=stere +lat_0=52' })), /only poles/)
    assert.match(String(of({ proj4: '+proj=lcc +lat_1=1 +ellps=moon' })), /ellipsoid/)
    assert.equal(of({ grid_mapping_name: 'latitude_longitude' }), undefined)
  })
})
