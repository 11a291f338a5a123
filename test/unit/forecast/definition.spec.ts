/**
 * The forecast file: defaults, and every error with the exact place it is found at. The files of
 * test/fixtures/forecasts/bad hold one mistake per commented line: `# ERR col path message`.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseForecast, readForecastFile } from '../../../node/forecast/definition.ts'
import { isMeshError, type MeshError } from '../../../node/mesh-error.ts'
import { PLAIN_PHYSICS, plainClass } from '../../fixtures/plain-physics.ts'

const FIXTURES = join(import.meta.dirname, '../../fixtures/forecasts')
const BAD = join(FIXTURES, 'bad')

const failureOf = (text: string): MeshError => {
  try {
    parseForecast(text, 'f.yaml')
  } catch (error) {
    assert.ok(isMeshError(error), String(error))
    return error
  }
  throw new assert.AssertionError({ message: 'the file was accepted' })
}

/** Lines that the comments of a fixture announce, in file order. */
const announced = (text: string): string[] =>
  text
    .split('\n')
    .flatMap((line, index) =>
      [...line.matchAll(/ERR (\d+) (.*?)(?= ERR \d|$)/g)].map(
        ([, column, message]) => `f.yaml:${index + 1}:${column} ${message?.trim()}`
      )
    )

const MINIMAL = `apiVersion: driftmesh/v1
kind: Forecast
spec:
  start: 2014-05-17T12:30:00Z
  duration: P3D
  forcing: [{ role: current, source: a.nc }]
  seeding: [{ kind: points, at: [[10.2, 42.9]], particles: 10 }]
`

const FIELDS = `
    - { role: current, source: a.nc }
    - { role: wind, source: w.nc }
    - { role: stokes, source: s.nc }
    - { role: diffusivity, source: k.nc }`

