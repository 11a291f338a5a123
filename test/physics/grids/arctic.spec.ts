/**
 * A real polar stereographic model, end to end: velocities at places and times that PHYSICS §6
 * gives, tracks that do not depend on the time step, and a wind on another grid far away.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isMeshError } from '../../../node/mesh-error.ts'
import { HOUR, ingest, kernel, sharedData, T0 } from '../../unit/forcing/fixture.ts'
import { apart, type LonLat } from './sphere.ts'
import { forecast } from './world.ts'

const FILE = 'opendrift/Arctic20_1to5Feb_2016.nc'
const hours = (iso: string): number => (Date.parse(iso) / 1000 - T0) / HOUR
const POINTS: LonLat[] = [
  [5, 70],
  [15, 72],
  [20, 75],
  [30, 74]
]

describe('physics: Arctic20, polar stereographic', () => {
  it('velocities of PHYSICS §6, eastward and northward, within 2e-6 m/s', async function () {
    const files = [sharedData(this, FILE)]
    const [start, end] = [hours('2016-02-01T12:00:00Z'), hours('2016-02-02T12:00:00Z')]
    const { field, places } = await ingest([{ role: 'current', files }], start, end)
    assert.ok('lonLats' in places)
    const { frames } = kernel().gridMetric(places, false, 'wgs84')
    const at = kernel().locate(places, false, Float64Array.from(POINTS.flat()), 0)
    /** East and north at a point, bilinear along the grid's axes, a share of the way in time. */
    const velocity = (index: number, share: number): [number, number] => {
      const [x = 0, y = 0] = at.subarray(2 * index, 2 * index + 2)
      const [column, row] = [Math.floor(x), Math.floor(y)]
      const mean = (value: (row: number, column: number) => number): number =>
        [0, 1, 2, 3].reduce((sum, corner) => {
          const [dx, dy] = [corner & 1, corner >> 1]
          const weight = (dx ? x - column : column + 1 - x) * (dy ? y - row : row + 1 - y)
          return sum + weight * value(row + dy, column + dx)
        }, 0)
      const component = (name: 'u' | 'v'): number =>
        mean(
          (r, c) =>
            (1 - share) * field('current', name, 0, r, c) + share * field('current', name, 1, r, c)
        )
      const [u, v] = [component('u'), component('v')]
      const turn = [0, 1].map((part) =>
        mean((r, c) => frames[2 * (r * places.columns + c) + part] ?? 0)
      )
      const [cosine = 0, sine = 0] = turn.map((value) => value / Math.hypot(...turn))
      return [cosine * u - sine * v, sine * u + cosine * v]
    }
    const wanted = [
      [-0.1187223, 0.144888, -0.1282293, 0.1378234],
      [-0.0677246, 0.1955568, -0.0635477, 0.1839585],
      [-0.0569136, 0.0000666, -0.0655856, 0.0011337],
      [-0.0158835, -0.0289224, -0.0082861, -0.0341623]
    ]
    for (const [index, values] of wanted.entries()) {
      const found = [...velocity(index, 0), ...velocity(index, 0.25)]
      for (const [part, value] of found.entries()) {
        const error = Math.abs(value - (values[part] ?? 0))
        assert.ok(error < 2e-6, `${POINTS[index]}, value ${part}: ${error} m/s`)
      }
    }
  })

  it('tracks of 96 h move by less than 1 m between steps of 3600 and 900 s', async function () {
    const source = sharedData(this, FILE)
    const yaml = join(import.meta.dirname, '../../fixtures/forecasts/arctic.yaml')
    const text = readFileSync(yaml, 'utf8')
      .replace(/source: \S+/, `source: ${source}`)
      .replace('output: PT1H', 'output: PT24H')
    const hourly = await forecast(text)
    const quarter = await forecast(text.replace('step: PT1H', 'step: PT15M'))
    assert.equal(hourly.ends.length, 4)
    for (const [i, { place, status }] of hourly.ends.entries()) {
      assert.equal(status, 'afloat')
      const other = quarter.ends[i]?.place ?? [0, 0]
      assert.ok(apart(place, other) < 1, `${POINTS[i]}: ${apart(place, other)} m`)
      const path = apart(place, POINTS[i] as LonLat)
      assert.ok(path > 5000 && path < 80_000, `${POINTS[i]} drifted ${path} m`)
    }
  })

  it('a wind that shares no sea with it is told, with both places', async function () {
    const current = sharedData(this, FILE)
    const wind = sharedData(this, 'opendrift/AROME_MetCoOp_00_DEF_20160114_subset.nc')
    const text = readFileSync(
      join(import.meta.dirname, '../../fixtures/forecasts/arctic.yaml'),
      'utf8'
    ).replace(
      /- \{ role: current, source: \S+ \}/,
      `- { role: current, source: ${current} }\n    - { role: wind, source: ${wind} }`
    )
    await assert.rejects(
      forecast(text),
      (error) =>
        isMeshError(error, 'forcing/no-overlap') &&
        /wind covers 2016-01-14T00:00:00Z to 2016-01-14T02:00:00Z/.test(error.message)
    )
  })
})
