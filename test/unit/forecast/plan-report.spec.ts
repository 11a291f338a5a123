/** What `forecast plan` says: ranges of fields, terms, cost, and what is here already. */
import assert from 'node:assert/strict'
import { loadKernel } from '../../../kernel/kernel.ts'
import { parseForecast } from '../../../node/forecast/definition.ts'
import { readForcing } from '../../../node/forecast/forcing/read-forcing.ts'
import { planLines, reportPlan, tallied } from '../../../node/forecast/plan/plan-report.ts'
import { planDefinition, prepareDefinition } from '../../../node/forecast/prepare.ts'
import { openMemoryBlocks } from '../../../node/store/memory-blocks.ts'
import { builtInKernel } from '../../../node/worker/kernel-file.ts'
import { fieldFile, scratch } from '../forcing/fixture.ts'

describe('report of a plan', () => {
  const folder = scratch()
  const definition = () => {
    folder.write(
      'current.nc',
      fieldFile({
        u: (lon, lat, hour) => (lon === 0 && lat === 40 ? Number.NaN : 0.03 * (1 + hour / 6)),
        v: () => 0.04
      })
    )
    const wind = fieldFile({ names: ['u10', 'v10'], u: () => 3, v: () => -4 })
    folder.write('wind.nc', wind)
    const text = `apiVersion: driftmesh/v1
kind: Forecast
spec:
  start: 2020-01-01T00:00:00Z
  duration: PT12H
  step: PT10M
  forcing: [{ role: current, source: current.nc }, { role: wind, source: wind.nc }]
  seeding: [{ kind: points, at: [[2, 42]], particles: 5000, class: bottle }]
  ensemble: { members: 2 }
  mesh: { unitParticles: 1000, quorum: 3 }
`
    return parseForecast(text, folder.write('plan.yaml', text))
  }

  async function report(keep?: ReturnType<typeof openMemoryBlocks>) {
    const kernel = builtInKernel()
    const blocks = tallied(openMemoryBlocks(), keep)
    const deps = { blocks, kernel }
    const asked = definition()
    const ingested = await readForcing(asked, loadKernel(kernel.bytes), deps)
    const prepared = await planDefinition(asked, ingested, deps)
    return { report: await reportPlan(prepared, ingested, blocks, keep), blocks }
  }

  it('says which variable feeds which term, with least, mean and greatest value', async () => {
    const { feeds, box, nodes } = (await report()).report
    assert.deepEqual(
      feeds.map(({ role, variables, terms }) => [role, variables, terms]),
      [
        ['current', ['uo', 'vo'], ['advection']],
        ['wind', ['u10', 'v10'], ['windage of up to 0.03']]
      ]
    )
    const [current, wind] = feeds
    const lengths = [0.03, 0.06, 0.09].map((u) => Math.hypot(u, 0.04))
    const near = (a = Number.NaN, b = Number.NaN) => assert.ok(Math.abs(a - b) < 1e-6, `${a} ${b}`)
    near(current?.min, lengths[0])
    near(current?.mean, lengths.reduce((sum, each) => sum + each) / 3)
    near(current?.max, lengths[2])
    near(wind?.mean, 5)
    assert.equal(current?.first, '2020-01-01T00:00:00Z')
    assert.equal(current?.last, '2020-01-01T12:00:00Z')
    assert.deepEqual(
      [box, nodes],
      [
        [0, 40, 4, 43],
        [5, 4]
      ]
    )
  })

  it('counts units, steps and cost of all replicas', async () => {
    const { report: found } = await report()
    assert.equal(found.units, 10)
    assert.equal(found.particleStepsMax, 5000 * 2 * 72)
    assert.ok(Math.abs(found.coreHours - (3 * 720_000) / 25e6 / 3600) < 1e-12)
    assert.ok(Math.abs(found.energyWattHours - 10 * found.coreHours) < 1e-12)
  })

  it('says what is here already, by CID, and keeps the plan that submit makes', async () => {
    const keep = openMemoryBlocks()
    const first = await report(keep)
    assert.equal(keep.bytesCount, first.report.inputBytes)
    const again = await report(keep)
    assert.equal(again.report.reusedBytes, again.report.inputBytes)
    assert.equal((await report()).report.reusedBytes, 0)
    const blocks = openMemoryBlocks()
    const submitted = await prepareDefinition(definition(), { blocks, kernel: builtInKernel() })
    assert.equal(submitted.block.cid.toString(), first.report.plan)
    assert.ok(await keep.has(submitted.block.cid))
  })

  it('is a dozen lines for people', async () => {
    const text = planLines((await report()).report).join('\n')
    assert.match(
      text,
      /current \(uo, vo\) feeds advection\n +min 0.05, mean 0.0735, max 0.0985 m\/s/
    )
    assert.match(text, /10 units of 3 replicas, 10000 particles x 72 steps of 600 s/)
  })
})
