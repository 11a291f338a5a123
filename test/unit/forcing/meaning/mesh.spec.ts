/**
 * Unstructured meshes: a linear flow comes out exactly in its triangles, whatever the model calls
 * things; a curved one with the square of the cell; land is where no triangle is.
 */
import assert from 'node:assert/strict'
import { boxOf } from '../../../../node/forcing/meaning/grid.ts'
import { type NetcdfVariable, writeNetcdf3 } from '../../../../node/forcing/netcdf3-writer.ts'
import { axisOf, ingest, scratch } from '../fixture.ts'

const { write } = scratch()

interface Nodes {
  readonly lons: readonly number[]
  readonly lats: readonly number[]
  /** Corners of faces, from 0. */
  readonly faces: readonly (readonly number[])[]
}

/** Triangles on a jittered lattice with a square hole; `per` cells to a side of one degree. */
function lattice(per: number, west = 10, isQuads = false): Nodes {
  const side = per + 1
  const jitter = (i: number): number => (((i * 7919) % 13) / 13 - 0.5) * (0.4 / per)
  const isEdge = (i: number): boolean =>
    i % side === 0 || i % side === per || i < side || i >= side * per
  const at = (i: number, base: number, step: number): number =>
    base + step / per + (isEdge(i) ? 0 : jitter(i + base))
  const all = Array.from({ length: side * side }, (_, i) => i)
  const faces: number[][] = []
  for (let row = 0; row < per; row++) {
    for (let column = 0; column < per; column++) {
      const isHole = row > per * 0.4 && row < per * 0.6 && column > per * 0.4 && column < per * 0.6
      if (isHole) continue
      const a = row * side + column
      const quad = [a, a + 1, a + side + 1, a + side]
      if (isQuads) faces.push(quad)
      else faces.push([a, a + 1, a + side + 1], [a, a + side + 1, a + side])
    }
  }
  return {
    lons: all.map((i) => at(i, west, i % side)),
    lats: all.map((i) => at(i, 40, Math.floor(i / side))),
    faces
  }
}

type Flow = (lon: number, lat: number) => number
const linear: Flow = (lon, lat) => 0.1 * (lon - 10) - 0.2 * (lat - 40) + 0.3

const doubles = (
  name: string,
  dimensions: string[],
  values: number[],
  attributes = {}
): NetcdfVariable => ({
  ...{ name, type: 'double', dimensions, values, attributes }
})
const time = doubles('time', ['time'], [0, 6], { units: 'hours since 2020-01-01' })
const centre = (values: readonly number[], face: readonly number[]): number =>
  face.reduce((sum, node) => sum + (values[node] ?? 0), 0) / face.length

/** FVCOM: velocities on triangles, layers without an axis, corners from 1 in rows of their own. */
function fvcom({ lons, lats, faces }: Nodes, flow: Flow): Uint8Array {
  const on = faces.map((face) => flow(centre(lons, face), centre(lats, face)))
  const slice = [...on, ...on.map(() => 9)]
  return writeNetcdf3({
    dimensions: { time: 2, siglay: 2, node: lons.length, nele: faces.length, three: 3 },
    variables: [
      time,
      doubles('lon', ['node'], [...lons], { units: 'degrees_east' }),
      doubles('lat', ['node'], [...lats], { units: 'degrees_north' }),
      doubles(
        'nv',
        ['three', 'nele'],
        [0, 1, 2].flatMap((c) => faces.map((f) => (f[c] ?? 0) + 1))
      ),
      doubles('siglay', ['siglay', 'node'], [...lons.map(() => -0.1), ...lons.map(() => -0.6)]),
      doubles('u', ['time', 'siglay', 'nele'], [...slice, ...slice], { units: 'meters s-1' }),
      doubles('v', ['time', 'siglay', 'nele'], [...slice, ...slice], { units: 'meters s-1' })
    ]
  })
}

/** UGRID as SCHISM writes it: velocities on nodes, the surface last, triangles among quads. */
function ugrid({ lons, lats, faces }: Nodes, flow: Flow): Uint8Array {
  const on = lons.flatMap((lon, node) => [9, flow(lon, lats[node] ?? 0)])
  const velocity = (name: string): NetcdfVariable =>
    doubles(name, ['time', 'n_node', 'nSCHISM_vgrid_layers'], [...on, ...on], {
      ...{ units: 'm/s', mesh: 'hgrid', location: 'node' }
    })
  const corners = faces.flatMap((face) => [0, 1, 2, 3].map((c) => (face[c] ?? -2) + 1))
  return writeNetcdf3({
    dimensions: {
      time: 2,
      n_node: lons.length,
      n_face: faces.length,
      four: 4,
      nSCHISM_vgrid_layers: 2,
      one: 1
    },
    variables: [
      time,
      doubles('hgrid', ['one'], [0], {
        cf_role: 'mesh_topology',
        face_node_connectivity: 'face_nodes',
        node_coordinates: 'node_y node_x'
      }),
      doubles('node_x', ['n_node'], [...lons], { standard_name: 'longitude' }),
      doubles('node_y', ['n_node'], [...lats], { standard_name: 'latitude' }),
      doubles('face_nodes', ['n_face', 'four'], corners, {
        start_index: { type: 'int', values: [1] }
      }),
      velocity('horizontalVelX'),
      velocity('horizontalVelY')
    ]
  })
}

