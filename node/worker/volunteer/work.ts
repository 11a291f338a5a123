/**
 * One lease from grant to receipt: compute, commit, wait, reveal when directed, keep the verdict.
 * Every message about it is idempotent, so it is repeated until the owner answers.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import type { CID } from 'multiformats/cid'
import { concat } from 'uint8arrays/concat'
import { equals } from 'uint8arrays/equals'
import { cborCid } from '../../../protocol/canonical.ts'
import { commitDigest } from '../../../protocol/commit-digest.ts'
import { fromHex, toHex } from '../../../protocol/hex.ts'
import type { LeaseAnswer } from '../../../protocol/inbound.ts'
import type { Directive, Release } from '../../../protocol/message/lease.ts'
import type { Reveal } from '../../../protocol/message/result.ts'
import { ShapeError } from '../../../protocol/shape.ts'
import { bodyOf } from '../../../protocol/signed.ts'
import type { VolunteerEvent } from './event.ts'
import type { Outcome } from './record.ts'
import type { Finished, Talk, Work } from './state.ts'
import { act, ask, backoffMs, note, record, type Turn } from './turn.ts'
import { askWitness, onWitnessAnswer, wantsWitness } from './witness.ts'

/**
 * A message is said again every heartbeat, answered or not, so that one slow answer is not taken
 * for silence; at most so many answers are awaited.
 *
 */
const OUTSTANDING_MAX = 3

/** What we found of a unit under another lease: its owner may be silent, or lost. */
function resultOf(turn: Turn, unit: CID): Finished | undefined {
  const { works, finished } = turn.state.durable
  for (const { grant, computed } of works.values()) {
    if (computed !== undefined && cborCid(grant.unit).equals(unit)) return computed
  }
  return finished.get(unit.toString())
}

/** Starts or restarts the talk about a lease, and the run where the result is not there yet. */
export function takeUp(turn: Turn, work: Work): void {
  const { grant, unit, lease, computed } = work
  turn.state.live.talks.set(lease, {
    outstanding: 0,
    dueAtMs: computed === undefined ? turn.atMs + grant.heartbeatMs : turn.atMs,
    stage: computed === undefined ? 'computing' : 'committing',
    particleStepsDone: 0,
    opened: new Set(),
    isOpening: false,
    failures: 0,
    witnessesTried: 0,
    answeredAtMs: turn.atMs
  })
  if (computed !== undefined) return
  const known = resultOf(turn, cborCid(grant.unit))
  if (known === undefined) act(turn, { kind: 'compute', lease, unit, sources: grant.sources })
  else seal(turn, work, known)
}

/** The lease is over for us, whatever way. */
export function end(
  turn: Turn,
  work: Work,
  outcome: Outcome,
  evidence: Pick<Directive, 'verdict' | 'receipt'> = {}
): void {
  const { lease, computed } = work
  const id = fromHex(lease)
  const entry = { kind: 'ended' as const, lease: id, outcome, atMs: turn.atMs }
  record(turn, { ...entry, ...evidence })
  turn.state.live.talks.delete(lease)
  if (computed === undefined) act(turn, { kind: 'cancel', lease })
  else act(turn, { kind: 'forget', lease, result: computed.result })
  if (outcome === 'verified') note(turn, 'unit.verified', { lease })
  else if (outcome === 'dissenting') note(turn, 'unit.rejected', { lease })
  else note(turn, 'lease.lost', { lease, outcome })
}

/** The reveal of a computed unit; its commit is the hash of it. */
function revealOf(turn: Turn, { grant, computed }: Work): Reveal {
  if (computed === undefined) throw new Error('defect: nothing to reveal')
  const { operator, key } = turn.state.setup
  return {
    kind: 'reveal',
    lease: grant.lease,
    unit: cborCid(grant.unit),
    attempt: grant.attempt,
    operator,
    peer: key,
    ...computed
  }
}

const digestOf = (turn: Turn, work: Work): Uint8Array => commitDigest(revealOf(turn, work))

