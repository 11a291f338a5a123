/**
 * Around the globe: both conventions of longitude, the date line, a grid wider than a crop may be,
 * and a ring of which the crop is the whole.
 */
import assert from 'node:assert/strict'
import { equals } from 'uint8arrays/equals'
import { loadKernel } from '../../kernel/kernel.ts'
import { builtInKernel } from '../../node/worker/kernel-file.ts'
import { axis, drift, type Field, type Particle, placesOf, type Sea } from './sea.ts'

const DAY = 86_400
const RADIANS = Math.PI / 180
/** Periodic in longitude, the same for either convention. */
const flow: Field = (lon, lat) => [
  0.8 + 0.3 * Math.cos(2 * lon * RADIANS),
  0.2 * Math.sin(lon * RADIANS) + (lat - 60) / 50
]

const globe = (first: number, columns: number): Sea => ({
  longitudes: axis(first, 360 / columns, columns),
  latitudes: axis(58, 0.25, 17),
  isPeriodic: true,
  metric: 'wgs84',
  times: [0, 10 * DAY],
  fields: { current: flow }
})

const kernel = loadKernel(builtInKernel().bytes)

/** lon/lat of each particle after a drift of ten days from these points, by the module. */
function tracks(sea: Sea, points: readonly (readonly [number, number])[], stepCount = 480) {
  const { state, failedPoint } = kernel.seedPoints({
    ...sea,
    isPeriodic: sea.isPeriodic ?? false,
    land: new Uint8Array(sea.longitudes.length * sea.latitudes.length),
    points,
    radiusMetres: 0,
    firstParticle: 0,
    particleCount: points.length,
    rngSeed: [1, 2],
    releaseStep: 0,
    classIndex: 0
  })
  assert.equal(failedPoint, undefined)
  const trackedCount = points.length
  const { run } = drift(sea, { state, stepSeconds: 1800, stepCount, trackedCount })
  const view = new DataView(run.output().tracks.buffer)
  return points.map((_, i) => ({
    status: view.getUint32(i * 24 + 4, true),
    lon: view.getFloat64(i * 24 + 8, true),
    lat: view.getFloat64(i * 24 + 16, true)
  }))
}

describe('physics: around the globe', () => {
  const points: [number, number][] = [
    [-2, 60],
    [2, 60],
    [175, 60],
    [-175, 60],
    [179.9, 60]
  ]

  it('0..359 and −180..179 give the same paths, across 0° and the date line', () => {
    const east = tracks(globe(0, 360), points)
    const both = tracks(globe(-180, 360), points)
    for (const [i, place] of east.entries()) {
      const other = both[i]
      assert.equal(place.status, 1, `${points[i]}`)
      assert.ok(place.lon >= -180 && place.lon < 180, `${points[i]} lon ${place.lon}`)
      const apart = Math.abs(place.lon - (other?.lon ?? 0))
      assert.ok(Math.min(apart, 360 - apart) < 1e-3, `${points[i]}: ${place.lon} ${other?.lon}`)
      assert.ok(Math.abs(place.lat - (other?.lat ?? 0)) < 1e-3, `${points[i]}`)
      const from = points[i]?.[0] ?? 0
      const gone = (place.lon - from + 360) % 360
      assert.ok(gone > 5 && gone < 20, `${points[i]} went ${gone}°`)
    }
    assert.ok((east[4]?.lon ?? 0) < -150, 'the last one crossed the date line')
  })

  it('the same points in either convention are the same', () => {
    const turned = points.map(([lon, lat]) => [lon < 0 ? lon + 360 : lon, lat] as const)
    assert.deepEqual(tracks(globe(0, 360), turned, 48), tracks(globe(0, 360), points, 48))
  })

  it('a grid of 4320 columns: a crop over the seam gives the bits of one shifted by a cell', () => {
    const sea: Sea = { ...globe(0, 4320), latitudes: axis(59, 1 / 12, 25) }
    const particles: Particle[] = Array.from({ length: 60 }, (_, i) => ({
      x: i % 2 === 0 ? 4315 + i / 13 : i / 11,
      y: 12 + i / 61
    }))
    const options = { particles, stepSeconds: 1800, stepCount: 96, diffusivity: 1 }
    const states = [-150, -149, 4170].map(
      (column) => drift(sea, { ...options, crop: { column, row: 0, columns: 300, rows: 25 } }).state
    )
    assert.ok(equals(states[0] as Uint8Array, states[1] as Uint8Array), 'moved by one')
    assert.ok(equals(states[0] as Uint8Array, states[2] as Uint8Array), 'moved by the globe')
    const places = placesOf(states[0] as Uint8Array)
    assert.ok(
      places.every(({ x }) => x >= 0 && x < 4320),
      'stored columns are those of the grid'
    )
    assert.ok(places.some(({ x }, i) => x < 100 && (particles[i]?.x ?? 0) > 4000))
  })

  it('density cells are those of lon/lat, whatever the conventions of grid and density', () => {
    const particles = Array.from({ length: 40 }, (_, i) => ({ x: i * 9 + 0.3, y: 8.3 }))
    for (const first of [0, -180]) {
      for (const west of [0, -180, 180, -190.5]) {
        const density = { west, south: 55, resolution: 0.5, columns: 720, rows: 20 }
        const options = { particles, stepSeconds: 1800, stepCount: 4, trackedCount: 40, density }
        const {
          tracks: rows,
          density: cells,
          counts
        } = drift(globe(first, 360), options).run.output()
        const view = new DataView(rows.buffer)
        const expected = particles
          .map((_, i) => {
            const lon = view.getFloat64(i * 24 + 8, true)
            const lat = view.getFloat64(i * 24 + 16, true)
            const column = Math.floor(((lon - west + 720) % 360) / 0.5)
            return Math.floor((lat - 55) / 0.5) * 720 + column
          })
          .sort((a, b) => a - b)
        const triples = new Uint32Array(cells.buffer)
        const counted = Array.from({ length: triples.length / 3 }, (_, i) =>
          new Array<number>(triples[i * 3 + 2] ?? 0).fill(triples[i * 3] ?? 0)
        ).flat()
        assert.equal(counts[1], 40)
        assert.deepEqual(counted, expected, `grid from ${first}, density from ${west}`)
      }
    }
  })

  it('what lies outside the density grid is not counted', () => {
    const density = { west: 10, south: 59, resolution: 1, columns: 20, rows: 2 }
    const particles = [9.5, 10.5, 29.5, 30.5, 200].map((x) => ({ x, y: 8 }))
    const { run } = drift(globe(0, 360), { particles, stepSeconds: 60, stepCount: 1, density })
    assert.deepEqual([...new Uint32Array(run.output().density.buffer)], [20, 0, 1, 39, 0, 1])
  })

  it('a ring: the crop is the whole grid and particles go round', () => {
    const sea: Sea = {
      ...globe(0, 48),
      latitudes: axis(-10, 2, 11),
      times: [0, 60 * DAY],
      fields: { current: () => [10, 0] }
    }
    const particles = [{ x: 47.5, y: 5 }]
    const days = 50
    const crop = { column: 0, row: 0, columns: 49, rows: 11 }
    const stepCount = days * 48
    const ring = drift(sea, { particles, stepSeconds: 1800, stepCount, crop })
    const [place] = ring.places
    const travelled = (10 * days * DAY) / (6_378_137 * RADIANS * 7.5)
    assert.equal(place?.status, 1)
    assert.ok(travelled > 48, 'more than once round')
    assert.ok(Math.abs((place?.x ?? 0) - ((47.5 + travelled) % 48)) < 0.01, `${place?.x}`)
  })
})