const source = (bytes: Uint8Array, name: string) => [
  { role: 'current' as const, files: [write(name, bytes)] }
]

/** Greatest error against the flow at nodes at least `margin` degrees inside; and how many. */
async function errorOf(bytes: Uint8Array, name: string, flow: Flow, west = 10) {
  const { field, forcing, land, notes } = await ingest(source(bytes, name), 0, 6)
  const [lons, lats] = [axisOf(forcing.longitudes), axisOf(forcing.latitudes)]
  const margin = 0.06
  let [worst, count] = [0, 0]
  lats.forEach((lat, row) => {
    lons.forEach((lon, column) => {
      const [x, y] = [lon - west, lat - 40]
      const isInside = Math.min(x, y, 1 - x, 1 - y) > margin
      const isNearHole = Math.max(Math.abs(x - 0.5), Math.abs(y - 0.5)) < 0.2
      if (!isInside || isNearHole) return
      count++
      assert.equal(land[row * lons.length + column], 0, `${lon}, ${lat}`)
      worst = Math.max(worst, Math.abs(field('current', 'u', 0, row, column) - flow(lon, lat)))
    })
  })
  return { worst, count, lons, lats, land, notes }
}

describe('unstructured meshes', () => {
  it('a linear flow on nodes is exact in triangles and quads, at the surface', async () => {
    for (const isQuads of [false, true]) {
      const bytes = ugrid(lattice(20, 10, isQuads), linear)
      const { worst, count, lons, lats, land, notes } = await errorOf(
        bytes,
        `u${isQuads}.nc`,
        linear
      )
      assert.ok(worst < 1e-6, `${worst}`)
      assert.ok(count > 100, `${count}`)
      // The hole in the mesh is land, and so is what is outside it.
      const at = (lon: number, lat: number): number => {
        const near = (axis: number[], value: number): number =>
          axis.findIndex((place) => place >= value)
        return near(lats, lat) * lons.length + near(lons, lon)
      }
      assert.equal(land[at(10.5, 40.5)], 1)
      assert.ok(notes.some((note) => /mesh of \d+ faces .*linear in triangles; outside/.test(note)))
    }
  })

  it('the grid is as fine as the middle edge, in metres both ways', async () => {
    const { lons, lats } = await errorOf(ugrid(lattice(20), linear), 'fine.nc', linear)
    const rows = (lats[1] ?? 0) - (lats[0] ?? 0)
    const columns = (lons[1] ?? 0) - (lons[0] ?? 0)
    assert.ok(rows > 0.03 && rows < 0.06, `${rows}`)
    assert.ok(Math.abs((columns * Math.cos((40.5 * Math.PI) / 180)) / rows - 1) < 0.01)
    const box = boxOf({ longitudes: Float64Array.from(lons), latitudes: Float64Array.from(lats) })
    assert.ok(box.west <= 10 && box.east >= 11 && box.south <= 40 && box.north >= 41)
  })

  it("FVCOM's velocities on triangles come to second order", async () => {
    const curved: Flow = (lon, lat) => Math.sin(3 * (lon - 10)) * Math.cos(2 * (lat - 40))
    const coarse = await errorOf(fvcom(lattice(20), curved), 'fvcom20.nc', curved)
    const fine = await errorOf(fvcom(lattice(60), curved), 'fvcom60.nc', curved)
    assert.ok(coarse.worst < 0.05, `${coarse.worst}`)
    assert.ok(fine.worst < coarse.worst / 4, `${coarse.worst} to ${fine.worst}`)
  })

  it('lies across the date line and is the same for any turn of its longitudes', async () => {
    const flow: Flow = (lon, lat) => linear(lon - 169.5, lat)
    const straight = await errorOf(ugrid(lattice(20, 179.5), flow), 'east.nc', flow, 179.5)
    assert.ok(straight.worst < 1e-6 && straight.count > 100)
    const wrapped = lattice(20, 179.5)
    const nodes = { ...wrapped, lons: wrapped.lons.map((lon) => (lon > 180 ? lon - 360 : lon)) }
    const turned: Flow = (lon, lat) => flow(lon < 0 ? lon + 360 : lon, lat)
    const other = await ingest(source(ugrid(nodes, turned), 'west.nc'), 0, 6)
    const first = await ingest(source(ugrid(wrapped, flow), 'east.nc'), 0, 6)
    assert.equal(other.land.length, first.land.length)
    assert.deepEqual(other.land, first.land)
  })

  it('says what a mesh lacks', async () => {
    const nowhere = { ...lattice(6), lons: lattice(6).lons.map(() => 0) }
    await assert.rejects(ingest(source(fvcom(nowhere, linear), 'zero.nc'), 0, 6), {
      code: 'forcing/not-understood',
      message: /no longitudes \(lon is 0 throughout\)/
    })
    const metres = { ...lattice(6), lats: lattice(6).lats.map((lat) => lat * 1e5) }
    await assert.rejects(
      ingest(source(fvcom(metres, linear), 'metres.nc'), 0, 6),
      /no longitudes and/
    )
  })
})
