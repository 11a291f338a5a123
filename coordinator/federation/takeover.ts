/**
 * A coordinator of which nothing is heard loses its chains of a plan to the next in rank once k
 * coordinators signed that it is silent; fewer only wait. Whoever still speaks for a term that is
 * over is answered with that evidence, and stops when it sees it.
 */
import { equals } from 'uint8arrays/equals'
import { toHex } from '../../protocol/hex.ts'
import type { Silence } from '../../protocol/message/watch.ts'
import type { Authentic } from '../../protocol/signed.ts'
import type { CoordinatorEvent } from '../event.ts'
import { windowCount } from '../slots.ts'
import { type PlanState, slotKey } from '../state.ts'
import { note, record, refuse, reply, type Turn } from '../turn.ts'
import { acknowledge, othersOf } from './members.ts'
import { tellOthers } from './outbox.ts'
import { tellPublicationTo } from './publication.ts'
import { isVoter, leadOf, ownershipOf } from './ranks.ts'

/** A silence that was told longer ago than this many silentMs is not added to newer ones. */
const SILENCE_AGE_FACTOR = 2

/** Everything that came from a coordinator itself is a word of it. */
export function hear(turn: Turn, signer: Uint8Array): void {
  const isOther = othersOf(turn).some(({ key }) => equals(key, signer))
  if (isOther) turn.state.live.words.set(toHex(signer), turn.atMs)
}

/** The chains and the lead of a plan that wait for this coordinator. */
function isAwaited(turn: Turn, plan: PlanState, key: Uint8Array): boolean {
  if (plan.forecast !== undefined || plan.disputed !== undefined) return false
  if (equals(leadOf(turn.state, plan), key)) return true
  const last = windowCount(plan.body) - 1
  for (let member = 0; member < plan.body.memberCount; member += 1) {
    for (let block = 0; block < plan.body.blocks.length; block += 1) {
      if (plan.slots.get(slotKey({ member, block, window: last }))?.outcome !== undefined) continue
      const { owner } = ownershipOf(turn.state, plan, { member, block })
      if (owner !== undefined && equals(owner, key)) return true
    }
  }
  return false
}

const silencesOf = (turn: Turn, plan: PlanState, about: string) => {
  const key = `${plan.cid} ${about}`
  const found = turn.state.live.silences.get(key) ?? new Map<string, NotedSilence>()
  turn.state.live.silences.set(key, found)
  return found
}

/** A signed silence, and when it was told here. */
export interface NotedSilence {
  readonly envelope: Uint8Array
  readonly atMs: number
}

/** On every tick: says of whom nothing was heard, as long as nothing is heard. */
export function watchSilence(turn: Turn): void {
  const { state } = turn
  const { silentMs } = state.timers
  if (!state.rules.takeover) return
  for (const { key } of othersOf(turn)) {
    const name = toHex(key)
    if (state.durable.expelled.has(name)) continue
    const lastAtMs = Math.max(state.live.words.get(name) ?? 0, state.live.startedAtMs)
    if (turn.atMs - lastAtMs <= silentMs) continue
    for (const plan of state.durable.plans.values()) {
      if (plan.forecast === undefined && !plan.deposed.has(name)) saySilent(turn, plan, key)
    }
  }
}

function saySilent(turn: Turn, plan: PlanState, key: Uint8Array): void {
  const { state } = turn
  const own = toHex(state.setup.key)
  const silences = silencesOf(turn, plan, toHex(key))
  const said = silences.get(own)
  if (said !== undefined && turn.atMs - said.atMs < state.timers.silentMs) return
  if (!isAwaited(turn, plan, key)) return
  const body = { kind: 'silence' as const, plan: plan.cid, coordinator: key, atMs: turn.atMs }
  const envelope = turn.keyring.sign('silence', body)
  silences.set(own, { envelope, atMs: turn.atMs })
  tellOthers(turn, plan, envelope)
  note(turn, 'coordinator.silent', { coordinator: toHex(key), plan: plan.cid.toString() })
  deposeIfAgreed(turn, plan, key)
}

/** Another coordinator says that one is silent. */
export function onSilence(turn: Turn, event: Extract<CoordinatorEvent, { kind: 'silence' }>) {
  const { said, replyTo } = event
  const { plan: cid, coordinator } = said.body
  const plan = turn.state.durable.plans.get(cid.toString())
  if (!isVoter(turn.state, said.signer) || equals(said.signer, coordinator)) {
    return refuse(turn, replyTo, 'inadmissible')
  }
  if (plan === undefined) return refuse(turn, replyTo, 'unknown-plan')
  acknowledge(turn, replyTo, said.cid)
  // It waits in vain: the plan is over, and who published it may be gone.
  if (plan.forecast !== undefined) return tellPublicationTo(turn, plan, said.signer)
  if (plan.deposed.has(toHex(coordinator))) return
  const noted = { envelope: said.envelope, atMs: turn.atMs }
  silencesOf(turn, plan, toHex(coordinator)).set(toHex(said.signer), noted)
  deposeIfAgreed(turn, plan, coordinator)
}

