/**
 * Runs one segment of somebody else's unit. The state before it has to come from its holders in
 * time; how long our own inputs and our own run take is no fault of theirs.
 */
import type { CID } from 'multiformats/cid'
import type { CoordinatorEffect } from '../../coordinator/effect.ts'
import { decode } from '../../protocol/canonical.ts'
import { state as stateShape } from '../../protocol/result.ts'
import { ShapeError } from '../../protocol/shape.ts'
import { isMeshError, reasonOf } from '../mesh-error.ts'
import type { Blocks, GetOptions } from '../store/blocks.ts'
import { runSegment } from '../worker/segment.ts'
import type { EffectDeps } from './coordinator-effects.ts'

/** A peer that cannot be dialled in this time is asked by others, or not at all. */
const CONNECT_MS = 5_000

type Audit = Extract<CoordinatorEffect, { kind: 'audit' }>
type Fault = 'opening-missing' | 'opening-invalid'

/** The blocks of a state, into our store. @throws what blocks.get throws; ShapeError */
async function fetchState(root: CID, blocks: Blocks, options: GetOptions): Promise<void> {
  const { chunks } = decode(stateShape, await blocks.get(root, options))
  await Promise.all(chunks.map((chunk) => blocks.get(chunk, options)))
}

async function openingFault(effect: Audit, deps: EffectDeps): Promise<Fault | undefined> {
  const { net, blocks, signal } = deps
  const limit = AbortSignal.any([signal, AbortSignal.timeout(effect.withinMs)])
  const connectLimit = AbortSignal.any([limit, AbortSignal.timeout(CONNECT_MS)])
  try {
    if (!(await blocks.has(effect.state))) {
      await Promise.allSettled(effect.peers.map((peer) => net.connect(peer, [], connectLimit)))
    }
    await fetchState(effect.state, blocks, { signal: limit, holders: effect.peers })
    return undefined
  } catch (error) {
    deps.log.debug('opening.failed', { audit: effect.audit, reason: reasonOf(error) })
    const isInvalid = error instanceof ShapeError || isMeshError(error, 'verify/mismatch')
    return isInvalid ? 'opening-invalid' : 'opening-missing'
  }
}

/** Answers with `audited` or `audit-failed`. */
export async function runAudit(effect: Audit, deps: EffectDeps): Promise<void> {
  const { audit, unit, segment } = effect
  const { compute, log, post, signal } = deps
  const fault = await openingFault(effect, deps)
  if (signal.aborted) return
  if (fault !== undefined) return post({ kind: 'audit-failed', audit, fault })
  try {
    const { state, outputs } = await runSegment(compute, unit, segment, effect.state, { signal })
    post({ kind: 'audited', audit, state, outputs })
  } catch (error) {
    if (signal.aborted) return
    log.debug('audit.failed', { audit, reason: reasonOf(error) })
    // What the volunteer opened has the form of a state and is none of this unit.
    const isInvalid = isMeshError(error, 'plan/refused', 'kernel/fault')
    post({ kind: 'audit-failed', audit, fault: isInvalid ? 'opening-invalid' : 'failed' })
  }
}