describe('forecast definition', () => {
  it('fills the defaults of a minimal file', () => {
    const { file, baseDir, seeding, forcing, markOf, notes, ...rest } = parseForecast(
      MINIMAL,
      'dir/f.yaml'
    )
    assert.deepEqual(rest, {
      name: 'forecast',
      title: 'forecast',
      institution: '',
      license: '',
      startSeconds: 1_400_329_800,
      durationSeconds: 259_200,
      outputSeconds: 3600,
      metric: 'wgs84',
      isBackward: false,
      physics: {
        ...PLAIN_PHYSICS,
        coast: 'probabilistic',
        beaching: {
          beachingSeconds: 26 * 86_400,
          refloatSeconds: 69 * 86_400,
          zoneMetres: 10_000
        }
      },
      classes: [plainClass('low', [0.01, 0.01])],
      rises: [],
      water: { temperature: 15, salinity: 35, density: 1026 },
      perturb: { currentFactor: 0, windageFactor: 0, diffusivityFactor: 0, releaseSeconds: 0 },
      memberCount: 1,
      rngSeed: [0, 0],
      trackedCount: 0,
      mesh: { policy: 'quorum', quorum: 2, deadlineSeconds: 21_600, priority: 0 }
    })
    assert.deepEqual([file, baseDir], ['dir/f.yaml', 'dir'])
    assert.equal(seeding[0]?.releaseSeconds, 1_400_329_800)
    assert.equal(seeding[0]?.radiusMetres, 0)
    assert.equal(seeding[0]?.markOfPoint(0).place, 'dir/f.yaml:7:34')
    assert.equal(forcing[0]?.mark.path, 'spec.forcing[0].source')
    assert.equal(markOf(['spec', 'start']).place, 'dir/f.yaml:4:10')
    assert.deepEqual(notes, [
      'windage of class low: 0.01 (default by name)',
      'no wind forcing: windage of low has no effect'
    ])
  })

  it('reads every key of the Elba file', async () => {
    const definition = await readForecastFile(join(FIXTURES, 'elba.yaml'))
    assert.deepEqual(definition.classes, [
      plainClass('bottle', [0.02, 0.04]),
      plainClass('low', [0.01, 0.01])
    ])
    assert.deepEqual(
      definition.seeding.map(({ particleCount, radiusMetres, releaseSeconds, classIndex }) => [
        particleCount,
        radiusMetres,
        releaseSeconds - definition.startSeconds,
        classIndex
      ]),
      [
        [6000, 500, 0, 0],
        [6000, 2000, 10_800, 1]
      ]
    )
    assert.deepEqual(definition.rngSeed, [0, 42])
    assert.equal(definition.densityResolution, 0.02)
    assert.equal(definition.trackedCount, 100)
  })

  it('reads every term of drift, with what follows from the forcing at hand', () => {
    const text = `${MINIMAL.replace('[{ role: current, source: a.nc }]', FIELDS).replace(
      'duration: P3D',
      'duration: -P3D'
    )}  physics:
    stokes: field
    wavePeriod: 8
    vertical: mixed
    depth: { low: 15 m }
    riseVelocity: 0.01
    maxAge: P30D
    halfLife: P60D
    coast: { rule: strand }
  ensemble:
    members: 3
    perturb:
      currentFactor: 0.1
      currentNoise: { deviation: 0.05, timescale: PT12H }
      releaseTime: PT6H
`
    const { physics, classes, perturb, isBackward, durationSeconds, notes } = parseForecast(
      text,
      'f.yaml'
    )
    assert.deepEqual(physics, {
      scheme: 'rk4',
      diffusivity: 1,
      diffusivityFrom: 'field',
      isWindRelative: false,
      stokes: 'field',
      wavePeriodSeconds: 8,
      vertical: 'mixed',
      coast: 'hold',
      maxAgeSeconds: 30 * 86_400,
      noise: { deviationMetresPerSecond: 0.05, timescaleSeconds: 43_200 }
    })
    assert.deepEqual(classes, [
      { ...plainClass('low', [0.01, 0.01]), riseVelocityMetresPerSecond: 0.01, depthMetres: 15 }
    ])
    assert.deepEqual(perturb, {
      currentFactor: 0.1,
      windageFactor: 0,
      diffusivityFactor: 0,
      releaseSeconds: 21_600
    })
    assert.deepEqual([isBackward, durationSeconds], [true, 259_200])
    assert.ok(notes.some((note) => note.startsWith('backtracking: nothing beaches')))
    assert.ok(notes.some((note) => note.startsWith('backtracking: halfLife is left out')))
  })

  it('splits a random seed beyond 32 bits into words', () => {
    const text = `${MINIMAL}  ensemble: { rngSeed: 9007199254740991 }\n`
    assert.deepEqual(parseForecast(text, 'f.yaml').rngSeed, [0x1f_ffff, 0xffff_ffff])
  })

  it('tracks no more particles than there are', () => {
    const text = `${MINIMAL}  products: { tracks: {} }\n`
    assert.equal(parseForecast(text, 'f.yaml').trackedCount, 10)
  })

  for (const name of readdirSync(BAD).sort()) {
    it(`places every error of bad/${name}`, () => {
      const text = readFileSync(join(BAD, name), 'utf8')
      const failure = failureOf(text)
      const expected = announced(text)
      assert.ok(expected.length > 0, `${name} announces nothing`)
      assert.deepEqual(failure.message.split('\n'), expected)
      assert.equal(
        failure.code,
        name.startsWith('later') ? 'forecast/unsupported' : 'forecast/invalid'
      )
    })
  }

  it('says that there is no such file', async () => {
    await assert.rejects(
      readForecastFile('nowhere.yaml'),
      (error) =>
        isMeshError(error, 'forecast/invalid') &&
        error.message === 'nowhere.yaml: there is no such file; give the path of a forecast file'
    )
  })

  it('refuses an empty file and one of several documents', () => {
    assert.match(failureOf('').message, /^f\.yaml:1:1 must be a map|^f\.yaml:1:1 is/)
    assert.equal(
      failureOf(`${MINIMAL}---\n${MINIMAL}`).message,
      'f.yaml:8:1 a second document begins here; one file is one forecast'
    )
  })

  it('tells one line of bad YAML, not all that follows from it', () => {
    const lines: readonly (readonly [string, string])[] = [
      [MINIMAL.replace('  duration', '\tduration'), '5:1 Tabs are not allowed as indentation'],
      [MINIMAL.replace('particles: 10', 'particles: *x'), '7:60 no anchor &x'],
      [`${'['.repeat(5000)}${']'.repeat(5000)}`, 'is nested too deeply for a forecast file'],
      [`${MINIMAL}  duration: P3D\n`, '8:3 this key stands above already'],
      [MINIMAL.replace('particles: 10', 'particles: 1e30'), 'whole number from 1 to 4294967295']
    ]
    for (const [text, message] of lines) {
      const failure = failureOf(text)
      assert.equal(failure.message.split('\n').length, 1, failure.message)
      assert.ok(failure.message.includes(message), failure.message)
    }
  })

  it('refuses a file that unfolds to far more than it is', () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]', 'b: &b [*a, *a, *a, *a, *a, *a, *a, *a]']
    const text = [...bomb, 'c: &c [*b, *b, *b, *b, *b, *b, *b]', 'd: [*c, *c, *c, *c, *c]'].join(
      '\n'
    )
    assert.equal(failureOf(text).message, 'f.yaml:1:1 its aliases unfold to too much')
  })

  it('refuses one variable for both components, and density cells beyond any use', () => {
    const mapped = MINIMAL.replace('a.nc', 'a.nc, map: { u: a, v: a }')
    assert.match(failureOf(mapped).message, /map\.v names the same variable as u$/)
    const coarse = `${MINIMAL}  products: { density: { resolution: 1000 } }\n`
    assert.match(failureOf(coarse).message, /must be at most 45 degrees$/)
  })
})
