/**
 * Carries out what the coordinator's core asks for. Every effect that has an answer brings it back
 * as an event; nothing here decides.
 */
import type { CID } from 'multiformats/cid'
import { equals } from 'uint8arrays/equals'
import type { CoordinatorEffect } from '../../coordinator/effect.ts'
import type { CoordinatorEvent, Occasion } from '../../coordinator/event.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import { cborCid } from '../../protocol/canonical.ts'
import type { Federation } from '../../protocol/federation.ts'
import { openNoticeAnswer } from '../../protocol/inbound.ts'
import { ShapeError } from '../../protocol/shape.ts'
import type { Authentic, Curve } from '../../protocol/signed.ts'
import { isMeshError, reasonOf } from '../mesh-error.ts'
import type { Net } from '../net/net.ts'
import type { Blocks } from '../store/blocks.ts'
import type { Log } from '../telemetry/log.ts'
import type { ComputeUnit } from '../worker/kernel-pool.ts'
import { fetchResult } from './fetch-result.ts'
import { type Publisher, publisherOf } from './publisher.ts'
import { runAudit } from './run-audit.ts'
import type { WaitingReplies } from './waiting-replies.ts'

/** Another coordinator that assembles and re-runs before it answers may need minutes. */
const NOTICE_ANSWER_MS = 60_000
/** A peer that cannot be dialled in this time is asked later, or its blocks come from others. */
const CONNECT_MS = 5_000

/** News that took longer is no news. */
const TELL_MS = 10_000

type EffectOf<K extends CoordinatorEffect['kind']> = Extract<CoordinatorEffect, { kind: K }>
type Bare<E> = E extends CoordinatorEvent ? Omit<E, keyof Occasion> : never
/** An event before the shell adds clock and chance. */
export type BareEvent = Bare<CoordinatorEvent>

export interface Submission {
  readonly plan: CID
  readonly refused?: string
}

export interface EffectDeps {
  readonly federation: Authentic<Federation>
  readonly curve: Curve
  readonly net: Net
  readonly blocks: Blocks
  readonly kernel: Kernel
  readonly compute: ComputeUnit
  readonly replies: WaitingReplies<Uint8Array>
  readonly submissions: WaitingReplies<Submission>
  readonly log: Log
  readonly post: (event: BareEvent) => void
  /** Aborts when the node stops. */
  readonly signal: AbortSignal
}

/** The root of what proved invalid, if it is what came: it is evidence. */
async function rootOf(root: CID, blocks: Blocks): Promise<Uint8Array | undefined> {
  return (await blocks.has(root)) ? blocks.get(root) : undefined
}

async function fetchRevealed(effect: EffectOf<'fetch'>, deps: EffectDeps): Promise<void> {
  const { net, blocks, post, signal } = deps
  const { fetch } = effect
  const limit = AbortSignal.any([signal, AbortSignal.timeout(effect.withinMs)])
  const connectLimit = AbortSignal.any([limit, AbortSignal.timeout(CONNECT_MS)])
  try {
    await Promise.allSettled(effect.peers.map((peer) => net.connect(peer, [], connectLimit)))
    const result = await fetchResult(effect.result, effect.outputBytesMax, blocks, {
      signal: limit,
      holders: effect.peers
    })
    post({ kind: 'fetched', fetch, result })
  } catch (error) {
    if (signal.aborted) return
    const isInvalid = error instanceof ShapeError || isMeshError(error, 'verify/mismatch')
    deps.log.debug('fetch.failed', { fetch, reason: reasonOf(error) })
    const fault = isInvalid ? 'blocks-invalid' : 'blocks-missing'
    const root = isInvalid ? await rootOf(effect.result, blocks) : undefined
    post({ kind: 'fetch-failed', fetch, fault, ...(root === undefined ? {} : { root }) })
  }
}

