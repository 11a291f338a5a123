/**
 * Runs forecasts and draws each as a PNG to look at: left the current half-way through with the
 * tracks (white start, red end), right the density at the end; land grey, the coastline in ink, a
 * frame in degrees.
 *
 *   npm run maps -- [--out FOLDER] [FORECAST.yaml …]      default: every forecast of the tests
 */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { loadKernel } from '../kernel/kernel.ts'
import { readForecastFile } from '../node/forecast/definition.ts'
import { readForcing } from '../node/forecast/forcing/read-forcing.ts'
import { simulateForecast } from '../node/forecast/simulate.ts'
import { isMeshError } from '../node/mesh-error.ts'
import { openMemoryBlocks } from '../node/store/memory-blocks.ts'
import { builtInKernel } from '../node/worker/kernel-file.ts'
import { drawForecast } from './maps/draw.ts'
import { readField } from './maps/field.ts'
import { readDensity, readTracks } from './maps/product.ts'

const FIXTURES = fileURLToPath(new URL('../test/fixtures/forecasts/', import.meta.url))

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { out: { type: 'string' } }
})
const out = values.out ?? (await mkdtemp(join(tmpdir(), 'driftmesh-maps-')))
await mkdir(out, { recursive: true })
const named = (await readdir(FIXTURES)).filter((name) => name.endsWith('.yaml'))
const files = positionals.length > 0 ? positionals : named.sort().map((name) => FIXTURES + name)

async function draw(file: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'driftmesh-map-'))
  try {
    const definition = await readForecastFile(file)
    const [product, csv] = [join(folder, 'out'), join(folder, 'tracks.csv')]
    const { seconds, status } = await simulateForecast(file, {
      threads: 2,
      out: product,
      tracks: csv
    })
    const blocks = openMemoryBlocks()
    const ingested = await readForcing(definition, loadKernel(builtInKernel().bytes), { blocks })
    const middle = definition.startSeconds + definition.durationSeconds / 2
    const png = await drawForecast({
      field: await readField(ingested, blocks, middle),
      tracks: readTracks(await readFile(csv, 'utf8')),
      density: await readDensity(join(product, 'density.zarr'))
    })
    const name = join(out, `${basename(file, '.yaml')}.png`)
    await writeFile(name, png)
    return `${name}  ${seconds.toFixed(1)} s  ${JSON.stringify(status)}`
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

for (const file of files) {
  const answer = await draw(file).catch((error: unknown) => {
    if (isMeshError(error)) return `${basename(file)}: ${error.code}: ${error.message}`
    throw error
  })
  console.log(answer)
}
