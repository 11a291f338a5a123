/**
 * Grids whose nodes have places of their own, through ingest: true vectors whatever grid they come
 * from, staggered components, coordinates that are axes after all, and the same bytes everywhere.
 */
import assert from 'node:assert/strict'
import { isMeshError } from '../../../node/mesh-error.ts'
import {
  curvilinear,
  lambert,
  type Nodes,
  regular,
  stereographic
} from '../../physics/grids/nodes.ts'
import { apart, flowAt, type LonLat, normal, RADIANS, RADIUS } from '../../physics/grids/sphere.ts'
import { rotationFile } from '../../physics/grids/world.ts'
import { ingest, kernel, scratch, sharedData, T0 } from './fixture.ts'

const line = (first: number, spacing: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => first + i * spacing)
const CENTRE: LonLat = [178, 70]
/** Some 10 m/s, with gradients; steady over the two days of the file. */
const WIND = { axis: [40, 20] as const, rate: 10 / RADIUS }

const sea: Readonly<Record<string, Nodes>> = {
  regular: regular(line(174, 0.25, 33), line(69, 0.1, 21)),
  'polar stereographic': stereographic(CENTRE, 10_000, 9),
  curvilinear: curvilinear(CENTRE, 10_000, 9)
}
const sky: Readonly<Record<string, Nodes>> = {
  regular: regular(
    line(165, 0.5, 53).map((lon) => ((lon + 540) % 360) - 180),
    line(66, 0.5, 17)
  ),
  Lambert: lambert(CENTRE, 20_000, 12),
  'polar stereographic': stereographic(CENTRE, 20_000, 12, -45),
  curvilinear: curvilinear(CENTRE, 20_000, 18)
}