async function send(effect: EffectOf<'send'>, deps: EffectDeps): Promise<void> {
  const { to, addresses, of, envelope } = effect
  const limit = AbortSignal.any([deps.signal, AbortSignal.timeout(NOTICE_ANSWER_MS)])
  try {
    const frame = await deps.net.request(to, 'cosign', envelope, { signal: limit, addresses })
    const answer = openNoticeAnswer(deps.federation.body.network, frame, deps.curve)
    if (!equals(answer.said.signer, to)) throw new ShapeError('signer', 'is not who was asked')
    deps.post({ kind: 'answered', to, of, answer })
  } catch (error) {
    if (deps.signal.aborted) return
    deps.log.debug('notice.unanswered', { reason: reasonOf(error) })
    deps.post({ kind: 'unanswered', to, of })
  }
}

async function tell({ to, envelope }: EffectOf<'tell'>, deps: EffectDeps): Promise<void> {
  const limit = AbortSignal.any([deps.signal, AbortSignal.timeout(TELL_MS)])
  try {
    await deps.net.request(to, 'tell', envelope, { signal: limit, isOpenOnly: true })
  } catch (error) {
    // gone or slow: it asks by itself
    deps.log.debug('tell.failed', { reason: reasonOf(error) })
  }
}

/** Tells the core that something it waits for cannot be had. */
function tellFailure(effect: CoordinatorEffect, error: unknown, { log, post }: EffectDeps): void {
  const reason = reasonOf(error)
  log.warn('effect.failed', { effect: effect.kind, reason })
  if (effect.kind === 'assemble') post({ kind: 'assemble-failed', plan: effect.plan, reason })
  if (effect.kind === 'publish') post({ kind: 'publish-failed', plan: effect.plan, reason })
  if (effect.kind === 'recompute') {
    post({ kind: 'recompute-failed', plan: effect.plan, slot: effect.slot, reason })
  }
}

async function carryOut(
  effect: Exclude<CoordinatorEffect, { kind: 'fetch' }>,
  publisher: Publisher,
  deps: EffectDeps
): Promise<void> {
  const { post, signal } = deps
  switch (effect.kind) {
    case 'append':
      return
    case 'reply':
      return deps.replies.settle(effect.replyTo, effect.envelope)
    case 'tell':
      return tell(effect, deps)
    case 'submitted':
      return deps.submissions.settle(effect.replyTo, effect)
    case 'gossip':
      return deps.net.publish(effect.topic, effect.envelope)
    case 'send':
      return send(effect, deps)
    case 'assemble': {
      const { product } = await publisher.assemble(effect)
      return post({ kind: 'assembled', plan: effect.plan, product })
    }
    case 'audit':
      return runAudit(effect, deps)
    case 'keep':
      return deps.blocks.put({ cid: cborCid(effect.block), bytes: effect.block }, { signal })
    case 'recompute': {
      const { plan, slot, unit } = effect
      const { cid: result, result: trace } = await deps.compute(unit, { signal })
      return post({ kind: 'recomputed', plan, slot, result, trace })
    }
    case 'publish': {
      const forecast = await publisher.publish(effect)
      return post({ kind: 'published', plan: effect.plan, forecast })
    }
    case 'note':
      return deps.log.info(effect.name, effect.fields)
  }
}

/** @returns a function that starts one effect and never throws */
export function coordinatorEffects(deps: EffectDeps): (effect: CoordinatorEffect) => void {
  const publisher = publisherOf(deps)
  const fetching = new Set<string>()
  const fetchOnce = async (effect: EffectOf<'fetch'>): Promise<void> => {
    if (fetching.has(effect.fetch)) return
    fetching.add(effect.fetch)
    await fetchRevealed(effect, deps).finally(() => fetching.delete(effect.fetch))
  }
  return (effect) => {
    const work = effect.kind === 'fetch' ? fetchOnce(effect) : carryOut(effect, publisher, deps)
    work.catch((error: unknown) => {
      if (!deps.signal.aborted) tellFailure(effect, error, deps)
    })
  }
}