/** Says what is due about a lease: a commit, a reveal, or a heartbeat. */
function speak(turn: Turn, work: Work, talk: Talk): void {
  const { keyring } = turn
  const { grant, owner } = work
  const about = work.lease
  talk.outstanding += 1
  talk.dueAtMs = turn.atMs + grant.heartbeatMs
  if (talk.stage === 'committing' && wantsWitness(work)) {
    askWitness(turn, work, talk, digestOf(turn, work))
  } else if (talk.stage === 'committing') {
    const { lease, unit, attempt, operator, peer } = revealOf(turn, work)
    const digest = digestOf(turn, work)
    const body = { lease, unit, attempt, operator, peer, digest, atMs: turn.atMs }
    const { witness } = work
    const sealed = witness === undefined ? body : { ...body, witness }
    ask(turn, owner, about, 'result', keyring.sign('commit', { kind: 'commit', ...sealed }))
  } else if (talk.stage === 'revealing') {
    ask(turn, owner, about, 'result', keyring.sign('reveal', revealOf(turn, work)))
  } else {
    const { particleStepsDone } = talk
    const body = { lease: grant.lease, particleStepsDone, atMs: turn.atMs }
    const envelope = keyring.sign('heartbeat', { kind: 'heartbeat', ...body })
    ask(turn, owner, about, 'lease', envelope)
  }
}

/** Speaks about every lease that is due; gives up owners that were silent for a whole leaseMax. */
export function speakWhereDue(turn: Turn): void {
  const { durable, live, timers } = turn.state
  for (const work of durable.works.values()) {
    const talk = live.talks.get(work.lease)
    if (talk === undefined) continue
    if (turn.atMs - talk.answeredAtMs > timers.leaseMaxMs) end(turn, work, 'lost')
    else if (talk.dueAtMs <= turn.atMs && talk.outstanding < OUTSTANDING_MAX)
      speak(turn, work, talk)
  }
}

export function onComputed(turn: Turn, event: Extract<VolunteerEvent, { kind: 'computed' }>): void {
  const { durable, live } = turn.state
  const work = durable.works.get(event.lease)
  const talk = live.talks.get(event.lease)
  if (work === undefined || talk === undefined || work.computed !== undefined) return
  const { fuel, wallMs } = event
  seal(turn, work, event, event.state)
  note(turn, 'unit.computed', { lease: event.lease, fuel, wallMs: Math.round(wallMs) })
  if (fuel > 0 && wallMs > 0) {
    const measured = (fuel / wallMs) * 1000
    const speed = Math.round((live.particleStepsPerSecond + measured) / 2)
    live.particleStepsPerSecond = Math.min(Math.max(speed, 1), 1e12)
  }
}

/** The result is there: it is to be committed now, with a salt of its own. */
function seal(turn: Turn, work: Work, finished: Finished, state?: CID): void {
  const { result, traceRoot, fuel } = finished
  const talk = turn.state.live.talks.get(work.lease)
  if (talk === undefined) throw new Error('defect: no talk about a lease')
  const { lease } = work.grant
  const salt = sha256(concat([turn.entropy, lease]))
  const reached = state === undefined ? {} : { state }
  record(turn, { kind: 'computed', lease, result, traceRoot, fuel, ...reached, salt })
  talk.stage = 'committing'
  talk.outstanding = 0
  talk.dueAtMs = turn.atMs
  talk.particleStepsDone = fuel
}

/** Gives a lease back; the answer does not matter. */
export function giveBack(turn: Turn, work: Work, reason: Release['reason']): void {
  const body = { kind: 'release' as const, lease: work.grant.lease, reason }
  ask(turn, work.owner, 'release', 'lease', turn.keyring.sign('release', body))
  note(turn, 'unit.failed', { lease: work.lease, reason })
  end(turn, work, 'failed')
}

/** What a signed verdict says about us. */
function outcomeOf(turn: Turn, verdict: Uint8Array | undefined): Outcome {
  if (verdict === undefined) return 'dropped'
  try {
    const { agreeing, dissenting } = bodyOf('verdict', verdict)
    const isUs = ({ peer }: { peer: Uint8Array }): boolean => equals(peer, turn.state.setup.key)
    if (agreeing.some(isUs)) return 'verified'
    return dissenting.some(isUs) ? 'dissenting' : 'dropped'
  } catch (error) {
    if (error instanceof ShapeError) return 'dropped'
    throw error
  }
}

/**
 * The owner wants states on the way to be had: asked for once, and revealed only when they are.
 * @returns is that still under way?
 */
function mustOpen(turn: Turn, work: Work, talk: Talk, segments: readonly number[]): boolean {
  const { computed, lease, unit } = work
  const missing = segments.filter((segment) => !talk.opened.has(segment))
  if (computed === undefined) return false
  if (missing.length > 0) {
    for (const segment of missing) talk.opened.add(segment)
    talk.isOpening = true
    act(turn, { kind: 'open', lease, unit, result: computed.result, segments: missing })
  }
  return talk.isOpening
}