describe('forcing on nodes with places of their own', () => {
  const files = scratch()
  const currentOf = (name: string, nodes: Nodes) => ({
    role: 'current' as const,
    files: [files.write(`${name}.nc`, rotationFile(nodes, { axis: CENTRE, rate: 1e-6 }))]
  })
  const windOf = (name: string, nodes: Nodes) => ({
    role: 'wind' as const,
    files: [files.write(`${name}.nc`, rotationFile(nodes, WIND))],
    map: { u: 'u', v: 'v' }
  })

  for (const [from, source] of Object.entries(sky)) {
    for (const [to, target] of Object.entries(sea)) {
      it(`wind on a ${from} grid is the same true vector on a ${to} one`, async () => {
        const sources = [currentOf(`sea-${to}`, target), windOf(`sky-${from}`, source)]
        const { field, forcing, notes } = await ingest(sources, 0, 24, { metric: 'sphere1852' })
        const frames = framesOf(target)
        let worst = 0
        for (let node = 0; node < forcing.columns * forcing.rows; node++) {
          const [row, column] = [Math.floor(node / forcing.columns), node % forcing.columns]
          const [east, north] = flowAt(WIND, target.place(row, column))
          const [c, s] = frames?.[node] ?? [1, 0]
          const [u, v] = [c * east + s * north, c * north - s * east]
          const found = [field('wind', 'u', 0, row, column), field('wind', 'v', 0, row, column)]
          worst = Math.max(worst, Math.hypot((found[0] ?? 0) - u, (found[1] ?? 0) - v))
        }
        assert.ok(worst < 2e-3, `${worst} m/s of 10 m/s`)
        assert.ok(!notes.some((note) => note.includes('has no wind')), notes.join('\n'))
      })
    }
  }

  function framesOf({ place, rows, columns, dimensions }: Nodes): [number, number][] | undefined {
    if (dimensions[0] === 'lat') return undefined
    const pairs = line(0, 1, rows * columns).flatMap((node) =>
      place(Math.floor(node / columns), node % columns)
    )
    const grid = { lonLats: Float64Array.from(pairs), columns, rows }
    const { frames } = kernel().gridMetric(grid, false, 'sphere1852')
    return line(0, 1, rows * columns).map((node) => [
      frames[2 * node] ?? 1,
      frames[2 * node + 1] ?? 0
    ])
  }

  it('a wind elsewhere is told with both places', async () => {
    const far = windOf('far', lambert([5, 62], 20_000, 6))
    const sources = [currentOf('here', stereographic([20, 72], 10_000, 6)), far]
    await assert.rejects(
      ingest(sources, 0, 24),
      (error) =>
        isMeshError(error, 'forcing/no-overlap') &&
        /wind covers 2\.\d+\.\..* E 60\..* N, the current 17\..* N: no common sea/.test(
          error.message
        )
    )
  })

  it('two-dimensional coordinates that are axes give the content of axes', async () => {
    const [lons, lats] = [line(10, 0.25, 9), line(40, 0.25, 7)]
    const rotation = { axis: [11, 41] as const, rate: 1e-6 }
    const plain = regular(lons, lats)
    const coordinate = (name: string, units: string, of: (node: number) => number) => ({
      ...{ name, type: 'double' as const, dimensions: ['y', 'x'], attributes: { units } },
      values: line(0, 1, 63).map(of)
    })
    const bent: Nodes = {
      ...plain,
      dimensions: ['y', 'x'],
      variables: [
        coordinate('nav_lon', 'degrees_east', (node) => lons[node % 9] ?? 0),
        coordinate('nav_lat', 'degrees_north', (node) => lats[Math.floor(node / 9)] ?? 0)
      ]
    }
    const cids = []
    for (const [name, nodes] of Object.entries({ plain, bent })) {
      const bytes = rotationFile(nodes, rotation)
      const { cid } = await ingest([{ role: 'current', files: [files.write(name, bytes)] }], 0, 24)
      cids.push(cid.toString())
    }
    assert.equal(cids[0], cids[1])
  })

  it('rows from north to south are turned, with their values', async () => {
    const nodes = curvilinear([20, 60], 10_000, 4)
    const upside: Nodes = {
      ...nodes,
      place: (row, column) => nodes.place(nodes.rows - 1 - row, column),
      variables: nodes.variables.map((variable) => ({
        ...variable,
        values: line(0, 1, nodes.rows).flatMap((row) => {
          const first = (nodes.rows - 1 - row) * nodes.columns
          return Array.from(variable.values).slice(first, first + nodes.columns)
        })
      }))
    }
    const cids = []
    for (const [name, each] of Object.entries({ nodes, upside })) {
      const bytes = rotationFile(each, { axis: [20, 60], rate: 1e-6 })
      const { cid } = await ingest([{ role: 'current', files: [files.write(name, bytes)] }], 0, 24)
      cids.push(cid.toString())
    }
    assert.equal(cids[0], cids[1])
  })

  it('ROMS: faces to the middle of the cells, walls, top layer, angle', async function () {
    const source = {
      role: 'current' as const,
      files: [sharedData(this, 'opendrift/Nordic_subset.nc')]
    }
    const start = (Date.parse('2016-02-02T12:00:00Z') / 1000 - T0) / 3600
    const { field, land, places, notes, forcing } = await ingest([source], start, start + 24)
    assert.deepEqual([forcing.columns, forcing.rows], [31, 21])
    // netCDF4-python: u[0, -1, 8, 9:11] and v[0, -1, 7:9, 10].
    const [u, v] = [field('current', 'u', 0, 8, 10), field('current', 'v', 0, 8, 10)]
    assert.ok(Math.abs(u - (0.056749344 + 0.046806097) / 2) < 1e-7, `${u}`)
    assert.ok(Math.abs(v - (0.031255916 + 0.044921353) / 2) < 1e-7, `${v}`)
    assert.equal(land.filter((value) => value === 1).length, 185)
    assert.ok(notes.some((note) => /u-points of a staggered grid/.test(note)))
    assert.ok('lonLats' in places)
    const { frames } = kernel().gridMetric(places, false, 'wgs84')
    const [c = 0, s = 0] = frames.subarray(2 * (8 * 31 + 10), 2 * (8 * 31 + 10) + 2)
    // The file's own angle; its coordinates are packed to 28 m of 4 km.
    assert.ok(Math.abs(Math.atan2(s, c) - 0.7712498929287672) < 0.02, `${Math.atan2(s, c)}`)
    const deep = await ingest([{ ...source, depthMetres: 10 }], start, start + 24)
    // numpy: layers at -P (h + zeta) by formula_terms, linear between them.
    const [u10, v10] = [deep.field('current', 'u', 0, 8, 10), deep.field('current', 'v', 0, 8, 10)]
    assert.ok(Math.abs(u10 - 0.04992864751766295) < 1e-6, `${u10}`)
    assert.ok(Math.abs(v10 - 0.0396274866563201) < 1e-6, `${v10}`)
    const bottom = await ingest([{ ...source, depthMetres: 188 }], start, start + 24)
    assert.equal(bottom.land[8 * 31 + 10], 1)
  })
})

