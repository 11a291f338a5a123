/**
 * A forecast without a mesh: the same plan, kernel, units and products as the network computes,
 * so the same product CID. Nothing is written before everything is computed, and then by rename.
 */
import { loadKernel } from '../../kernel/kernel.ts'
import type { Status } from '../../protocol/result.ts'
import { MeshError } from '../mesh-error.ts'
import type { Blocks } from '../store/blocks.ts'
import { openMemoryBlocks } from '../store/memory-blocks.ts'
import { builtInKernel } from '../worker/kernel-file.ts'
import { openKernelPool } from '../worker/kernel-pool.ts'
import { type ForecastDefinition, readForecastFile } from './definition.ts'
import { checkFileTarget, checkFolderTarget } from './output-target.ts'
import { prepareDefinition } from './prepare.ts'
import { assembleProduct, type SettledSlot } from './product/assemble.ts'
import { exportFolder } from './product/folder/folder.ts'
import { runUnits } from './run-units.ts'
import { TracksCsv } from './tracks-csv.ts'

export interface SimulateProgress {
  /** 'forcing' and other phases of preparation, then 'units' (particle-steps), 'product'. */
  readonly phase: string
  readonly done: number
  readonly total: number
}

export interface SimulateOptions {
  /** Folder for the product; must not exist, or be empty. */
  readonly out?: string
  /** CSV file for the tracks. */
  readonly tracks?: string
  readonly threads: number
  /** Where sources of `ipfs://` addresses come from. */
  readonly inputs?: Pick<Blocks, 'get'>
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: SimulateProgress) => void
  /** Called once, when the plan is made. */
  readonly onNotes?: (notes: readonly string[]) => void
}

/** What `simulate --json` prints (DESIGN §4). */
export interface SimulateSummary {
  readonly product: string
  readonly products: Readonly<Record<string, { readonly path: string; readonly cid: string }>>
  /** Particles of all members. */
  readonly particles: number
  readonly particleSteps: number
  readonly seconds: number
  readonly status: Readonly<Record<Status, number>>
}

/** What can be refused before hours of work, not after. */
async function checkTargets(path: string, options: SimulateOptions): Promise<ForecastDefinition> {
  const definition = await readForecastFile(path)
  if (options.out !== undefined) await checkFolderTarget(options.out, '--out')
  if (options.tracks === undefined) return definition
  if (definition.trackedCount === 0) {
    throw new MeshError(
      'cli/usage',
      `--tracks writes the particles that the forecast tracks, and ${path} tracks none; ` +
        'add `products: { tracks: { particles: 1000 } }` to its spec'
    )
  }
  await checkFileTarget(options.tracks, '--tracks')
  return definition
}

/** @throws MeshError of every room it goes through; abort errors pass untouched */
export async function simulateForecast(
  path: string,
  options: SimulateOptions
): Promise<SimulateSummary> {
  const startMs = performance.now()
  const { signal, threads, onProgress } = options
  const aborting = signal === undefined ? {} : { signal }
  const definition = await checkTargets(path, options)
  const blocks = openMemoryBlocks()
  const kernel = builtInKernel()
  const { plan, notes } = await prepareDefinition(definition, {
    blocks,
    kernel,
    ...aborting,
    ...(options.inputs === undefined ? {} : { inputs: options.inputs }),
    ...(onProgress === undefined ? {} : { onProgress })
  })
  options.onNotes?.(notes)
  const report = (phase: string) => (done: number, total: number) =>
    onProgress?.({ phase, done, total })
  const pool = openKernelPool({ threads, blocks })
  let slots: SettledSlot[]
  try {
    const { compute } = pool
    slots = await runUnits({ plan, blocks, compute, threads, signal, onProgress: report('units') })
  } finally {
    await pool.stop()
  }
  const csv = new TracksCsv()
  const assembled = await assembleProduct({
    plan,
    slots,
    blocks,
    kernel: loadKernel(kernel.bytes),
    ...aborting,
    onProgress: report('product'),
    ...(options.tracks === undefined ? {} : { onTrack: (row) => csv.add(row) })
  })
  const { out, tracks } = options
  const folder = out !== undefined && {
    folder: out,
    make: () => exportFolder(assembled.product, blocks, out, aborting)
  }
  if (tracks !== undefined) await csv.write(tracks, signal, folder || undefined)
  else if (folder) await folder.make()
  return {
    product: assembled.product.toString(),
    products: Object.fromEntries(
      Object.entries(assembled.products).map(([name, { path: file, cid }]) => [
        name,
        { path: file, cid: cid.toString() }
      ])
    ),
    particles: assembled.particles,
    particleSteps: assembled.particleSteps,
    seconds: Math.round(performance.now() - startMs) / 1000,
    status: assembled.status
  }
}
