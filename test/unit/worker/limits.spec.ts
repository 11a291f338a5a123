/**
 * What a unit or its kernel may not do: import, loop for ever, take memory, fuel or output without
 * end. Each ends the unit with its reason, and the pool computes the next one.
 */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import { isMeshError } from '../../../node/mesh-error.ts'
import { openKernelPool } from '../../../node/worker/kernel-pool.ts'
import { toRawBlock } from '../../../protocol/canonical.ts'
import { hostileKernel } from '../kernel/hostile-kernel.ts'
import { type Ocean, openOcean } from './ocean.ts'

/** Far beyond what the honest unit takes on a busy machine. */
const WALL_MS = 5000

describe('kernel pool limits', () => {
  let ocean: Ocean
  before(async () => {
    ocean = await openOcean({ stepCount: 12 })
  })

  const open = () => openKernelPool({ threads: 1, blocks: ocean.blocks, wallMsPerUnit: WALL_MS })

  const put = async (wasm: Uint8Array): Promise<CID> => {
    const block = toRawBlock(wasm)
    await ocean.blocks.put(block)
    return block.cid
  }

  /** Ends as expected, and the same pool still computes an honest unit. */
  const endsWith = async (changes: object, code: string, message: RegExp): Promise<void> => {
    const pool = open()
    try {
      await assert.rejects(pool.compute({ ...ocean.unit, ...changes }), (error) => {
        assert.ok(isMeshError(error), String(error))
        assert.equal(error.code, code, error.message)
        assert.match(error.message, message)
        return true
      })
      const { result } = await pool.compute(ocean.unit)
      assert.equal(
        result.counts.reduce((sum, count) => sum + count),
        100
      )
    } finally {
      await pool.stop()
    }
  }

  it('a kernel with an import is refused', async () => {
    const kernel = await put(hostileKernel({ imports: true }))
    await endsWith({ kernel }, 'kernel/fault', /import/)
  })

  it('bytes that are no module are refused', async () => {
    const kernel = await put(new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8, 9]))
    await endsWith({ kernel }, 'kernel/fault', /may not run here/)
  })

  it('an endless loop is killed by the wall clock', async () => {
    const startedAtMs = performance.now()
    const kernel = await put(hostileKernel({ body: 'loop' }))
    await endsWith({ kernel }, 'worker/limit', /wall clock/)
    assert.ok(performance.now() - startedAtMs < WALL_MS * 12)
  })

  it('a kernel that starts with more memory than the unit allows', async () => {
    const kernel = await put(hostileKernel({ pages: 2000 }))
    await endsWith({ kernel }, 'worker/limit', /limit is 1024/)
  })

  it('a kernel that grows without end gets no more than the unit allows', async () => {
    const kernel = await put(hostileKernel({ body: 'grow' }))
    await endsWith({ kernel }, 'kernel/fault', /layout 1024 is not/)
  })

  it('memory too small for the unit is a limit, not a crash', async () => {
    await endsWith({ memoryPagesMax: 2 }, 'worker/limit', /memory/)
  })

  it('fuel runs out', async () => {
    await endsWith({ fuelMax: 500 }, 'kernel/fault', /fuel/)
  })

  it('a result larger than its limit', async () => {
    await endsWith({ outputBytesMax: 2000 }, 'worker/limit', /2000 bytes/)
  })

  it('each ends in less than 100 ms, beyond the wall clock that finds a loop', async () => {
    const wallMs = 200
    const pool = openKernelPool({ threads: 1, blocks: ocean.blocks, wallMsPerUnit: wallMs })
    const refused = await put(hostileKernel({ imports: true }))
    const hostile = [
      [hostileKernel({ body: 'loop' }), wallMs],
      [hostileKernel({ body: 'grow' }), 0],
      [hostileKernel({ pages: 20_000 }), 0],
      [hostileKernel({ imports: true }), 0],
      [hostileKernel({ body: 'relaxed' }), 0]
    ] as const
    for (const [index, [wasm, extraMs]] of hostile.entries()) {
      const kernel = await put(wasm)
      const times: number[] = []
      // The shortest of five: the machine that runs the tests has other things to do.
      for (let round = 0; round < 5; round++) {
        // Whatever was killed before, a thread is up when the clock starts.
        await assert.rejects(pool.compute({ ...ocean.unit, kernel: refused }))
        const startMs = performance.now()
        await assert.rejects(pool.compute({ ...ocean.unit, kernel }))
        times.push(performance.now() - startMs - extraMs)
      }
      assert.ok(Math.min(...times) < 100, `kernel ${index}: ${times.map(Math.round)} ms`)
    }
    await pool.stop()
  })

  it('an abort ends the unit with its own reason, also one that waits for a thread', async () => {
    const pool = open()
    const kernel = await put(hostileKernel({ body: 'loop' }))
    const reason = new Error('asked to stop')
    const aborter = new AbortController()
    const { signal } = aborter
    const runs = [
      pool.compute({ ...ocean.unit, kernel }, { signal }),
      pool.compute({ ...ocean.unit, kernel }, { signal })
    ]
    const ends = Promise.allSettled(runs)
    setTimeout(() => aborter.abort(reason), 200)
    for (const end of await ends) {
      assert.equal(end.status, 'rejected')
      assert.equal(end.reason, reason)
    }
    assert.equal((await pool.compute(ocean.unit)).result.states.length, 12)
    await pool.stop()
  })

  it('a stopped pool computes nothing more', async () => {
    const pool = open()
    const running = assert.rejects(pool.compute(ocean.unit), /stopped/)
    await pool.stop()
    await running
    await assert.rejects(pool.compute(ocean.unit), /stopped/)
  })
})
