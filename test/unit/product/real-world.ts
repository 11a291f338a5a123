/**
 * A forecast of a tiny ocean computed by the real kernel in real worker threads, as a world that
 * the specs of this room can sign, publish and verify.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadKernel } from '../../../kernel/kernel.ts'
import { prepareForecast } from '../../../node/forecast/prepare.ts'
import { runUnits } from '../../../node/forecast/run-units.ts'
import { openMemoryBlocks } from '../../../node/store/memory-blocks.ts'
import { builtInKernel } from '../../../node/worker/kernel-file.ts'
import {
  type ComputedUnit,
  type ComputeUnit,
  openKernelPool
} from '../../../node/worker/kernel-pool.ts'
import { type Block, toBlock } from '../../../protocol/canonical.ts'
import { forecastText } from '../forecast/definition-text.ts'
import { writeTinyForcing } from '../forecast/tiny-forcing.ts'
import type { World } from './assembled.ts'

const BOTTLES = 'at: [[10.5, 40.5], [10.3, 40.4]], particles: 300, radius: 2 km, class: bottle'
const LOW = 'at: [[10.2, 40.7]], particles: 200, class: low, release: 2020-01-01T06:00:00Z'
const SEEDING = `[{ kind: points, ${BOTTLES} }, { kind: points, ${LOW} }]`

/** Writes a forecast file with its forcing into `dir`. */
export async function writeTinyForecast(dir: string): Promise<string> {
  await writeTinyForcing(dir)
  const file = join(dir, 'forecast.yaml')
  const text = forecastText({
    forcing: '[{ role: current, source: current.nc }, { role: wind, source: wind.nc }]',
    seeding: SEEDING,
    products: '{ tracks: { particles: 400 } }',
    ensemble: '{ members: 2, rngSeed: 7 }',
    mesh: '{ unitParticles: 250, window: PT12H }'
  })
  await writeFile(file, text)
  return file
}

/** Computes every unit of a forecast file. */
export async function computeWorld(file: string): Promise<World> {
  const store = openMemoryBlocks()
  const made: Block[] = []
  const blocks = {
    ...store,
    put: async (block: Block) => {
      made.push(block)
      await store.put(block)
    }
  }
  const builtIn = builtInKernel()
  const { plan } = await prepareForecast(file, { blocks, kernel: builtIn })
  const pool = openKernelPool({ threads: 2, blocks })
  const computed = new Map<string, ComputedUnit>()
  const compute: ComputeUnit = async (unit, options) => {
    const result = await pool.compute(unit, options)
    computed.set(toBlock(unit).cid.toString(), result)
    return result
  }
  try {
    const slots = await runUnits({ plan, blocks, compute, threads: 2 })
    return { plan, slots, blocks: made, computed, kernel: loadKernel(builtIn.bytes) }
  } finally {
    await pool.stop()
  }
}
