/**
 * Checks by running: before a verdict is spoken, segments of the revealed results are executed
 * again. Which ones is drawn once the commit set is closed; where two results differ, the first
 * segment in which they do decides which of them is wrong, 1 : 1 included.
 */
import type { CID } from 'multiformats/cid'
import type { UnitResult } from '../../protocol/result.ts'
import { firstDifference, stateBefore } from '../../protocol/trace.ts'
import type { CoordinatorEvent } from '../event.ts'
import { checkedOf } from '../replicas.ts'
import { unitOf } from '../slots.ts'
import { isOver, type PlanState, type Replica, type SlotState, slotKey } from '../state.ts'
import { act, askAgain, mayAsk, note, record, type Turn } from '../turn.ts'
import { convictReplica } from './conviction.ts'
import { hasOutlasted } from './elders.ts'
import { contradictionOf, executionKey } from './executions.ts'
import { isEstablished, standingOfOperator } from './reputation.ts'

/** Prefix of the audits of our own slots. */
const OWN_AUDIT = 'own:'
/** Segments of a result that are run again (PROTOCOL §3), and of a newcomer's. */
const SEGMENTS_AUDITED = 1
const SEGMENTS_AUDITED_NEW = 2
/** Share of results whose segments are all run again. */
const FULL_AUDIT_SHARE = 0.005

/**
 * Segments to be run again of results whose commit set closes now, ascending: all of them now and
 * then, and where newcomers are alone because no elder came.
 */
export function drawSegments(
  turn: Turn,
  slot: SlotState,
  segmentCount: number,
  replicas: readonly Replica[]
): number[] {
  const { rules } = turn.state
  const all = Array.from({ length: segmentCount }, (_, segment) => segment)
  const isFull = turn.random() < FULL_AUDIT_SHARE || hasOutlasted(turn, slot)
  if (rules.fullAudit && isFull) return all
  if (!rules.audit) return []
  const isNew = replicas.some(
    ({ operator }) => !isEstablished(standingOfOperator(turn.state, operator))
  )
  const count = Math.min(isNew ? SEGMENTS_AUDITED_NEW : SEGMENTS_AUDITED, segmentCount)
  const drawn = new Set<number>()
  while (drawn.size < count) drawn.add(Math.floor(turn.random() * segmentCount))
  return [...drawn].sort((a, b) => a - b)
}

/** A revealed result under scrutiny. */
interface Case {
  readonly replica: Replica
  readonly result: UnitResult
}

interface Wanted {
  readonly segment: number
  readonly before: CID
  /** Those who claim to have been in that state. */
  readonly cases: readonly Case[]
  readonly isDispute: boolean
}

/** Results of the checked replicas; undefined while one has to be read again (after a restart). */
function casesOf(turn: Turn, slot: SlotState): Case[] | undefined {
  const cases: Case[] = []
  for (const replica of checkedOf(slot)) {
    const result = turn.state.live.results.get(replica.lease)
    if (result === undefined) return undefined
    cases.push({ replica, result })
  }
  return cases
}

/** Convicts everybody whose trace one of our runs contradicts. @returns who is left */
function convictLiars(turn: Turn, plan: PlanState, slot: SlotState, cases: Case[]): Case[] {
  const { input } = slot
  if (input === undefined) throw new Error('defect: a slot without input has results')
  return cases.filter(({ replica, result }) => {
    const execution = contradictionOf(result, input.state, slot.executions)
    if (execution === undefined) return true
    convictReplica(turn, { plan, slot, replica }, result, execution)
    return false
  })
}

/** First differences of results that disagree: one run of each tells who lied. */
function disputesOf(input: CID, cases: readonly Case[]): Wanted[] {
  const [first, ...others] = cases
  if (first === undefined) return []
  return others.flatMap((other) => {
    const segment = firstDifference(first.result, other.result)
    if (segment === undefined) return []
    const before = stateBefore(first.result, input, segment)
    return [{ segment, before, cases: [first, other], isDispute: true }]
  })
}

/** Audits drawn for each of them. */
const auditsOf = (input: CID, cases: readonly Case[]): Wanted[] =>
  cases.flatMap((one) =>
    // What a verdict stood on was audited then.
    (one.replica.isCounted ? [] : (one.replica.auditSegments ?? [])).map((segment) => ({
      segment,
      before: stateBefore(one.result, input, segment),
      cases: [one],
      isDispute: false
    }))
  )

/** Asks for a run of a segment; its holders are told to have the state before it at hand. */
function ask(turn: Turn, plan: PlanState, slot: SlotState, wanted: Wanted): void {
  const { segment, before, cases, isDispute } = wanted
  const { fetchMs, leaseMaxMs } = turn.state.timers
  const audit = `${OWN_AUDIT}${plan.cid} ${slotKey(slot.place)} ${executionKey(segment, before)}`
  if (isDispute) {
    for (const { replica } of cases) turn.state.live.openings.set(replica.lease, segment)
  }
  if (slot.input === undefined || !mayAsk(turn, audit, leaseMaxMs)) return
  act(turn, {
    kind: 'audit',
    audit,
    unit: unitOf(plan.body, slot.place, slot.input),
    segment,
    state: before,
    peers: cases.map(({ replica }) => replica.peer),
    withinMs: fetchMs
  })
}

/**
 * Runs what has to be run before a verdict, and convicts who is shown to be wrong.
 * @returns is everything known that a verdict needs?
 */
