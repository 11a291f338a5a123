/**
 * One coordinator core with direct hands on it: events in, effects out, a ledger that can be
 * replayed.
 */
import assert from 'node:assert/strict'
import { equals } from 'uint8arrays/equals'
import type { CoordinatorEffect } from '../../../coordinator/effect.ts'
import type { CoordinatorEvent, Occasion } from '../../../coordinator/event.ts'
import { decodeFact, encodeFact } from '../../../coordinator/fact.ts'
import type { Rules } from '../../../coordinator/rules.ts'
import type { CoordinatorState } from '../../../coordinator/state.ts'
import { replay, step } from '../../../coordinator/step.ts'
import { signaturesNeeded } from '../../../node/service/federation-file.ts'
import { cborCid, decode, toBlock } from '../../../protocol/canonical.ts'
import { commitDigest } from '../../../protocol/commit-digest.ts'
import { DEFAULT_TIMERS, type Federation } from '../../../protocol/federation.ts'
import { openInbound, openLeaseAnswer } from '../../../protocol/inbound.ts'
import type {
  Directive,
  LeaseGrant,
  LeaseRequest,
  Refusal
} from '../../../protocol/message/lease.ts'
import type { Reveal, Witnessing } from '../../../protocol/message/result.ts'
import type { StatementKind, StatementOf } from '../../../protocol/message.ts'
import type { Plan } from '../../../protocol/plan.ts'
import { bodyOf, keyringOf, openStatement } from '../../../protocol/signed.ts'
import { type WorkUnit, workUnit } from '../../../protocol/work-unit.ts'
import { KERNEL } from '../../fixtures/plans/small-plan.ts'
import { checkReplay } from '../../sim/checks/invariants.ts'
import { runUnit } from '../../sim/nodes/kernel.ts'
import { cheapCurve } from '../../sim/world/cheap-curve.ts'

export const NOW = 1_700_000_000_000
type Bare<E> = E extends unknown ? Omit<E, keyof Occasion> : never
export type BareEvent = Bare<CoordinatorEvent>

export const keys = (name: string) =>
  keyringOf(
    Uint8Array.from({ length: 32 }, (_, index) => name.charCodeAt(index % name.length)),
    'unit',
    cheapCurve
  )

/** A federation of these coordinators, timers unscaled. */
export function federationOf(names: readonly string[]) {
  const manifest: Federation = {
    kind: 'federation',
    network: 'unit',
    epoch: 1,
    coordinators: names.map((name) => ({ key: keys(name).key, institution: name, addresses: [] })),
    signaturesNeeded: signaturesNeeded(names.length),
    kernels: [KERNEL],
    roots: [new Uint8Array(32)],
    rootsNeeded: 1,
    admissionBits: 0,
    timers: DEFAULT_TIMERS,
    timeScale: 1
  }
  const envelope = keys('root').sign('federation', manifest)
  return openStatement('federation', 'unit', envelope, cheapCurve)
}

/** What a volunteer is told. */
export type Answer = LeaseGrant | Refusal | Directive | Witnessing

/** Bytes that no other number gives, also after many. */
function unlike(token: number): Uint8Array {
  const bytes = new Uint8Array(32).fill(token % 251)
  new DataView(bytes.buffer).setUint32(28, token)
  return bytes
}

export class Desk {
  readonly name: string
  readonly names: readonly string[]
  readonly ledger: Uint8Array[] = []
  effects: CoordinatorEffect[] = []
  state: CoordinatorState
  atMs = NOW
  /** Audits are answered at once with what an honest run gives; else by the test. */
  answersAudits = true
  /** Sees the effects of every event. */
  after?: (effects: readonly CoordinatorEffect[]) => void
  #tokens = 0

  constructor(name = 'alpha', names: readonly string[] = [name], rules: Partial<Rules> = {}) {
    this.name = name
    this.names = names
    this.state = replay({ federation: federationOf(names), key: keys(name).key, rules }, [])
    this.handle({ kind: 'started', addresses: [] })
  }

