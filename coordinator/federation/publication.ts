/**
 * A published forecast: told by gossip to everybody a few times, and to every other coordinator
 * until it knows, so that a plan ends everywhere.
 */
import { equals } from 'uint8arrays/equals'
import type { CoordinatorEvent } from '../event.ts'
import { isLead } from '../forecast.ts'
import type { PlanState } from '../state.ts'
import { act, askAgain, mayAsk, note, record, refuse, type Turn } from '../turn.ts'
import { acknowledge, othersOf } from './members.ts'
import { forgetProposals, tell, tellOthers } from './outbox.ts'

/** How often a publication is repeated by gossip, announceMs apart: peers come late. */
const PUBLICATION_REPEATS = 5
/** A coordinator that was down for longer is told by nobody any more. */
const PUBLICATION_AGE_MS_MAX = 7 * 86_400_000

/** The publication as signed at this time; undefined while there is nothing to publish. */
function publicationOf(turn: Turn, plan: PlanState, atMs: number): Uint8Array | undefined {
  const { cid, body, product, forecast } = plan
  if (product === undefined || forecast === undefined) return undefined
  return turn.keyring.sign('publication', {
    kind: 'publication',
    forecast,
    product,
    plan: cid,
    name: body.name,
    atMs
  })
}

/** Gossip forgets what it has seen only after minutes: each repeat is signed anew. */
function gossipPublication(turn: Turn, plan: PlanState): void {
  const envelope = publicationOf(turn, plan, turn.atMs)
  if (envelope !== undefined) act(turn, { kind: 'gossip', topic: 'forecast', envelope })
}

/** Other coordinators are told until they say that they know: a plan ends everywhere. */
export function tellPublication(turn: Turn, plan: PlanState): void {
  const { publishedAtMs = 0 } = plan
  if (!isLead(turn, plan) || turn.atMs - publishedAtMs > PUBLICATION_AGE_MS_MAX) return
  const envelope = publicationOf(turn, plan, publishedAtMs)
  if (envelope !== undefined) tellOthers(turn, plan, envelope)
}

/** Tells one coordinator, whoever published: it is the same product everywhere. */
export function tellPublicationTo(turn: Turn, plan: PlanState, to: Uint8Array) {
  const envelope = publicationOf(turn, plan, plan.publishedAtMs ?? 0)
  if (envelope !== undefined) tell(turn, to, plan, envelope)
}

export function onPublished(
  turn: Turn,
  event: Extract<CoordinatorEvent, { kind: 'published' | 'publish-failed' }>
) {
  const plan = turn.state.durable.plans.get(event.plan.toString())
  if (plan === undefined || plan.forecast !== undefined) return
  if (event.kind === 'publish-failed') {
    askAgain(turn, `publish:${plan.cid}`)
    const fields = { plan: plan.cid.toString(), reason: event.reason }
    return note(turn, 'forecast.publish-failed', fields)
  }
  const { forecast } = event
  record(turn, { kind: 'forecast-published', plan: plan.cid, forecast, atMs: turn.atMs })
  note(turn, 'forecast.published', { forecast: forecast.toString() })
  forgetProposals(turn, plan)
  turn.state.live.publications.set(plan.cid.toString(), PUBLICATION_REPEATS)
  gossipPublication(turn, plan)
  tellPublication(turn, plan)
}

/** Repeats our publications a few times. */
export function repeatPublications(turn: Turn): void {
  const { live, durable, timers } = turn.state
  for (const [key, left] of live.publications) {
    const plan = durable.plans.get(key)
    if (plan?.forecast === undefined || left === 0) live.publications.delete(key)
    else if (mayAsk(turn, `publication:${key}`, timers.announceMs)) {
      live.publications.set(key, left - 1)
      gossipPublication(turn, plan)
    }
  }
}

/** Another coordinator published a plan we know: it is over for us too. */
export function onPublication(
  turn: Turn,
  event: Extract<CoordinatorEvent, { kind: 'publication' }>
): void {
  const { plan: cid, forecast, product } = event.said.body
  const plan = turn.state.durable.plans.get(cid.toString())
  const isMember = othersOf(turn).some(({ key }) => equals(key, event.said.signer))
  if (isMember && plan?.forecast === undefined && plan?.product?.equals(product) === true) {
    record(turn, { kind: 'forecast-published', plan: cid, forecast, atMs: turn.atMs })
    note(turn, 'forecast.published', { forecast: forecast.toString() })
  }
  if (!('replyTo' in event)) return
  if (!isMember) refuse(turn, event.replyTo, 'inadmissible')
  else if (plan?.forecast === undefined) refuse(turn, event.replyTo, 'unknown-plan')
  else acknowledge(turn, event.replyTo, event.said.cid)
}
