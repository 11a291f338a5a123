/**
 * A whole simulation on a tiny ocean: the same file gives the same plan and product, cutting blocks
 * or windows differently changes the plan and not the product, and nothing is left half-written.
 */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { prepareForecast } from '../../../node/forecast/prepare.ts'
import { type SimulateOptions, simulateForecast } from '../../../node/forecast/simulate.ts'
import { type ErrorCode, isMeshError } from '../../../node/mesh-error.ts'
import { openMemoryBlocks } from '../../../node/store/memory-blocks.ts'
import { builtInKernel } from '../../../node/worker/kernel-file.ts'
import { decode } from '../../../protocol/canonical.ts'
import { plan as planShape } from '../../../protocol/plan.ts'
import { state } from '../../../protocol/result.ts'
import { forecastText } from './definition-text.ts'
import { metresPerDegree, referenceDrift } from './reference-drift.ts'
import { SOUTH, WEST, writeFlatForcing, writeTinyForcing } from './tiny-forcing.ts'

const SEEDING =
  '[{ kind: points, at: [[10.5, 40.5], [10.3, 40.4]], particles: 300, radius: 2 km,' +
  ' class: bottle }, { kind: points, at: [[10.2, 40.7]], particles: 200, class: low,' +
  ' release: 2020-01-01T06:00:00Z }]'

