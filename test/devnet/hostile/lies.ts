/**
 * Lies of volunteers that speak the real protocol, each with what it takes: another computation,
 * other statements, or both.
 */
import { randomBytes } from 'node:crypto'
import type { VolunteerInit } from '../../../node/service/volunteer.ts'
import type { ComputedUnit, ComputeUnit } from '../../../node/worker/kernel-pool.ts'
import { type Block, cborCid, toBlock, toRawBlock } from '../../../protocol/canonical.ts'
import { BLOCK_BYTES_MAX } from '../../../protocol/limits.ts'
import { STATE_PARTICLE_BYTES } from '../../../protocol/result.ts'
import type { Keyring } from '../../../protocol/signed.ts'
import { traceRootOf } from '../../../protocol/trace.ts'

export type Tamper = NonNullable<VolunteerInit['tamper']>

/** Where `hang` stops telling of progress. */
const HANG_SHARE = 0.99
const GARBAGE_BYTES = 5_000

const honest = (compute: ComputeUnit): ComputeUnit => compute
const keepKeys = (keyring: Keyring): Keyring => keyring

/** What is computed is changed after it was computed. */
const changed = (change: (honest: ComputedUnit) => ComputedUnit): Tamper => ({
  compute: (compute) => async (unit, options) => change(await compute(unit, options)),
  keyring: keepKeys
})

/** A result of these parts, every hash of it consistent. */
function consistent(result: ComputedUnit['result'], blocks: readonly Block[]): ComputedUnit {
  const lie = { ...result, traceRoot: traceRootOf(result) }
  const root = toBlock(lie)
  return { cid: root.cid, result: lie, blocks: [root, ...blocks] }
}

/**
 * Another last state, another trace, every hash consistent: a lie that only re-running shows. Each
 * liar has a lie of its own; liars that agree are another attack, which quorum alone cannot stop.
 */
export function fabricate(
  { result, blocks }: ComputedUnit,
  bytes = new Uint8Array(randomBytes(STATE_PARTICLE_BYTES))
): ComputedUnit {
  const chunk = toRawBlock(bytes)
  const particles = { firstParticle: 0, particleCount: 1, particleBytes: STATE_PARTICLE_BYTES }
  const state = toBlock({ kind: 'state', ...particles, chunks: [chunk.cid] })
  const states = [...result.states.slice(0, -1), state.cid]
  return consistent({ ...result, states }, [state, chunk, ...blocks])
}

export const wrong = changed((made) => fabricate(made))

/** The lie that all peers of one operator tell. */
export const together = changed((made) =>
  fabricate(made, new Uint8Array(STATE_PARTICLE_BYTES).fill(7))
)

/** A reveal of bytes that mean nothing. */
export const garbage = changed(({ result }) => {
  const bytes = new Uint8Array(randomBytes(GARBAGE_BYTES))
  const cid = cborCid(bytes)
  return { cid, result, blocks: [{ cid, bytes }] }
})

/** Outputs without end: each block as large as a block may be, the whole far above the limit. */
export const oversize = changed(({ result, blocks }) => {
  const large = Array.from({ length: 64 }, () =>
    toRawBlock(new Uint8Array(randomBytes(BLOCK_BYTES_MAX)))
  )
  const links = large.map(({ cid }) => cid)
  const segments = [[...(result.segments[0] ?? []), ...links], ...result.segments.slice(1)]
  return consistent({ ...result, segments }, [...large, ...blocks])
})

/** Computes all of it, says so, and never comes to an end. */
export const hang: Tamper = {
  compute:
    (compute) =>
    async (unit, options = {}) => {
      const { onProgress = () => {} } = options
      await compute(unit, {
        ...options,
        onProgress: (done) => onProgress(Math.floor(done * HANG_SHARE))
      })
      return await new Promise((_, reject) => {
        options.signal?.addEventListener('abort', () => reject(options.signal?.reason))
      })
    },
  keyring: keepKeys
}

/** Signs its reveals changed: these fields differ from what was committed. */
const revealing = (change: object): Tamper => ({
  compute: honest,
  keyring: (keyring) => ({
    key: keyring.key,
    sign: (kind, body) =>
      keyring.sign(kind, kind === 'reveal' ? ({ ...body, ...change } as typeof body) : body)
  })
})

/** Another salt than the one that was sealed. */
export const mismatch = revealing({ salt: new Uint8Array(32).fill(9) })

/** Its reveals are for a lease that nobody has: it never reveals. */
export const silent = revealing({ lease: new Uint8Array(32).fill(9) })
