/**
 * What isolation costs and how fast it bites: a unit in a fresh thread and module, and kernels that
 * loop, take memory, import or hold relaxed SIMD, each refused or ended with the node alive.
 */
import { isMeshError } from '../../node/mesh-error.ts'
import { openKernelPool } from '../../node/worker/kernel-pool.ts'
import { toRawBlock } from '../../protocol/canonical.ts'
import { type HostileOptions, hostileKernel } from '../../test/unit/kernel/hostile-kernel.ts'
import { openOcean } from '../../test/unit/worker/ocean.ts'
import { medianOf } from './rounds.ts'

/** The wall clock that a hostile unit gets: what it takes beyond is the killing. */
const WALL_MS = 20

const HOSTILE: Readonly<Record<string, HostileOptions>> = {
  'an endless loop (wall clock 20 ms)': { body: 'loop' },
  'a memory bomb': { body: 'grow' },
  'more memory than the limit at once': { pages: 20_000 },
  'a module with an import': { imports: true },
  'a module with relaxed SIMD': { body: 'relaxed' }
}

export interface SandboxTime {
  readonly what: string
  readonly ms: number
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now()
  await run()
  return performance.now() - startMs
}

/** Medians over `rounds`; throws when a hostile kernel comes through or the pool dies of it. */
export async function timeSandbox(rounds: number): Promise<SandboxTime[]> {
  const ocean = await openOcean({ stepCount: 1, segmentCount: 1 })
  const { blocks, unit } = ocean
  const all = new Map<string, number[]>()
  const note = (what: string, ms: number): void => {
    all.set(what, [...(all.get(what) ?? []), ms])
  }
  for (let round = 0; round < rounds; round++) {
    const fresh = openKernelPool({ threads: 1, blocks })
    note('a unit of one step in a fresh thread', await timed(() => fresh.compute(unit)))
    note('the next unit, in a fresh module', await timed(() => fresh.compute(unit)))
    await fresh.stop()
    const pool = openKernelPool({ threads: 1, blocks, wallMsPerUnit: WALL_MS })
    const refused = toRawBlock(hostileKernel({ imports: true }))
    await blocks.put(refused)
    for (const [what, options] of Object.entries(HOSTILE)) {
      const block = toRawBlock(hostileKernel(options))
      await blocks.put(block)
      const end = await pool.compute({ ...unit, kernel: block.cid }).then(
        () => undefined,
        (error: unknown) => error
      )
      if (!isMeshError(end)) throw new Error(`${what} came through: ${String(end)}`)
      // After a kill another thread starts: what is timed is the end of a unit, not that start.
      await rejected(pool.compute({ ...unit, kernel: refused.cid }))
      note(what, await timed(() => rejected(pool.compute({ ...unit, kernel: block.cid }))))
    }
    await pool.stop()
  }
  return [...all].map(([what, values]) => ({ what, ms: medianOf(values) }))
}

const rejected = (run: Promise<unknown>): Promise<unknown> =>
  run.then(
    () => {
      throw new Error('a hostile kernel came through')
    },
    () => undefined
  )
