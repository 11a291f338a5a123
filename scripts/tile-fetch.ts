/**
 * How much of a day of a global 1/12 degree ocean one unit fetches: 10⁵ particles off one coast
 * over one day, currents every hour or every day. Everything counts: manifest, lists, land, metric,
 * coast and currents. Two gigabytes in the temporary folder and two minutes a run:
 *
 *   npm run tile-fetch [-- --hours 24]
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { CID } from 'multiformats/cid'
import { firstInput, unitOf } from '../coordinator/slots.ts'
import { prepareForecast } from '../node/forecast/prepare.ts'
import type { Blocks } from '../node/store/blocks.ts'
import { openFolderBlocks } from '../node/store/folder-blocks.ts'
import { builtInKernel } from '../node/worker/kernel-file.ts'
import { gatherInputs } from '../node/worker/unit-inputs.ts'
import { makeSet } from './ingest/synthetic-set.ts'

const forecast = (lon: number, lat: number): string => `
apiVersion: driftmesh/v1
kind: Forecast
metadata: { name: tile-fetch, title: One unit, institution: Driftmesh, license: CC0-1.0 }
spec:
  start: 2020-01-01T00:00:00Z
  duration: P1D
  output: PT6H
  forcing: [{ role: current, source: currents }]
  seeding:
    - { kind: points, at: [[${lon}, ${lat}]], particles: 100000, radius: 100 km, class: bottle }
  physics: { windage: { bottle: 0 }, coast: { rule: strand } }
  mesh: { unitParticles: 100000 }
`

/** Off coasts of the synthetic ocean, from the tropics to where cells are thin. */
const PLACES = [
  [-77.5, 3.5],
  [12.3, 34.6],
  [-60.4, 57.2]
] as const

const { values } = parseArgs({ options: { hours: { type: 'string', default: '1,24' } } })
const folder = await mkdtemp(join(tmpdir(), 'driftmesh-tile-fetch-'))
try {
  for (const hours of values.hours.split(',').map(Number)) await measure(hours)
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function measure(hoursPerSlice: number): Promise<void> {
  const slices = 24 / hoursPerSlice + 1
  const set = { columns: 4320, rows: 2160, slices, slicesPerFile: slices, hoursPerSlice }
  await rm(join(folder, 'currents'), { recursive: true, force: true })
  await makeSet(join(folder, 'currents'), { ...set, storage: 'plain' })
  const store = await openFolderBlocks(join(folder, `blocks-${hoursPerSlice}`))
  const stored = new Map<string, number>()
  const blocks: Blocks = {
    ...store,
    put: async (block, options) => {
      stored.set(block.cid.toString(), block.bytes.byteLength)
      await store.put(block, options)
    }
  }
  const fieldBytes = slices * set.columns * set.rows * 8
  for (const [lon, lat] of PLACES) {
    const file = join(folder, 'forecast.yaml')
    await writeFile(file, forecast(lon, lat))
    stored.clear()
    const { plan } = await prepareForecast(file, { blocks, kernel: builtInKernel() })
    const slot = { member: 0, block: 0, window: 0 }
    const unit = unitOf(plan, slot, firstInput(plan, slot))
    const fetched = new Map<string, number>()
    const inputs = await gatherInputs(unit, async (cid: CID) => {
      const bytes = await store.get(cid)
      if (stored.has(cid.toString())) fetched.set(cid.toString(), bytes.byteLength)
      return bytes
    })
    const state = inputs.setup.state.byteLength
    for await (const _ of inputs.slices());
    const sum = (sizes: Iterable<number>): number => [...sizes].reduce((a, b) => a + b, 0)
    const [own, all] = [sum(fetched.values()) - state, sum(stored.values()) - state]
    const percent = (share: number): string => `${(100 * share).toFixed(2)} %`
    const { columns, rows } = unit.crop
    process.stdout.write(
      `${slices} slices, ${lon} E ${lat} N: crop ${columns} x ${rows} nodes, ` +
        `${fetched.size} of ${stored.size} blocks, ${(own / 1e6).toFixed(2)} MB: ` +
        `${percent(own / all)} of all ${(all / 1e6).toFixed(0)} MB of the forcing, ` +
        `${percent(own / fieldBytes)} of the ${(fieldBytes / 1e6).toFixed(0)} MB of currents\n`
    )
  }
}