  /** One event; its effects are kept until the next. */
  handle(event: BareEvent): CoordinatorEffect[] {
    this.#tokens += 1
    const entropy = unlike(this.#tokens)
    const occasion = { atMs: this.atMs, entropy }
    const { effects } = step(
      this.state,
      { ...event, ...occasion } as CoordinatorEvent,
      keys(this.name)
    )
    for (const effect of effects) {
      if (effect.kind === 'append') this.ledger.push(...effect.facts.map(encodeFact))
    }
    this.effects = [...effects]
    for (const { audit, unit, segment } of this.answersAudits ? this.of('audit') : []) {
      const before = this.effects
      this.effects = [
        ...before,
        ...this.handle({ kind: 'audited', audit, ...ranOf(unit, segment) })
      ]
    }
    this.after?.(this.effects)
    return this.effects
  }

  tick(afterMs = 0): CoordinatorEffect[] {
    this.atMs += afterMs
    return this.handle({ kind: 'tick' })
  }

  /** Kills it between two events: what the ledger gives must be what it knew. */
  restart(): CoordinatorEffect[] {
    checkReplay(this.state, this.ledger.map(decodeFact))
    this.state = replay(this.state.setup, this.ledger.map(decodeFact))
    return this.handle({ kind: 'started', addresses: [] })
  }

  submit(plan: Plan): void {
    const { cid } = toBlock(plan)
    const [refused] = this.handle({ kind: 'plan-submitted', plan, cid, replyTo: 'api' }).flatMap(
      (effect) => (effect.kind === 'submitted' ? [effect.refused] : [])
    )
    assert.equal(refused, undefined)
  }

  of<K extends CoordinatorEffect['kind']>(kind: K): Extract<CoordinatorEffect, { kind: K }>[] {
    return this.effects.filter((effect) => effect.kind === kind) as Extract<
      CoordinatorEffect,
      { kind: K }
    >[]
  }

  /** Sends a statement and returns the envelope of the one reply. */
  raw<K extends StatementKind>(from: string, kind: K, body: StatementOf<K>): Uint8Array {
    const inbound = openInbound('unit', keys(from).sign(kind, body), cheapCurve)
    assert.notEqual(inbound.kind, 'plan-proposal')
    this.handle({ ...inbound, replyTo: 'stream' } as BareEvent)
    const replies = this.of('reply')
    assert.equal(replies.length, 1, `${replies.length} replies to ${kind}`)
    return replies[0]?.envelope ?? assert.fail()
  }

  say<K extends StatementKind>(from: string, kind: K, body: StatementOf<K>): Answer {
    return openLeaseAnswer('unit', this.raw(from, kind, body), cheapCurve).said.body
  }

  /** A lease request of peer `peer` for operator `operator`. */
  request(peer: string, change: Partial<LeaseRequest> = {}, operator = `op-${peer}`): Answer {
    const binding = keys(operator).sign('binding', {
      kind: 'binding',
      operator: keys(operator).key,
      peer: keys(peer).key,
      expiresAtMs: NOW + 90 * 86_400_000
    })
    this.#tokens += 1
    return this.say(peer, 'lease-request', {
      kind: 'lease-request',
      request: unlike(this.#tokens),
      binding,
      coreCount: 1,
      memoryPagesMax: 16_384,
      particleStepsPerSecond: 1000,
      kernels: [KERNEL],
      cached: [],
      atMs: this.atMs,
      ...change
    })
  }

  grant(peer: string): LeaseGrant {
    const answer = this.request(peer)
    assert.equal(answer.kind, 'lease-grant', JSON.stringify(answer))
    return answer as LeaseGrant
  }

  heartbeat(peer: string, { lease }: LeaseGrant, particleStepsDone = 0): Answer {
    return this.say(peer, 'heartbeat', {
      kind: 'heartbeat',
      lease,
      particleStepsDone,
      atMs: this.atMs
    })
  }

  commit(peer: string, grant: LeaseGrant, lie = ''): Answer {
    const { lease, ...sealed } = revealOf(grant, lie)
    const { unit, attempt, operator } = sealed
    const digest = commitDigest(sealed)
    const body = { lease, unit, attempt, operator, peer: sealed.peer, digest, atMs: this.atMs }
    const witness = this.witness(grant, digest)
    const witnessed = witness === undefined ? body : { ...body, witness }
    return this.say(peer, 'commit', { kind: 'commit', ...witnessed })
  }

  /** What the first witness of a grant signs; undefined where it names none. */
  witness(grant: LeaseGrant, digest: Uint8Array): Uint8Array | undefined {
    const [first] = grant.witnesses
    const name = this.names.find((known) => first && equals(keys(known).key, first.peer))
    if (name === undefined) return undefined
    const { lease, operator, peer, lotterySeal } = grant
    return keys(name).sign('witnessing', {
      kind: 'witnessing',
      lease,
      unit: cborCid(grant.unit),
      operator,
      peer,
      digest,
      owner: keys(this.name).key,
      atMs: this.atMs,
      nonce: new Uint8Array(32),
      ...(lotterySeal === undefined ? {} : { lotterySeal })
    })
  }

  reveal(peer: string, grant: LeaseGrant, lie = ''): Answer {
    return this.say(peer, 'reveal', revealOf(grant, lie))
  }

  /** Ends the fetch of the last reveal with the blocks of that result. */
  fetched(grant: LeaseGrant, lie = ''): void {
    const [asked] = this.of('fetch')
    assert.ok(asked, 'no fetch was asked for')
    const { result } = runUnit(decode(workUnit, grant.unit), lie)
    this.handle({ kind: 'fetched', fetch: asked.fetch, result })
  }
}

/** What an honest run of a segment gives. */
export function ranOf(unit: WorkUnit, segment: number) {
  const { states, segments } = runUnit(unit).result
  return { state: states[segment] ?? unit.state, outputs: segments[segment] ?? [] }
}

export function revealOf(grant: LeaseGrant, lie = ''): Reveal {
  const { cid, result } = runUnit(decode(workUnit, grant.unit), lie)
  return {
    kind: 'reveal',
    lease: grant.lease,
    unit: toBlock(decode(workUnit, grant.unit)).cid,
    attempt: grant.attempt,
    operator: grant.operator,
    peer: grant.peer,
    result: cid,
    traceRoot: result.traceRoot,
    fuel: result.fuel,
    salt: new Uint8Array(32).fill(3)
  }
}

export const actionOf = (answer: Answer): string =>
  answer.kind === 'directive' ? answer.action : answer.kind === 'refusal' ? answer.reason : 'grant'

/** Two honest replicas of the one open slot, to the verdict. */
export function settle(desk: Desk, one: string, two: string): Uint8Array {
  const grants = [desk.grant(one), desk.grant(two)] as const
  desk.commit(one, grants[0])
  desk.commit(two, grants[1])
  for (const [peer, grant] of [
    [one, grants[0]],
    [two, grants[1]]
  ] as const) {
    desk.reveal(peer, grant)
    desk.fetched(grant)
  }
  const answer = desk.heartbeat(one, grants[0])
  assert.equal(actionOf(answer), 'settled')
  return (answer as Directive).verdict ?? assert.fail('settled without a verdict')
}

export const verdictOf = (envelope: Uint8Array) => bodyOf('verdict', envelope)

/** A slot that Ann and somebody else hold, with both grants. */
export function shared(desk: Desk, grants: readonly LeaseGrant[]): [string, LeaseGrant][] {
  for (let index = 0; ; index += 1) {
    const peer = `bob-${index}`
    const grant = desk.grant(peer)
    const own = grants.find(({ slot }) => slot.block === grant.slot.block)
    if (own !== undefined)
      return [
        ['ann', own],
        [peer, grant]
      ]
  }
}
