/**
 * Carries out what the coordinator's core asks for. Every effect that has an answer brings it back
 * as an event; nothing here decides.
 */
import type { CID } from 'multiformats/cid'
import { equals } from 'uint8arrays/equals'
import type { CoordinatorEffect } from '../../coordinator/effect.ts'
import type { CoordinatorEvent, Occasion } from '../../coordinator/event.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import type { Federation } from '../../protocol/federation.ts'
import { openNoticeAnswer } from '../../protocol/inbound.ts'
import { ShapeError } from '../../protocol/shape.ts'
import type { Authentic } from '../../protocol/signed.ts'
import { type AssembledProduct, assembleProduct } from '../forecast/product/assemble.ts'
import { buildForecastFolder } from '../forecast/product/manifest.ts'
import { isMeshError } from '../mesh-error.ts'
import type { Net } from '../net/net.ts'
import type { Blocks } from '../store/blocks.ts'
import type { Log } from '../telemetry/log.ts'
import type { ComputeUnit } from '../worker/kernel-pool.ts'
import { fetchResult } from './fetch-result.ts'
import type { WaitingReplies } from './waiting-replies.ts'

/** Another coordinator that assembles and re-runs before it answers may need minutes. */
const NOTICE_ANSWER_MS = 60_000
/** A peer that cannot be dialled in this time is asked later, or its blocks come from others. */
const CONNECT_MS = 5_000
/** Providing walks the DHT; on a small mesh it takes a second. */
const PROVIDE_MS = 60_000
/** Assembled products kept for their publication; each is small beside its blocks. */
const ASSEMBLED_MAX = 16

type EffectOf<K extends CoordinatorEffect['kind']> = Extract<CoordinatorEffect, { kind: K }>
type Bare<E> = E extends CoordinatorEvent ? Omit<E, keyof Occasion> : never
export type BareEvent = Bare<CoordinatorEvent>

export interface Submission {
  readonly plan: CID
  readonly refused?: string
}

export interface EffectDeps {
  readonly federation: Authentic<Federation>
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

const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)

/** @returns a function that starts one effect and never throws */
export function coordinatorEffects(deps: EffectDeps): (effect: CoordinatorEffect) => void {
  const { net, blocks, kernel, federation, log, post, signal } = deps
  const assembled = new Map<string, AssembledProduct>()
  const fetching = new Set<string>()

  const assembleOnce = async (
    effect: EffectOf<'assemble'> | EffectOf<'publish'>
  ): Promise<AssembledProduct> => {
    const key = effect.plan.toString()
    const known = assembled.get(key)
    if (known !== undefined) return known
    const { body: plan, settled: slots } = effect
    const product = await assembleProduct({ plan, slots, blocks, kernel, signal })
    assembled.set(key, product)
    const oldest = assembled.keys().next()
    if (assembled.size > ASSEMBLED_MAX && !oldest.done) assembled.delete(oldest.value)
    return product
  }

  const fetchOnce = async (effect: EffectOf<'fetch'>): Promise<void> => {
    if (fetching.has(effect.fetch)) return
    fetching.add(effect.fetch)
    const { fetch } = effect
    const limit = AbortSignal.any([signal, AbortSignal.timeout(effect.withinMs)])
    const connectLimit = AbortSignal.any([signal, AbortSignal.timeout(CONNECT_MS)])
    try {
      await Promise.allSettled(effect.peers.map((peer) => net.connect(peer, [], connectLimit)))
      const result = await fetchResult(effect.result, effect.outputBytesMax, blocks, limit)
      post({ kind: 'fetched', fetch, result })
    } catch (error) {
      const isInvalid = error instanceof ShapeError || isMeshError(error, 'verify/mismatch')
      log.debug('fetch.failed', { fetch, reason: reasonOf(error) })
      if (signal.aborted) return
      post({ kind: 'fetch-failed', fetch, fault: isInvalid ? 'blocks-invalid' : 'blocks-missing' })
    } finally {
      fetching.delete(fetch)
    }
  }

  const send = async ({ to, addresses, of, envelope }: EffectOf<'send'>): Promise<void> => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(NOTICE_ANSWER_MS)])
    try {
      const frame = await net.request(to, 'cosign', envelope, { signal: limit, addresses })
      const answer = openNoticeAnswer(federation.body.network, frame)
      if (!equals(answer.said.signer, to)) throw new ShapeError('signer', 'is not who was asked')
      post({ kind: 'answered', to, of, answer })
    } catch (error) {
      log.debug('notice.unanswered', { reason: reasonOf(error) })
      post({ kind: 'unanswered', to, of })
    }
  }

  const publish = async (effect: EffectOf<'publish'>): Promise<void> => {
    const { forecast: body, cosignatures, verdicts } = effect
    const planBytes = await blocks.get(effect.plan, { signal })
    const folder = await buildForecastFolder({
      plan: planBytes,
      body,
      cosignatures,
      verdicts,
      federation: federation.envelope,
      assembled: await assembleOnce(effect),
      blocks,
      signal
    })
    const limit = AbortSignal.any([signal, AbortSignal.timeout(PROVIDE_MS)])
    for (const cid of [folder.forecast, effect.plan]) await net.provide(cid, limit)
    post({ kind: 'published', plan: effect.plan, forecast: folder.forecast })
  }

  const start = async (effect: CoordinatorEffect): Promise<void> => {
    switch (effect.kind) {
      case 'append':
        return
      case 'reply':
        return deps.replies.settle(effect.replyTo, effect.envelope)
      case 'submitted':
        return deps.submissions.settle(effect.replyTo, effect)
      case 'gossip':
        return net.publish(effect.topic, effect.envelope)
      case 'fetch':
        return fetchOnce(effect)
      case 'send':
        return send(effect)
      case 'assemble': {
        const { product } = await assembleOnce(effect)
        return post({ kind: 'assembled', plan: effect.plan, product })
      }
      case 'recompute': {
        const { cid: result } = await deps.compute(effect.unit, { signal })
        return post({ kind: 'recomputed', plan: effect.plan, slot: effect.slot, result })
      }
      case 'publish':
        return publish(effect)
      case 'note':
        return log.info(effect.name, effect.fields)
    }
  }

  const failed = (effect: CoordinatorEffect, error: unknown): void => {
    const reason = reasonOf(error)
    if (signal.aborted) return
    log.warn('effect.failed', { effect: effect.kind, reason })
    if (effect.kind === 'assemble') post({ kind: 'assemble-failed', plan: effect.plan, reason })
    if (effect.kind === 'publish') post({ kind: 'publish-failed', plan: effect.plan, reason })
    if (effect.kind === 'recompute') {
      post({ kind: 'recompute-failed', plan: effect.plan, slot: effect.slot, reason })
    }
  }

  return (effect) => {
    start(effect).catch((error: unknown) => failed(effect, error))
  }
}
