/**
 * Real files through a bad server into a forecast: what was fetched makes the very forcing that the
 * files themselves make.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fetchData } from '../../../node/data/fetch.ts'
import type { FetchJob } from '../../../node/data/fetch-job.ts'
import { httpJob } from '../../../node/data/http-job.ts'
import { openDapSet } from '../../../node/data/opendap/open-dap.ts'
import { parseBox, parseTime } from '../../../node/data/subset/box.ts'
import { subsetJob } from '../../../node/data/subset-job.ts'
import { openHttpClient } from '../../../node/data/transfer/http-client.ts'
import { prepareForecast } from '../../../node/forecast/prepare.ts'
import { openMemoryBlocks } from '../../../node/store/memory-blocks.ts'
import { builtInKernel } from '../../../node/worker/kernel-file.ts'
import { scratch, sharedData } from '../forcing/fixture.ts'
import { type DataServer, openDataServer, QUICK_LIMITS } from './data-server.ts'
import { griddedAnswers, gridOfFile } from './gridded-server.ts'

const forecast = (current: string, wind: string): string => `apiVersion: driftmesh/v1
kind: Forecast
spec:
  start: 2014-05-17T03:30:00Z
  duration: PT6H
  forcing: [{ role: current, source: ${current} }, { role: wind, source: ${wind} }]
  seeding: [{ kind: points, at: [[10.2, 42.9]], particles: 10, class: bottle }]
`

describe('real files from a bad server', function () {
  this.timeout(120_000)
  const files = scratch()
  const limits = { ...QUICK_LIMITS, textBytesMax: 1e7 }
  let server: DataServer
  let client: ReturnType<typeof openHttpClient>
  beforeEach(async () => {
    server = await openDataServer()
    client = openHttpClient(limits)
  })
  afterEach(async () => {
    await client.close()
    await server.close()
  })

  const home = (): string => join(files.path(), 'home')
  const keep = (job: FetchJob, name: string) => {
    const options = { home: home(), name, bytesMax: 1e9, roles: [], mayReplace: true }
    return fetchData(job, options, { client, limits })
  }

  /** The CID of the forcing of a forecast from these sources. */
  async function forcingOf(current: string, wind: string): Promise<string> {
    const file = files.write('f.yaml', forecast(current, wind))
    const deps = { blocks: openMemoryBlocks(), kernel: builtInKernel(), home: home() }
    const { plan } = await prepareForecast(file, deps)
    return plan.forcing.toString()
  }

  /** Serves the files of a folder, each with a misdeed, and their addresses. */
  function serveBadly(folder: string, count: number): string[] {
    const faults = [
      { kind: 'cut', bytes: 700 },
      { kind: 'status', status: 429, headers: { 'retry-after': '0' } },
      { kind: 'stall', bytes: 1000 },
      { kind: 'status', status: 500 },
      { kind: 'length', announced: 1_000_000 }
    ] as const
    const names = readdirSync(folder)
      .filter((name) => name.endsWith('.nc'))
      .slice(0, count)
    return names.map((name, index) => {
      const path = `/real/${name}`
      const fault = faults[index % faults.length]
      if (fault !== undefined) server.misbehave(path, fault)
      return server.put(path, readFileSync(join(folder, name))).href
    })
  }

  it('make the forcing that they make here', async function () {
    const folder = sharedData(this, 'medslik-cases/elba')
    const [currents, winds] = [join(folder, 'currents'), join(folder, 'wind')]
    await keep(httpJob(serveBadly(currents, 5), undefined), 'sea')
    await keep(httpJob(serveBadly(winds, 5), undefined), 'air')
    assert.equal(await forcingOf('data:sea', 'data:air'), await forcingOf(currents, winds))
  })

  it('through OPeNDAP, at the surface, make it too', async function () {
    const folder = sharedData(this, 'medslik-cases/elba')
    const path = join(folder, 'currents', 'Sea_Med_slice_20140517_Elba.nc')
    server.answer('/dodsC', griddedAnswers(await gridOfFile(path), 'sea'))
    const context = { client, limits }
    const set = await openDapSet(new URL('/dodsC/sea', server.origin), context)
    const request = {
      box: parseBox('0,30,20,50'),
      fromSeconds: parseTime('2014-05-17T03:30:00Z', '--from'),
      toSeconds: parseTime('2014-05-17T09:30:00Z', '--to'),
      variables: ['uo', 'vo'],
      depthMetres: 0
    }
    await keep(await subsetJob(set, request, context), 'dap')
    const winds = join(folder, 'wind')
    assert.equal(await forcingOf('data:dap', winds), await forcingOf(path, winds))
  })

  it('come all 120 of a list, whatever happens to some of them', async function () {
    const folder = sharedData(this, 'parcels-data/GlobCurrent')
    const addresses = serveBadly(folder, 120)
    assert.ok(addresses.length >= 100)
    const { files: got } = await keep(httpJob(addresses, undefined), 'agulhas')
    for (const { path } of got) {
      const name = path.split(/[\\/]/).at(-1) ?? ''
      assert.ok(readFileSync(path).equals(readFileSync(join(folder, name))), name)
    }
  })
})
