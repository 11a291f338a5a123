/**
 * Every term of drift end to end: file, schema, planner, plan, units, kernel, products. What each
 * term does is in test/physics; here it is that each arrives.
 */
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { prepareForecast } from '../../../node/forecast/prepare.ts'
import { simulateForecast } from '../../../node/forecast/simulate.ts'
import { openMemoryBlocks } from '../../../node/store/memory-blocks.ts'
import { builtInKernel } from '../../../node/worker/kernel-file.ts'
import { DEPTHS, LEVEL_SPEEDS, writeDeepForcing } from './deep-forcing.ts'
import { forecastText } from './definition-text.ts'

const CURRENT = '{ role: current, source: deep.nc }'
const WIND = '{ role: wind, source: wind.nc }'
const STOKES = '{ role: stokes, source: waves.nc }'
const PERIOD = '{ role: wavePeriod, source: waves.nc }'
const MIXING = '{ role: diffusivity, source: mixing.nc, map: { value: eddy } }'
const list = (...entries: string[]): string => `[${entries.join(', ')}]`
/** Metres of a degree of longitude at 40.5° N on WGS84. */
const DEGREE_METRES = 84_772.5

describe('forecast: every term of drift', function () {
  this.timeout(120_000)
  let dir = ''
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'driftmesh-terms-'))
    await writeDeepForcing(dir)
  })
  after(() => rm(dir, { recursive: true, force: true }))

  let files = 0
  const fileOf = async (changes: Record<string, string>): Promise<string> => {
    files += 1
    const file = join(dir, `${files}.yaml`)
    await writeFile(file, forecastText({ forcing: list(CURRENT), ...changes }))
    return file
  }
  const plan = async (changes: Record<string, string>) => {
    const deps = { blocks: openMemoryBlocks(), kernel: builtInKernel() }
    return prepareForecast(await fileOf(changes), deps)
  }
  /** Metres east of its start that the only particle is at the end, and its status. */
  const eastOf = async (lon: number, changes: Record<string, string>) => {
    const tracks = join(dir, `${files + 1}.csv`)
    const file = await fileOf({
      seeding: `[{ kind: points, at: [[${lon}, 40.5]], particles: 1, class: submerged }]`,
      duration: 'PT12H',
      products: '{ tracks: { particles: 1 } }',
      ...changes
    })
    await simulateForecast(file, { threads: 1, tracks })
    const last = (await readFile(tracks, 'utf8')).trimEnd().split('\n').at(-1)?.split(',') ?? []
    return { metres: (Number(last[3]) - lon) * DEGREE_METRES, status: last[5] }
  }
  const HALF_DAY = 12 * 3600
  const close = (actual: number, expected: number): void =>
    assert.ok(Math.abs(actual - expected) < 25, `${actual} m, expected ${expected} m`)

  it('reads currents at the depth of a class, and the deepest water over a shelf', async () => {
    const at = (depth: number) => `{ diffusivity: 0, depth: ${depth}, coast: { rule: strand } }`
    const [top = 0, middle = 0, deep = 0] = LEVEL_SPEEDS
    close((await eastOf(10.8, { physics: at(0) })).metres, top * HALF_DAY)
    close((await eastOf(10.8, { physics: at(10) })).metres, middle * HALF_DAY)
    close((await eastOf(10.9, { physics: at(30) })).metres, ((middle + deep) / 2) * HALF_DAY)
    close((await eastOf(10.9, { physics: at(50) })).metres, deep * HALF_DAY)
    close((await eastOf(10.1, { physics: at(50) })).metres, middle * HALF_DAY)
  })

  it('takes one level where the file names it', async () => {
    const forcing = list('{ role: current, source: deep.nc, depth: 10 }')
    const physics = '{ diffusivity: 0, depth: 50, coast: { rule: strand } }'
    const { metres } = await eastOf(10.8, { forcing, physics })
    close(metres, (LEVEL_SPEEDS[1] ?? 0) * HALF_DAY)
  })

  it('reads waves: a field, its period, a parameterised drift', async () => {
    const physics = (terms: string) => `{ diffusivity: 0, coast: { rule: strand }, ${terms} }`
    const top = (LEVEL_SPEEDS[0] ?? 0) * HALF_DAY
    const surface = await eastOf(10.6, {
      forcing: list(CURRENT, STOKES),
      physics: physics('stokes: field')
    })
    close(surface.metres, top + 0.05 * HALF_DAY)
    const deep = await eastOf(10.6, {
      forcing: list('{ role: current, source: deep.nc, depth: 1 }', STOKES, PERIOD),
      physics: physics('depth: 5')
    })
    close(deep.metres, top + 0.05 * 0.164842 * HALF_DAY)
    const none = await eastOf(10.6, {
      forcing: list(CURRENT, STOKES),
      physics: physics('stokes: none')
    })
    close(none.metres, top)
    const wind = await eastOf(10.6, {
      forcing: list(CURRENT, WIND),
      physics: physics('stokes: parameterised')
    })
    close(wind.metres, top + 0.016 * 6 * HALF_DAY)
  })

  it('runs backwards, with times that go down', async () => {
    const { metres, status } = await eastOf(10.8, {
      start: '2020-01-01T18:00:00Z',
      duration: '-PT12H',
      physics: '{ diffusivity: 0 }'
    })
    close(metres, -(LEVEL_SPEEDS[0] ?? 0) * HALF_DAY)
    assert.equal(status, 'afloat')
  })

  it('beaches by chance near the coast by default, and counts it', async () => {
    const seeding =
      '[{ kind: points, at: [[11.3, 40.5]], particles: 2000, radius: 1 km, class: submerged }]'
    const physics = '{ diffusivity: 0, coast: { beachingTime: P1D, refloatTime: P1000D } }'
    const { status } = await simulateForecast(await fileOf({ seeding, physics }), { threads: 2 })
    const share = status.stranded / 2000
    const expected = 1 - Math.exp(-1)
    assert.ok(Math.abs(share - expected) < 0.05, `${share}, expected about ${expected}`)
    assert.equal(status.stranded + status.afloat, 2000)
  })

  it('works rise velocities out, draws members, and bounds them all in its reach', async () => {
    const physics =
      '{ vertical: mixed, riseVelocity: { diameter: 1 mm, density: 920 }, coast: { rule: slide } }'
    const forcing = list(CURRENT, WIND, STOKES, PERIOD, MIXING)
    const calm = await plan({ physics, forcing })
    const noisy = await plan({
      physics,
      forcing,
      ensemble:
        '{ members: 5, perturb: { currentFactor: 0.2, windageFactor: 0.1, diffusivityFactor: 0.3,' +
        ' releaseTime: PT6H, currentNoise: { deviation: 0.1, timescale: PT6H } } }'
    })
    assert.ok(Math.abs((calm.plan.classes[0]?.riseVelocityMetresPerSecond ?? 0) - 0.0203) < 1e-4)
    assert.equal(calm.plan.perturbations.length, 0)
    const { perturbations } = noisy.plan
    assert.equal(new Set(perturbations.map(({ currentFactor }) => currentFactor)).size, 5)
    for (const { currentFactor, releaseShiftSteps } of perturbations) {
      assert.ok(Math.abs(currentFactor - 1) <= 0.2 * Math.sqrt(6))
      assert.ok(releaseShiftSteps * noisy.plan.stepSeconds <= 6 * 3600)
    }
    const metresPerSecond = ({ plan: each }: typeof calm) =>
      each.reachCellsPerStep / each.stepSeconds
    assert.ok(metresPerSecond(noisy) > 1.5 * metresPerSecond(calm))
    const levels = calm.notes.find((note) => note.startsWith('current: levels'))
    assert.equal(levels, `current: levels ${DEPTHS.join(', ')} m, linear between them`)
  })

  it('gives one product however all terms are cut in units and windows', async () => {
    const changes = {
      forcing: list(CURRENT, WIND, STOKES, PERIOD, MIXING),
      seeding:
        '[{ kind: points, at: [[10.8, 40.5], [11.2, 40.6]], particles: 300, radius: 3 km,' +
        ' class: bottle }, { kind: points, at: [[10.9, 40.8]], particles: 100, class: low,' +
        ' release: 2020-01-01T06:00:00Z }]',
      physics:
        '{ vertical: mixed, riseVelocity: 0.01, depth: { low: 12 }, halfLife: P4D, maxAge: PT20H,' +
        ' coast: { beachingTime: P1D, refloatTime: P2D } }',
      ensemble:
        '{ members: 2, perturb: { currentFactor: 0.1, releaseTime: PT2H,' +
        ' currentNoise: { deviation: 0.05, timescale: PT6H } } }',
      products: '{ tracks: { particles: 20 } }'
    }
    const run = async (mesh: string) =>
      simulateForecast(await fileOf({ ...changes, mesh }), { threads: 2 })
    const whole = await run('{ unitParticles: 400 }')
    const cut = await run('{ unitParticles: 150, window: PT6H }')
    assert.equal(cut.product.toString(), whole.product.toString())
    const { afloat, stranded, retired } = whole.status
    assert.ok(afloat > 0 && stranded > 0 && retired > 0, JSON.stringify(whole.status))
  })
})