export function isAudited(turn: Turn, plan: PlanState, slot: SlotState): boolean {
  const { input } = slot
  const all = casesOf(turn, slot)
  if (input === undefined || all === undefined) return false
  const cases = convictLiars(turn, plan, slot, all)
  const { rules } = turn.state
  const wanted = [
    ...(rules.dispute ? disputesOf(input.state, cases) : []),
    ...auditsOf(input.state, cases)
  ].filter(({ segment, before }) => !slot.executions.has(executionKey(segment, before)))
  for (const one of together(wanted)) ask(turn, plan, slot, one)
  return wanted.length === 0
}

/** One run serves all who claim its state, and whoever of them is there may open it. */
function together(wanted: readonly Wanted[]): Iterable<Wanted> {
  const runs = new Map<string, Wanted>()
  for (const one of wanted) {
    const key = executionKey(one.segment, one.before)
    const known = runs.get(key)
    runs.set(
      key,
      known === undefined
        ? one
        : {
            ...one,
            cases: [...new Set([...known.cases, ...one.cases])],
            isDispute: known.isDispute || one.isDispute
          }
    )
  }
  return runs.values()
}

interface Place {
  readonly plan: PlanState
  readonly slot: SlotState
  readonly segment: number
  readonly before: string
}

function placeOf(turn: Turn, audit: string): Place | undefined {
  const [cid = '', key = '', segment = '', before = ''] = audit.slice(OWN_AUDIT.length).split(' ')
  const plan = turn.state.durable.plans.get(cid)
  const slot = plan?.slots.get(key)
  if (plan === undefined || slot === undefined) return undefined
  return { plan, slot, segment: Number(segment), before }
}

/** Whose results hang on a run that could not be made: they did not open what they claim. */
const claimantsOf = (turn: Turn, { slot, segment, before }: Place): Replica[] =>
  checkedOf(slot).filter((replica) => {
    const result = turn.state.live.results.get(replica.lease)
    if (result === undefined || slot.input === undefined) return false
    const isAsked =
      replica.auditSegments?.includes(segment) === true ||
      turn.state.live.openings.get(replica.lease) === segment
    // Of whom a verdict stood on nobody expects a state any more.
    return (
      isAsked &&
      replica.isCounted === undefined &&
      `${stateBefore(result, slot.input.state, segment)}` === before
    )
  })

/**
 * A segment of one of our slots was run, or could not be.
 * @returns the slot to look at again, its audit being ours
 */
export function onOwnAudited(
  turn: Turn,
  event: Extract<CoordinatorEvent, { kind: 'audited' | 'audit-failed' }>,
  fault: (replica: Replica, plan: PlanState, slot: SlotState) => void
): { plan: PlanState; slot: SlotState } | undefined {
  if (!event.audit.startsWith(OWN_AUDIT)) return undefined
  const place = placeOf(turn, event.audit)
  if (place === undefined) return undefined
  const { plan, slot, segment } = place
  if (event.kind === 'audited') {
    turn.state.live.asked.delete(event.audit)
    const before = claimedState(turn, place)
    if (before === undefined || slot.executions.has(executionKey(segment, before))) return place
    const { state, outputs } = event
    const about = { plan: plan.cid, slot: slot.place }
    record(turn, { kind: 'segment-executed', ...about, segment, before, state, outputs })
    return place
  }
  note(turn, 'audit.failed', { slot: slotKey(slot.place), segment, reason: event.fault })
  if (event.fault === 'failed') {
    askAgain(turn, event.audit)
    return place
  }
  turn.state.live.asked.delete(event.audit)
  for (const replica of claimantsOf(turn, place)) fault(replica, plan, slot)
  return place
}

/** Audits of ours that failed here and may be tried again now. */
export function auditsDue(turn: Turn): readonly { plan: PlanState; slot: SlotState }[] {
  const due: { plan: PlanState; slot: SlotState }[] = []
  for (const [name, { retryAtMs }] of turn.state.live.asked) {
    if (retryAtMs > turn.atMs || !name.startsWith(OWN_AUDIT)) continue
    const place = placeOf(turn, name)
    if (place === undefined || isOver(place.slot)) turn.state.live.asked.delete(name)
    else due.push(place)
  }
  return due
}

/** The state of an audit as the traces claim it. */
function claimedState(turn: Turn, { slot, segment, before }: Place): CID | undefined {
  if (slot.input === undefined) return undefined
  if (`${slot.input.state}` === before) return slot.input.state
  for (const { lease } of slot.replicas.values()) {
    const result = turn.state.live.results.get(lease)
    const state = segment === 0 ? undefined : result?.states[segment - 1]
    if (state !== undefined && `${state}` === before) return state
  }
  return undefined
}

/** What a volunteer is asked to have at hand: the states before these segments. */
export const openingsOf = (turn: Turn, replica: Replica): readonly number[] => {
  const disputed = turn.state.live.openings.get(replica.lease)
  if (disputed !== undefined) return [disputed]
  return replica.phase === 'asked' ? (replica.auditSegments ?? []) : []
}

/** Forgets what was only needed to decide a slot. */
export function forgetResults(turn: Turn, slot: SlotState): void {
  for (const { lease } of slot.replicas.values()) {
    turn.state.live.openings.delete(lease)
    turn.state.live.results.delete(lease)
  }
}
