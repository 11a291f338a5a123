/**
 * The stores as the field's own tool sees them: xarray with zarr-python 2 opens what we wrote to
 * disk, and its numbers are ours.
 */
import { strict as assert } from 'node:assert'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { outputCount } from '../../coordinator/product/timeline.ts'
import { exportFolder } from '../../node/forecast/product/folder/folder.ts'
import { simulateForecast } from '../../node/forecast/simulate.ts'
import type { Plan } from '../../protocol/plan.ts'
import { STATUSES } from '../../protocol/result.ts'
import { assembleWorld, buildWorld } from '../unit/product/assembled.ts'
import { writeTinyForecast } from '../unit/product/real-world.ts'
import { placeOf } from '../unit/product/world.ts'

/** Debian's Python, which has python3-xarray; another interpreter on the PATH may not. */
const PYTHON = process.env.DRIFTMESH_PYTHON ?? '/usr/bin/python3'
const SCRIPT = new URL('xarray.py', import.meta.url).pathname

/** What the readers must find, counted from the particles' formula. */
function directCount(plan: Plan) {
  const direct = { afloat: 0, masked: 0, lonSum: 0 }
  const each = (particle: number, member: number, time: number): void => {
    const { lon, status } = placeOf(particle, member, time * plan.outputEverySteps)
    if (STATUSES[status] === 'afloat') direct.afloat += 1
    if (particle >= plan.products.trackedCount) return
    if (STATUSES[status] === 'waiting') direct.masked += 1
    else direct.lonSum += lon
  }
  for (let member = 0; member < plan.memberCount; member += 1) {
    for (let time = 0; time < outputCount(plan); time += 1) {
      for (let particle = 0; particle < plan.particleCount; particle += 1) {
        each(particle, member, time)
      }
    }
  }
  return direct
}

describe('xarray', () => {
  let dir = ''

  before(function () {
    const probe = spawnSync(PYTHON, [SCRIPT, '--probe'], { encoding: 'utf8' })
    if (probe.status !== 0) {
      const why = probe.error?.message ?? probe.stdout.trim()
      console.log(`skipped: xarray cannot read the stores here (${why})`)
      this.skip()
    }
    dir = mkdtempSync(join(tmpdir(), 'driftmesh-xarray-'))
  })

  after(() => {
    if (dir !== '') rmSync(dir, { recursive: true, force: true })
  })

  it('opens both stores and finds the numbers of the summary', async () => {
    const made = buildWorld({ cuts: [7, 20], windowSteps: 10 })
    const world = { ...made, plan: { ...made.plan, title: 'Bassin d’essai × 2' } }
    const { assembled, blocks } = await assembleWorld(world)
    const folder = join(dir, 'forecast')
    await exportFolder(assembled.product, blocks, folder)
    const args = [SCRIPT, folder, JSON.stringify(assembled)]
    const facts = JSON.parse(execFileSync(PYTHON, args, { encoding: 'utf8' }))

    const { plan } = world
    const times = Array.from({ length: 13 }, (_, index) =>
      new Date((plan.startSeconds + index * 1200) * 1000).toISOString().replace('.000', '')
    )
    assert.deepEqual(facts.density, {
      dims: {
        class: 2,
        member: 2,
        time: 13,
        lat: 6,
        lon: 8,
        status: 6,
        quantile: 3,
        threshold: 4
      },
      coords: ['class', 'lat', 'lon', 'member', 'quantile', 'status', 'threshold', 'time'],
      variables: [
        'cell_area',
        'confidence',
        'exceedance_probability',
        'particle_count',
        'particle_density',
        'particle_density_quantile',
        'particle_density_time_mean',
        'residence_time',
        'status_count'
      ],
      conventions: 'CF-1.11, ACDD-1.3',
      title: plan.title,
      times
    })
    assert.deepEqual(facts.lat, [42.125, 42.375, 42.625, 42.875, 43.125, 43.375])
    assert.deepEqual(facts.lon.slice(0, 2), [8.125, 8.375])
    assert.deepEqual(facts.trajectories.dims, { trajectory: 20, time: 13 })
    assert.deepEqual(facts.trajectories.times, times)
    assert.equal(facts.featureType, 'trajectory')
    assert.deepEqual(facts.countries, ['', 'Italy', 'Nowhere'])
    assert.deepEqual(facts.trackClasses.slice(0, 3), ['bottle', 'net', 'bottle'])

    const direct = directCount(plan)
    assert.equal(facts.counted, direct.afloat)
    assert.equal(facts.masked, direct.masked)
    assert.ok(direct.masked > 0)
    assert.ok(Math.abs(facts.lonSum - direct.lonSum) < 1e-6)
  })

  it('opens what simulate wrote and agrees with its JSON summary', async () => {
    const out = join(dir, 'simulated')
    const summary = await simulateForecast(await writeTinyForecast(dir), { out, threads: 2 })
    const args = [SCRIPT, out, JSON.stringify(summary)]
    const facts = JSON.parse(execFileSync(PYTHON, args, { encoding: 'utf8' }))
    assert.equal(facts.density.dims.member, 2)
    assert.equal(facts.trajectories.dims.trajectory, 800)
    assert.deepEqual([...new Set(facts.trackClasses)], ['bottle', 'low'])
    assert.ok(facts.masked > 0, 'particles released later wait first')
    assert.ok(facts.classes.bottle > 0 && facts.classes.low > 0)
  })
})