describe('seeding on nodes with places of their own', () => {
  const grids: Readonly<Record<string, { nodes: Nodes; around: LonLat }>> = {
    'polar stereographic': { nodes: stereographic([20, 72], 20_000, 15), around: [20, 72] },
    'around the pole': { nodes: stereographic([0, 90], 20_000, 15), around: [0, 90] },
    'date line': { nodes: curvilinear([180, 65], 20_000, 15), around: [180, 65] }
  }
  for (const [name, { nodes, around }] of Object.entries(grids)) {
    it(`${name}: every place is found to a millimetre, whatever came before`, () => {
      const { rows, columns } = nodes
      const pairs = line(0, 1, rows * columns).flatMap((node) =>
        nodes.place(Math.floor(node / columns), node % columns)
      )
      const grid = { lonLats: Float64Array.from(pairs), columns, rows }
      const random = mulberry(7)
      const points = line(0, 1, 300).map((): LonLat => {
        const [dx, dy] = [random() - 0.5, random() - 0.5]
        return around[1] === 90
          ? [360 * random() - 180, 88 + 2 * random()]
          : [around[0] + 4 * dx, around[1] + 3 * dy]
      })
      const together = kernel().locate(grid, false, Float64Array.from(points.flat()), 0)
      for (const [i, point] of points.entries()) {
        const alone = kernel().locate(grid, false, Float64Array.from(point), 0)
        assert.deepEqual(
          [...alone],
          [...together.subarray(2 * i, 2 * i + 2)],
          `${point}: the search before it must not matter`
        )
        const off = apart(placeIn(nodes, alone), point)
        assert.ok(off < 1e-3, `${point} is ${off} m away`)
      }
      const nowhere = kernel().locate(grid, false, Float64Array.of(around[0] + 90, 10), 0)
      assert.ok(Number.isNaN(nowhere[0]))
    })
  }
})

/** The place of index coordinates: directions are bilinear in a cell. */
function placeIn({ place }: Nodes, [x = Number.NaN, y = Number.NaN]: Float64Array): LonLat {
  const [column, row] = [Math.floor(x), Math.floor(y)]
  const sum = [0, 0, 0]
  for (const corner of [0, 1, 2, 3]) {
    const [dx, dy] = [corner & 1, corner >> 1]
    const weight = (dx ? x - column : column + 1 - x) * (dy ? y - row : row + 1 - y)
    if (weight === 0) continue
    for (const [part, value] of normal(place(row + dy, column + dx)).entries()) {
      sum[part] = (sum[part] ?? 0) + weight * value
    }
  }
  const [a = 0, b = 0, c = 0] = sum
  return [Math.atan2(b, a) / RADIANS, Math.atan2(c, Math.hypot(a, b)) / RADIANS]
}

/** A small generator of numbers in [0, 1), seeded. */
function mulberry(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
