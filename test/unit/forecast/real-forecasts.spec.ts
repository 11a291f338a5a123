/**
 * One forecast for each kind of real data, run as `simulate` runs it: nobody starts on land or is
 * lost, and the first hours go where the maps (`npm run maps`) show the water and wind going.
 */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { readForecastFile } from '../../../node/forecast/definition.ts'
import { simulateForecast } from '../../../node/forecast/simulate.ts'
import { EXIT_CODES, MeshError } from '../../../node/mesh-error.ts'

const FOLDER = resolve(import.meta.dirname, '../../fixtures/forecasts')

interface Expected {
  readonly name: string
  /** Whole degrees that no end lies beyond: west, south, east, north. */
  readonly within: readonly [number, number, number, number]
  /** Mean step of the tracked particles in their first hours, degrees. */
  readonly hours: number
  readonly east: readonly [number, number]
  readonly north: readonly [number, number]
  /** Particles that leave the data, at most. */
  readonly outsideMax: number
}

/** East and north are degrees, about half as much again around what the maps show. */
const FORECASTS: readonly Expected[] = [
  {
    name: 'elba',
    within: [9, 42, 11, 44],
    hours: 24,
    east: [-0.1, 0],
    north: [0.08, 0.25],
    outsideMax: 3900
  },
  {
    name: 'algeria',
    within: [4, 37, 8, 39],
    hours: 24,
    east: [0.02, 0.12],
    north: [0.02, 0.12],
    outsideMax: 0
  },
  {
    name: 'washington',
    within: [-126, 47, -123, 49],
    hours: 24,
    east: [0.15, 0.35],
    north: [-0.08, 0.05],
    outsideMax: 0
  },
  {
    name: 'agulhas',
    within: [14, -41, 35, -30],
    hours: 24,
    east: [-0.6, -0.2],
    north: [-0.3, -0.05],
    outsideMax: 2500
  },
  {
    name: 'med-sea-level',
    within: [-6, 30, 37, 46],
    hours: 24,
    east: [-0.05, 0.05],
    north: [0.02, 0.12],
    outsideMax: 0
  },
  {
    name: 'sirte',
    within: [16, 33, 21, 37],
    hours: 24,
    east: [-0.08, 0],
    north: [-0.25, -0.1],
    outsideMax: 0
  },
  {
    name: 'arctic',
    within: [-11, 65, 53, 83],
    hours: 24,
    east: [-0.25, -0.08],
    north: [0.02, 0.1],
    outsideMax: 0
  },
  {
    name: 'nordic-roms',
    within: [12, 66, 16, 69],
    hours: 12,
    east: [-0.08, -0.01],
    north: [-0.02, 0.02],
    outsideMax: 1000
  },
  {
    name: 'nordic-nested',
    within: [10, 66, 15, 70],
    hours: 24,
    east: [0.04, 0.2],
    north: [0, 0.06],
    outsideMax: 0
  },
  {
    name: 'hf-radar',
    within: [-78, 33, -66, 44],
    hours: 12,
    east: [0.05, 0.2],
    north: [0.1, 0.3],
    outsideMax: 0
  }
]

/** Mean displacement of the particles of a tracks file over the first hours of each. */
function meanStep(csv: string, hours: number): { east: number; north: number; count: number } {
  const starts = new Map<string, { time: number; lon: number; lat: number }>()
  let [east, north, count] = [0, 0, 0]
  for (const row of csv.trim().split('\n').slice(1)) {
    const [particle = '', , time = '', lon, lat] = row.split(',')
    const here = { time: Date.parse(time), lon: Number(lon), lat: Number(lat) }
    const start = starts.get(particle)
    if (start === undefined) starts.set(particle, here)
    else if (here.time === start.time + hours * 3_600_000) {
      east += here.lon - start.lon
      north += here.lat - start.lat
      count++
    }
  }
  return { east: east / count, north: north / count, count }
}

describe('forecasts on real data', function () {
  this.timeout(60_000)
  let dir = ''
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'driftmesh-real-'))
  })
  after(() => rm(dir, { recursive: true, force: true }))

  async function needsData(test: Mocha.Context, file: string): Promise<void> {
    const { forcing, baseDir } = await readForecastFile(file)
    const [{ source } = { source: '' }] = forcing
    const folder = resolve(baseDir, source.slice(0, source.lastIndexOf('/')))
    if (existsSync(folder)) return
    console.log(`      skipped: no ${folder}`)
    test.skip()
  }

  for (const expected of FORECASTS) {
    it(`${expected.name} runs and drifts as its map shows`, async function () {
      const file = join(FOLDER, `${expected.name}.yaml`)
      await needsData(this, file)
      const tracks = join(dir, `${expected.name}.csv`)
      const { status, particles } = await simulateForecast(file, { threads: 1, tracks })
      const total = Object.values(status).reduce((sum, count) => sum + count, 0)
      assert.equal(total, particles)
      assert.equal(status.missing, 0)
      assert.ok(status.outside <= expected.outsideMax, `${status.outside} outside`)
      const csv = await readFile(tracks, 'utf8')
      const [west, south, eastEnd, northEnd] = expected.within
      for (const row of csv.trim().split('\n').slice(1)) {
        const [lon = Number.NaN, lat = Number.NaN] = row.split(',').slice(3, 5).map(Number)
        assert.ok(lon >= west && lon <= eastEnd && lat >= south && lat <= northEnd, row)
      }
      const { east, north, count } = meanStep(csv, expected.hours)
      assert.ok(count > 0, 'somebody is tracked that long')
      const where = `${east.toFixed(3)} E ${north.toFixed(3)} N of ${count}`
      assert.ok(east >= expected.east[0] && east <= expected.east[1], where)
      assert.ok(north >= expected.north[0] && north <= expected.north[1], where)
    })
  }

  it('arctic currents with wind of another month are refused', async function () {
    const file = join(FOLDER, 'arctic-arome.yaml')
    await needsData(this, file)
    await assert.rejects(simulateForecast(file, { threads: 1 }), (error) => {
      assert.ok(error instanceof MeshError)
      assert.equal(error.code, 'forcing/no-overlap')
      assert.equal(EXIT_CODES[error.code], 1)
      assert.match(error.message, /:6:10 spec.start the wind covers 2016-01-14T00/)
      assert.match(error.message, /the forecast needs 2016-02-01T12/)
      return true
    })
  })
})
