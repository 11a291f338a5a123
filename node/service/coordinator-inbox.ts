/**
 * Frames from streams and gossip on their way to the coordinator's core: opened, their signatures
 * checked, their signer compared with the peer that sent them.
 */
import { equals } from 'uint8arrays/equals'
import { decode } from '../../protocol/canonical.ts'
import { type Inbound, openInbound } from '../../protocol/inbound.ts'
import { plan as planShape } from '../../protocol/plan.ts'
import { ShapeError } from '../../protocol/shape.ts'
import type { Curve } from '../../protocol/signed.ts'
import type { Net } from '../net/net.ts'
import type { Blocks } from '../store/blocks.ts'
import type { Log } from '../telemetry/log.ts'
import type { BareEvent } from './coordinator-effects.ts'
import type { WaitingReplies } from './waiting-replies.ts'

/** A plan that its proposer does not deliver in this time is proposed again. */
const PLAN_FETCH_MS = 20_000

export interface InboxDeps {
  readonly network: string
  readonly curve: Curve
  readonly net: Net
  readonly blocks: Blocks
  readonly replies: WaitingReplies<Uint8Array>
  readonly log: Log
  readonly post: (event: BareEvent) => void
  readonly signal: AbortSignal
}

/** The proposed plan, from whoever proposes it. */
async function withPlan(
  inbound: Extract<Inbound, { kind: 'plan-proposal' }>,
  { net, blocks, signal }: InboxDeps
) {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(PLAN_FETCH_MS)])
  const { plan, sources } = inbound.said.body
  await Promise.allSettled(sources.map((s) => net.connect(s.peer, s.addresses, limit)))
  return { ...inbound, plan: decode(planShape, await blocks.get(plan, { signal: limit })) }
}

/** Answers the three channels until the net stops. */
export async function answerChannels(deps: InboxDeps): Promise<void> {
  const { network, curve, net, replies, log, post } = deps
  const answer = async (frame: Uint8Array, from: Uint8Array): Promise<Uint8Array> => {
    let inbound: Inbound
    try {
      inbound = openInbound(network, frame, curve)
      if (!equals(inbound.said.signer, from)) throw new ShapeError('signer', 'is not the sender')
    } catch (error) {
      log.debug('frame.inadmissible', { reason: String(error) })
      throw error
    }
    const event = inbound.kind === 'plan-proposal' ? await withPlan(inbound, deps) : inbound
    const place = replies.open()
    post({ ...event, replyTo: place.token })
    return place.answer
  }
  for (const channel of ['lease', 'result', 'cosign'] as const) await net.handle(channel, answer)
}