/** Deposes when k say so at the same time, this coordinator among them. */
function deposeIfAgreed(turn: Turn, plan: PlanState, coordinator: Uint8Array): void {
  const { state } = turn
  const silences = silencesOf(turn, plan, toHex(coordinator))
  if (!silences.has(toHex(state.setup.key))) return
  const sinceMs = turn.atMs - state.timers.silentMs * SILENCE_AGE_FACTOR
  const fresh = [...silences.values()].filter(({ atMs }) => atMs >= sinceMs)
  if (fresh.length < state.setup.federation.body.signaturesNeeded) return
  depose(
    turn,
    plan,
    coordinator,
    fresh.map(({ envelope }) => envelope)
  )
}

function depose(
  turn: Turn,
  plan: PlanState,
  coordinator: Uint8Array,
  silences: readonly Uint8Array[]
): void {
  const about = { plan: plan.cid, coordinator, silences }
  record(turn, { kind: 'coordinator-deposed', ...about, atMs: turn.atMs })
  turn.state.live.silences.delete(`${plan.cid} ${toHex(coordinator)}`)
  note(turn, 'coordinator.deposed', {
    coordinator: toHex(coordinator),
    plan: plan.cid.toString()
  })
  tellDepositions(turn, plan)
  passOn(turn, plan, coordinator)
}

/** Who is out of a plan, with the evidence. */
export const depositionsOf = (turn: Turn, { cid, deposed }: PlanState): readonly Uint8Array[] =>
  [...deposed.values()].map(({ coordinator, silences }) =>
    turn.keyring.sign('deposition', { kind: 'deposition', plan: cid, coordinator, silences })
  )

/** Everybody has to know who owns what: told until they say that they do. */
export function tellDepositions(turn: Turn, plan: PlanState): void {
  for (const envelope of depositionsOf(turn, plan)) tellOthers(turn, plan, envelope)
}

/** What the old owner decided and not everybody may have heard. */
function passOn(turn: Turn, plan: PlanState, coordinator: Uint8Array): void {
  const name = toHex(coordinator)
  for (const { outcome } of plan.slots.values()) {
    if (outcome?.kind !== 'settled' || outcome.decidedBy !== name) continue
    const { verdict } = outcome
    tellOthers(turn, plan, turn.keyring.sign('verdict-notice', { kind: 'verdict-notice', verdict }))
  }
}

/** Are these silences of k different coordinators about this one in this plan? */
function isAgreed(
  turn: Turn,
  body: { readonly plan: PlanState['cid']; readonly coordinator: Uint8Array },
  silences: readonly Authentic<Silence>[]
): boolean {
  const signers = new Set<string>()
  for (const { body: silence, signer } of silences) {
    const isAbout = silence.plan.equals(body.plan) && equals(silence.coordinator, body.coordinator)
    if (!isAbout || !isVoter(turn.state, signer) || equals(signer, body.coordinator)) return false
    signers.add(toHex(signer))
  }
  return signers.size >= turn.state.setup.federation.body.signaturesNeeded
}

/** Others deposed a coordinator; it may be this one. */
export function onDeposition(turn: Turn, event: Extract<CoordinatorEvent, { kind: 'deposition' }>) {
  const { said, silences, replyTo } = event
  const { plan: cid, coordinator } = said.body
  const plan = turn.state.durable.plans.get(cid.toString())
  if (plan === undefined) return refuse(turn, replyTo, 'unknown-plan')
  if (!isVoter(turn.state, said.signer) || !isAgreed(turn, said.body, silences)) {
    return refuse(turn, replyTo, 'inadmissible')
  }
  acknowledge(turn, replyTo, said.cid)
  if (plan.forecast !== undefined || plan.deposed.has(toHex(coordinator))) return
  depose(
    turn,
    plan,
    coordinator,
    silences.map(({ envelope }) => envelope)
  )
}

/** Answers whoever speaks for a term that is over, with why it is. */
export function refuseStale(
  turn: Turn,
  replyTo: string,
  plan: PlanState,
  coordinator: Uint8Array
): void {
  const { keyring, state } = turn
  const deposed = plan.deposed.get(toHex(coordinator))
  const proof = state.durable.expelled.get(toHex(coordinator))
  const evidence = deposed?.silences ?? (proof === undefined ? [] : [proof])
  const body = {
    kind: 'refusal' as const,
    reason: 'stale-term' as const,
    retryAfterMs: Math.max(1, state.timers.retryMs),
    evidence
  }
  reply(turn, replyTo, keyring.sign('refusal', body))
}
