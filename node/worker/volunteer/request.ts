/**
 * Asking for work: coordinators are known from their announcements and asked in turn, one request
 * each at a time, never before they said to ask again.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { concat } from 'uint8arrays/concat'
import { equals } from 'uint8arrays/equals'
import { fromString } from 'uint8arrays/from-string'
import { decode } from '../../../protocol/canonical.ts'
import { toHex } from '../../../protocol/hex.ts'
import type { LeaseAnswer } from '../../../protocol/inbound.ts'
import type { LeaseGrant, RefusalReason } from '../../../protocol/message/lease.ts'
import { ShapeError } from '../../../protocol/shape.ts'
import { type WorkUnit, workUnit } from '../../../protocol/work-unit.ts'
import type { VolunteerEvent } from './event.ts'
import type { Owner } from './state.ts'
import { act, ask, backoffMs, note, record, type Turn } from './turn.ts'
import { takeUp } from './work.ts'

/** A coordinator is asked while its last announcement is not older than this many announceMs. */
const ANNOUNCEMENTS_MISSED_MAX = 5
/**
 * News spreads to everybody at once. Where a coordinator does not say how long its volunteers need
 * to ask one after the other, the first question comes within this share of retryMs.
 */
const JITTER_SHARE = 0.125
/** Refusals after which fresh news of open units is a reason to ask again. */
const HOPEFUL: ReadonlySet<RefusalReason> = new Set(['nothing-open', 'already-on-unit'])

/** Whole number in [0, below) from the event's entropy. */
const chance = (turn: Turn, below: number): number => {
  const view = new DataView(turn.entropy.buffer, turn.entropy.byteOffset)
  return Math.floor((view.getUint32(0) / 2 ** 32) * below)
}

export function onAnnouncement(
  turn: Turn,
  { said }: Extract<VolunteerEvent, { kind: 'announcement' }>
): void {
  const { setup, live, timers } = turn.state
  const { kernel, openCount } = said.body
  const name = toHex(said.signer)
  const member = setup.federation.coordinators.find(({ key }) => equals(key, said.signer))
  if (member === undefined || openCount === 0) return
  if (!setup.kernels.some((known) => known.equals(kernel))) return
  const { askWithinMs = timers.retryMs * JITTER_SHARE } = said.body
  const afterMs = chance(turn, Math.min(askWithinMs, timers.retryMs))
  const soonMs = turn.atMs + afterMs
  const known = live.owners.get(name)
  if (known === undefined) {
    live.owners.set(name, {
      key: member.key,
      addresses: member.addresses,
      heardAtMs: turn.atMs,
      askAtMs: soonMs,
      askedAtMs: 0,
      failures: 0,
      request: undefined,
      exchange: undefined,
      mustWait: false
    })
  } else {
    known.heardAtMs = turn.atMs
    if (!known.mustWait) known.askAtMs = Math.min(known.askAtMs, soonMs)
  }
  if (afterMs > 0) act(turn, { kind: 'wake', afterMs })
}

function request(turn: Turn, owner: Owner): void {
  const { setup, live, durable } = turn.state
  const nonce = fromString(String(live.exchanges))
  owner.request ??= sha256(concat([turn.entropy, owner.key, nonce]))
  owner.askedAtMs = turn.atMs
  const envelope = turn.keyring.sign('lease-request', {
    kind: 'lease-request',
    request: owner.request,
    binding: setup.binding,
    ...(setup.admission === undefined ? {} : { admission: setup.admission }),
    coreCount: setup.coreCount,
    memoryPagesMax: setup.memoryPagesMax,
    particleStepsPerSecond: live.particleStepsPerSecond,
    kernels: setup.kernels,
    cached: [...durable.lately.values()],
    ...(setup.offlineMs === undefined ? {} : { offlineMs: setup.offlineMs }),
    atMs: turn.atMs
  })
  owner.exchange = ask(turn, owner.key, 'request', 'lease', envelope)
}

/** Units that could be taken now: neither computed nor asked for. */
function freeSlots({ state: { live, durable } }: Turn): number {
  let free = live.slots
  for (const { computed } of durable.works.values()) if (computed === undefined) free -= 1
  for (const { exchange } of live.owners.values()) if (exchange !== undefined) free -= 1
  return free
}