describe('simulate', function () {
  this.timeout(60_000)
  let dir = ''
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'driftmesh-simulate-'))
    await writeTinyForcing(dir)
  })
  after(() => rm(dir, { recursive: true, force: true }))

  let files = 0
  const fileOf = async (changes: Record<string, string> = {}): Promise<string> => {
    files += 1
    const file = join(dir, `${files}.yaml`)
    const forcing = '[{ role: current, source: current.nc }, { role: wind, source: wind.nc }]'
    const products = '{ tracks: { particles: 3 } }'
    await writeFile(file, forecastText({ forcing, seeding: SEEDING, products, ...changes }))
    return file
  }
  const plans = async (changes: Record<string, string> = {}) => {
    const blocks = openMemoryBlocks()
    const prepared = await prepareForecast(await fileOf(changes), {
      blocks,
      kernel: builtInKernel()
    })
    return { ...prepared, blocks }
  }
  const simulate = async (changes: Record<string, string> = {}, options = {}) =>
    simulateForecast(await fileOf(changes), { threads: 2, ...options })
  const fails = async (code: ErrorCode, message: RegExp, run: Promise<unknown>): Promise<void> => {
    await assert.rejects(run, (error) => {
      assert.ok(isMeshError(error, code), String(error))
      assert.match(error.message, message)
      return true
    })
  }

  it('plans the same file to the same plan, and stores all of it', async () => {
    const first = await plans()
    const second = await plans()
    assert.equal(first.block.cid.toString(), second.block.cid.toString())
    const { plan, blocks } = first
    assert.deepEqual(decode(planShape, await blocks.get(first.block.cid)), plan)
    for (const cid of [plan.kernel, plan.forcing]) assert.ok(await blocks.has(cid))
    for (const block of plan.blocks) {
      const root = decode(state, await blocks.get(block.state))
      for (const chunk of root.chunks) assert.ok(await blocks.has(chunk))
    }
    assert.equal(plan.particleCount, 500)
    assert.equal(plan.outputEverySteps * plan.stepSeconds, 3600)
    assert.deepEqual(plan.products.density, {
      westDegrees: WEST,
      southDegrees: SOUTH,
      resolutionDegrees: plan.products.density.resolutionDegrees,
      columns: plan.products.density.columns,
      rows: plan.products.density.rows
    })
  })

  it('seeds every particle the same however blocks are cut', async () => {
    const bytesOf = async (unitParticles: number): Promise<Buffer> => {
      const { plan, blocks } = await plans({ mesh: `{ unitParticles: ${unitParticles} }` })
      assert.equal(plan.blocks.length, Math.ceil(500 / unitParticles))
      const parts: Uint8Array[] = []
      for (const block of plan.blocks) {
        const { chunks } = decode(state, await blocks.get(block.state))
        for (const chunk of chunks) parts.push(await blocks.get(chunk))
      }
      return Buffer.concat(parts)
    }
    const whole = await bytesOf(500)
    assert.equal(whole.length, 500 * 18)
    assert.deepEqual(await bytesOf(77), whole)
    assert.deepEqual(await bytesOf(1), whole)
  })

  it('gives one product however blocks and windows are cut', async () => {
    const plain = await simulate()
    const cut = await simulate({ mesh: '{ unitParticles: 77, window: PT7H }' })
    assert.equal(cut.product, plain.product)
    assert.deepEqual(cut.status, plain.status)
    assert.equal(cut.particleSteps, plain.particleSteps)
    const other = await simulate({ ensemble: '{ rngSeed: 1 }' })
    assert.notEqual(other.product, plain.product, 'another random seed, another product')
  })

  it('writes products and tracks and sums up what they hold', async () => {
    const out = join(dir, 'deep', 'out')
    const tracks = join(dir, 'deep', 'tracks.csv')
    const phases = new Set<string>()
    const summary = await simulate({}, {
      out,
      tracks,
      onProgress: ({ phase }) => phases.add(phase)
    } satisfies Partial<SimulateOptions>)
    assert.deepEqual(await readdir(join(dir, 'deep')), ['out', 'tracks.csv'])
    const names = 'beaching density hotspots map netcdf tracks trajectories'
    assert.deepEqual(Object.keys(summary.products).sort(), names.split(' '))
    for (const { path } of Object.values(summary.products)) {
      const isStore = path.endsWith('.zarr')
      const found = await readdir(isStore ? join(out, path) : out)
      assert.ok(found.includes(isStore ? '.zmetadata' : path), path)
    }
    assert.equal(
      Object.values(summary.status).reduce((sum, count) => sum + count, 0),
      500
    )
    assert.ok(summary.status.stranded > 0 && summary.status.afloat > 0, 'both fates happen')
    assert.ok(phases.has('units') && phases.has('seeding'))
    const rows = (await readFile(tracks, 'utf8')).trimEnd().split('\n').slice(1)
    assert.equal(rows.length, 3 * 25)
    assert.match(rows[0] ?? '', /^0,0,2020-01-01T00:00:00Z,10\.\d{7},40\.\d{7},afloat$/)
  })

  it('starts tracks at the release', async () => {
    const tracks = join(dir, 'late.csv')
    const seeding =
      '[{ kind: points, at: [[10.2, 40.7]], particles: 2, class: low,' +
      ' release: 2020-01-01T06:00:00Z }]'
    await simulate({ seeding }, { tracks })
    const times = (await readFile(tracks, 'utf8'))
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((row) => row.split(',')[2])
    assert.equal(times[0], '2020-01-01T06:00:00Z')
    assert.equal(times.at(-1), '2020-01-02T00:00:00Z')
    assert.equal(times.length, 2 * 19)
  })

  it('drifts as the flow that was written, by an independent RK4 in f64', async () => {
    const tracks = join(dir, 'drift.csv')
    const starts: readonly (readonly [number, number])[] = [
      [10.2, 40.3],
      [10.4, 40.6],
      [10.1, 40.2]
    ]
    const seeding = `[{ kind: points, at: ${JSON.stringify(starts)}, particles: 3, class: bottle }]`
    const physics = '{ diffusivity: 0, windage: { bottle: 0.02 } }'
    await simulate({ seeding, physics, duration: 'PT12H', step: 'PT10M' }, { tracks })
    const rows = (await readFile(tracks, 'utf8')).trimEnd().split('\n').slice(1)
    for (const [particle, start] of starts.entries()) {
      const last =
        rows
          .filter((row) => row.startsWith(`${particle},`))
          .at(-1)
          ?.split(',') ?? []
      assert.equal(last[5], 'afloat', `particle ${particle}`)
      const [lon, lat] = referenceDrift(start, 0.02, 12)
      const [x, y] = metresPerDegree(lat)
      const apart = Math.hypot((Number(last[3]) - lon) * x, (Number(last[4]) - lat) * y)
      assert.ok(apart < 2, `particle ${particle} is ${apart} m from the reference`)
      const travelled = Math.hypot((start[0] - lon) * x, (start[1] - lat) * y)
      assert.ok(travelled > 5000, `particle ${particle} moved ${travelled} m`)
    }
  })

  it('takes x and y in metres on the flat metric', async () => {
    await writeFlatForcing(dir)
    const tracks = join(dir, 'flat.csv')
    const changes = {
      metric: 'flat',
      forcing: '[{ role: current, source: flat.nc }]',
      seeding: '[{ kind: points, at: [[4000, 20000]], particles: 1, class: submerged }]',
      physics: '{ diffusivity: 0 }'
    }
    await simulate(changes, { tracks })
    const last = (await readFile(tracks, 'utf8')).trimEnd().split('\n').at(-1)?.split(',') ?? []
    // 0.25 m/s eastward for a day; a step may round by a quantum of 2000 m / 2^20.
    assert.ok(Math.abs(Number(last[3]) - 25_600) < 0.05, String(last[3]))
    assert.ok(Math.abs(Number(last[4]) - 20_000) < 0.05, String(last[4]))
  })

  it('refuses a folder that holds something, before it computes', async () => {
    const out = join(dir, 'full')
    await mkdir(out)
    await writeFile(join(out, 'mine'), '')
    await fails('cli/usage', /is not empty/, simulate({}, { out }))
    assert.deepEqual(await readdir(out), ['mine'])
  })

  it('refuses --tracks where nothing is tracked', async () => {
    const tracks = join(dir, 'none.csv')
    await fails('cli/usage', /add `products: /, simulate({ products: '{}' }, { tracks }))
  })

  it('names the place of a point on land and of one outside', async () => {
    const at = (point: string) => ({
      seeding: `[{ kind: points, at: [[10.5, 40.5], ${point}], particles: 10, class: low }]`
    })
    await fails(
      'forecast/invalid',
      /\.yaml:7:48 spec\.seeding\[0\]\.at\[1\] point \[10\.98, 40\.5\] is on land/,
      plans(at('[10.98, 40.5]'))
    )
    await fails('forecast/invalid', /:7:48 .* is outside the current data/, plans(at('[9, 40.5]')))
  })

  it('names the place of a source that is not there and of times without data', async () => {
    const missing = { forcing: '[{ role: current, source: gone.nc }]' }
    await fails('forcing/unreadable', /\.yaml:6:\d+ spec\.forcing\[0\]\.source /, plans(missing))
    const seeding = '[{ kind: points, at: [[10.5, 40.5]], particles: 1, class: low }]'
    const later = { start: '2021-01-01T00:00:00Z', seeding }
    await fails('forcing/no-overlap', /\.yaml:4:10 spec\.start .*2020.*2021/, plans(later))
  })

  it('leaves nothing when it is interrupted', async () => {
    const stop = new AbortController()
    const home = join(dir, 'stopped')
    await mkdir(home)
    await assert.rejects(
      simulate({}, {
        out: join(home, 'out'),
        tracks: join(home, 'tracks.csv'),
        signal: stop.signal,
        onProgress: ({ phase }) => {
          if (phase === 'units') stop.abort()
        }
      } satisfies Partial<SimulateOptions>),
      { name: 'AbortError' }
    )
    assert.deepEqual(await readdir(home), [])
  })
})
