/**
 * The volunteer's work: one event in, effects out. A unit is asked for, computed, sealed, revealed
 * when its owner asks, and done when the signed verdict is kept.
 */
import type { Keyring } from '../../../protocol/signed.ts'
import type { VolunteerEffect } from './effect.ts'
import type { VolunteerEvent } from './event.ts'
import type { VolunteerRecord } from './record.ts'
import {
  askForWork,
  onAnnouncement,
  onRequestAnswer,
  onRequestUnanswered,
  restFrom
} from './request.ts'
import { emptyState, type VolunteerSetup, type VolunteerState } from './state.ts'
import { apply, type Turn } from './turn.ts'
import {
  end,
  giveBack,
  onComputed,
  onLeaseAnswer,
  onLeaseUnanswered,
  onOpened,
  onTold,
  speakWhereDue,
  takeUp
} from './work.ts'

/**
 * What a volunteer does about an event. The state is changed in place and is the one given; the
 * records of the step come as its first effect.
 */
export function step(
  state: VolunteerState,
  event: VolunteerEvent,
  keyring: Keyring
): { state: VolunteerState; effects: readonly VolunteerEffect[] } {
  const { atMs, entropy } = event
  const turn: Turn = { state, keyring, atMs, entropy, records: [], effects: [] }
  decide(turn, event)
  speakWhereDue(turn)
  askForWork(turn)
  const { records, effects } = turn
  return {
    state,
    effects: records.length === 0 ? effects : [{ kind: 'persist', records }, ...effects]
  }
}

/** The state after these records; the next event must be `started`. */
export function replay(setup: VolunteerSetup, records: Iterable<VolunteerRecord>): VolunteerState {
  const state = emptyState(setup)
  for (const entry of records) apply(state, entry)
  return state
}

function decide(turn: Turn, event: VolunteerEvent): void {
  const { live } = turn.state
  switch (event.kind) {
    case 'started':
      onStarted(turn)
      break
    case 'tick':
      break
    case 'announcement':
      onAnnouncement(turn, event)
      break
    case 'answered':
      if (!onLeaseAnswer(turn, event.exchange, event.answer)) {
        onRequestAnswer(turn, event.exchange, event.answer)
      }
      break
    case 'told':
      onTold(turn, event)
      break
    case 'unanswered':
      if (!onLeaseUnanswered(turn, event.exchange)) onRequestUnanswered(turn, event.exchange)
      break
    case 'progress':
      onProgress(turn, event)
      break
    case 'computed':
      onComputed(turn, event)
      break
    case 'compute-failed':
      onComputeFailed(turn, event)
      break
    case 'opened':
      onOpened(turn, event)
      break
    case 'drain':
      live.isDraining = true
      break
    case 'resume':
      live.isDraining = false
      break
    case 'slots':
      live.slots = Math.min(event.count, turn.state.setup.slots)
  }
}

/** What was computed is committed again, what was not is computed if its lease still runs. */
function onStarted(turn: Turn): void {
  for (const work of [...turn.state.durable.works.values()]) {
    if (work.computed === undefined && work.grant.expiresAtMs <= turn.atMs)
      end(turn, work, 'expired')
    else takeUp(turn, work)
  }
}

function onProgress(turn: Turn, event: Extract<VolunteerEvent, { kind: 'progress' }>): void {
  const talk = turn.state.live.talks.get(event.lease)
  if (talk?.stage === 'computing') talk.particleStepsDone = Math.floor(event.particleStepsDone)
}

function onComputeFailed(
  turn: Turn,
  event: Extract<VolunteerEvent, { kind: 'compute-failed' }>
): void {
  const work = turn.state.durable.works.get(event.lease)
  if (work === undefined || work.computed !== undefined) return
  giveBack(turn, work, event.reason)
  restFrom(turn, work.owner)
}