/** Asks for as many units as there are free slots. */
export function askForWork(turn: Turn): void {
  const { live, timers } = turn.state
  let free = live.isDraining ? 0 : freeSlots(turn)
  if (free <= 0) return
  const freshMs = ANNOUNCEMENTS_MISSED_MAX * timers.announceMs
  const ready = [...live.owners.values()]
    .filter(({ exchange, askAtMs }) => exchange === undefined && askAtMs <= turn.atMs)
    .filter(({ heardAtMs }) => turn.atMs - heardAtMs <= freshMs)
    .sort((one, two) => one.askedAtMs - two.askedAtMs)
  for (const owner of ready) {
    if (free <= 0) return
    free -= 1
    request(turn, owner)
  }
}

const ownerOf = (turn: Turn, exchange: string): Owner | undefined =>
  [...turn.state.live.owners.values()].find((owner) => owner.exchange === exchange)

/** The unit of a grant that is really for us; undefined when it is not. */
function unitFor(turn: Turn, owner: Owner, grant: LeaseGrant): WorkUnit | undefined {
  const { setup, durable } = turn.state
  const isOurs =
    owner.request !== undefined &&
    equals(grant.request, owner.request) &&
    equals(grant.operator, setup.operator) &&
    equals(grant.peer, setup.key) &&
    grant.expiresAtMs > turn.atMs &&
    !durable.works.has(toHex(grant.lease))
  if (!isOurs) return undefined
  try {
    const unit = decode(workUnit, grant.unit)
    const isAllowed = setup.kernels.some((kernel) => kernel.equals(unit.kernel))
    return isAllowed && unit.memoryPagesMax <= setup.memoryPagesMax ? unit : undefined
  } catch (error) {
    if (error instanceof ShapeError) return undefined
    throw error
  }
}

/** A coordinator answered a lease request. */
export function onRequestAnswer(turn: Turn, exchange: string, answer: LeaseAnswer): void {
  const owner = ownerOf(turn, exchange)
  if (owner === undefined) return
  if (
    !equals(answer.said.signer, owner.key) ||
    answer.kind === 'directive' ||
    answer.kind === 'witnessing'
  ) {
    onRequestUnanswered(turn, exchange)
    return
  }
  owner.exchange = undefined
  owner.failures = 0
  owner.mustWait = false
  if (answer.kind === 'refusal') {
    const { reason, retryAfterMs } = answer.said.body
    owner.request = undefined
    owner.askAtMs = turn.atMs + Math.max(1, retryAfterMs)
    owner.mustWait = !HOPEFUL.has(reason)
    note(turn, 'lease.refused', { reason, retryAfterMs })
    return
  }
  const grant = answer.said.body
  const unit = unitFor(turn, owner, grant)
  owner.request = undefined
  if (unit === undefined) {
    owner.askAtMs = turn.atMs + turn.state.timers.retryMs
    note(turn, 'lease.refused', { reason: 'not-for-us', retryAfterMs: turn.state.timers.retryMs })
    return
  }
  record(turn, { kind: 'leased', lease: grant.lease, grant: answer.said.envelope })
  const work = turn.state.durable.works.get(toHex(grant.lease))
  if (work === undefined) throw new Error('defect: a lease that was recorded is not there')
  note(turn, 'lease.taken', { lease: work.lease, fuelMax: unit.fuelMax })
  takeUp(turn, work)
}

/** No answer to a lease request: the same request is repeated, later each time. */
export function onRequestUnanswered(turn: Turn, exchange: string): void {
  const owner = ownerOf(turn, exchange)
  if (owner === undefined) return
  owner.exchange = undefined
  owner.failures += 1
  owner.mustWait = true
  owner.askAtMs = turn.atMs + backoffMs(turn.state.timers.resendMs, owner.failures)
  note(turn, 'owner.unreachable', { owner: toHex(owner.key), failures: owner.failures })
}

/** Leaves a coordinator alone for a while, after a unit of its could not be computed. */
export function restFrom(turn: Turn, owner: Uint8Array): void {
  const known = turn.state.live.owners.get(toHex(owner))
  if (known === undefined) return
  known.askAtMs = Math.max(known.askAtMs, turn.atMs + turn.state.timers.retryMs)
  known.mustWait = true
}