/** They can be had now: the owner may get its reveal. */
export function onOpened(turn: Turn, event: Extract<VolunteerEvent, { kind: 'opened' }>): void {
  const talk = turn.state.live.talks.get(event.lease)
  if (talk === undefined) return
  talk.isOpening = false
  talk.dueAtMs = turn.atMs
}

function obey(turn: Turn, work: Work, talk: Talk, directive: Directive) {
  const { action, verdict, receipt, retryAfterMs, open = [] } = directive
  talk.dueAtMs = turn.atMs + Math.max(1, retryAfterMs)
  switch (action) {
    case 'settled':
      return end(turn, work, outcomeOf(turn, verdict), {
        ...(verdict === undefined ? {} : { verdict }),
        ...(receipt === undefined ? {} : { receipt })
      })
    case 'drop':
      return end(turn, work, 'dropped')
    case 'reveal':
      if (talk.stage === 'revealing' || work.computed === undefined) return
      if (mustOpen(turn, work, talk, open)) return
      talk.stage = 'revealing'
      talk.dueAtMs = turn.atMs
      return
    case 'wait':
      if (talk.stage === 'committing') note(turn, 'commit.accepted', { lease: work.lease })
      if (talk.stage === 'revealing') note(turn, 'reveal.accepted', { lease: work.lease })
      if (talk.stage !== 'computing') talk.stage = 'waiting'
      mustOpen(turn, work, talk, open)
      return
    case 'compute':
      if (work.computed !== undefined) talk.stage = 'committing'
  }
}

const find = (turn: Turn, exchange: string): { work: Work; talk: Talk } | undefined => {
  const [lease = ''] = exchange.split(' ')
  const work = turn.state.durable.works.get(lease)
  const talk = turn.state.live.talks.get(lease)
  return work === undefined || talk === undefined ? undefined : { work, talk }
}

/** A witness answered, or did not. @returns was the exchange with one? */
function onWitness(turn: Turn, exchange: string, answer?: LeaseAnswer): boolean {
  const taken = onWitnessAnswer(turn, exchange, answer, (work) => digestOf(turn, work))
  if (typeof taken === 'object') end(turn, taken.stale, 'lost')
  return taken !== 'elsewhere'
}

/** The owner answered about a lease. @returns was the exchange about one? */
export function onLeaseAnswer(turn: Turn, exchange: string, answer: LeaseAnswer): boolean {
  if (onWitness(turn, exchange, answer)) return true
  const found = find(turn, exchange)
  if (found === undefined) return false
  const { work, talk } = found
  const isFromOwner = equals(answer.said.signer, work.owner)
  if (!isFromOwner || (answer.kind !== 'directive' && answer.kind !== 'refusal'))
    return onLeaseUnanswered(turn, exchange)
  talk.outstanding = Math.max(0, talk.outstanding - 1)
  talk.failures = 0
  talk.answeredAtMs = turn.atMs
  if (answer.kind === 'refusal') {
    end(turn, work, answer.said.body.reason === 'expired' ? 'expired' : 'dropped')
  } else if (equals(answer.said.body.lease, work.grant.lease)) {
    obey(turn, work, talk, answer.said.body)
  } else {
    talk.dueAtMs = turn.atMs + turn.state.timers.heartbeatMs
  }
  return true
}

/** The owner did not wait for our next heartbeat. */
export function onTold(turn: Turn, { said }: Extract<VolunteerEvent, { kind: 'told' }>): void {
  const lease = toHex(said.body.lease)
  const work = turn.state.durable.works.get(lease)
  const talk = turn.state.live.talks.get(lease)
  if (work === undefined || talk === undefined || !equals(said.signer, work.owner)) return
  talk.answeredAtMs = turn.atMs
  obey(turn, work, talk, said.body)
}

/** No answer about a lease: say it again, later each time. @returns was the exchange about one? */
export function onLeaseUnanswered(turn: Turn, exchange: string): boolean {
  if (onWitness(turn, exchange)) return true
  const found = find(turn, exchange)
  if (found === undefined) return false
  const { talk } = found
  talk.outstanding = Math.max(0, talk.outstanding - 1)
  talk.failures += 1
  talk.dueAtMs = turn.atMs + backoffMs(turn.state.timers.resendMs, talk.failures)
  return true
}
