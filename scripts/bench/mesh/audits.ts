/**
 * What an audit costs: segments of a unit run again, as a coordinator does it, against the unit.
 */
import { openKernelPool } from '../../../node/worker/kernel-pool.ts'
import { runSegment } from '../../../node/worker/segment.ts'
import { buildState } from '../../../test/fixtures/build-forcing.ts'
import { stateOf } from '../../../test/physics/sea.ts'
import { openOcean } from '../../../test/unit/worker/ocean.ts'
import { timed } from './processor.ts'

/** A unit of the default size, a day at sea. */
const PARTICLES = 100_000
const STEPS = 144
/** Segments of newcomers (m = 2), drawn from all over the run. */
const SEGMENTS = [5, 21] as const

export interface AuditCost {
  readonly unitMs: number
  readonly auditMs: number
}

export async function auditCost(): Promise<AuditCost> {
  const { blocks, unit: small } = await openOcean()
  const particles = Array.from({ length: PARTICLES }, (_, index) => ({
    x: 10 + (index % 400) / 20,
    y: 10 + (Math.floor(index / 400) % 500) / 20,
    windage: 0.01,
    releaseStep: 0,
    classIndex: 0
  }))
  const state = await buildState(stateOf(particles), 0, blocks)
  const memory = { memoryPagesMax: 4096, outputBytesMax: 64 * 1024 * 1024 }
  const fuelMax = PARTICLES * STEPS
  const unit = { ...small, ...memory, state, stepCount: STEPS, segmentCount: 32, fuelMax }
  const pool = openKernelPool({ threads: 1, blocks })
  try {
    await pool.compute(small)
    const states: Parameters<typeof blocks.put>[0][] = []
    const ran = await timed(() =>
      pool.compute(unit, { onSegment: (_, made) => void states.push(...made) })
    )
    for (const block of states) await blocks.put(block)
    const audited = await timed(async () => {
      for (const segment of SEGMENTS) {
        const before = ran.result.result.states[segment - 1] ?? unit.state
        await runSegment(pool.compute, unit, segment, before)
      }
    })
    return { unitMs: ran.cpuMs, auditMs: audited.cpuMs }
  } finally {
    await pool.stop()
  }
}
