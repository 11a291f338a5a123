/**
 * One volunteer core with direct hands on it: events in, effects out, records that can be replayed.
 */
import assert from 'node:assert/strict'
import { firstInput, unitOf } from '../../../coordinator/slots.ts'
import type { VolunteerEffect } from '../../../node/worker/volunteer/effect.ts'
import type { VolunteerEvent } from '../../../node/worker/volunteer/event.ts'
import { decodeRecord, encodeRecord } from '../../../node/worker/volunteer/record.ts'
import type { VolunteerSetup, VolunteerState } from '../../../node/worker/volunteer/state.ts'
import { replay, step } from '../../../node/worker/volunteer/step.ts'
import { toBlock } from '../../../protocol/canonical.ts'
import { openLeaseAnswer } from '../../../protocol/inbound.ts'
import type {
  Announcement,
  Directive,
  LeaseGrant,
  RefusalReason
} from '../../../protocol/message/lease.ts'
import type { StatementKind, StatementOf } from '../../../protocol/message.ts'
import { bodyOf, claimedKind, openStatement } from '../../../protocol/signed.ts'
import { KERNEL, smallPlan } from '../../fixtures/plans/small-plan.ts'
import { runUnit } from '../../sim/nodes/kernel.ts'
import { cheapCurve } from '../../sim/world/cheap-curve.ts'
import { federationOf, keys, NOW } from '../coordinator/harness.ts'

type Bare<E> = E extends unknown ? Omit<E, 'atMs' | 'entropy'> : never
const FEDERATION = federationOf(['alpha', 'beta']).body
export const PLAN = smallPlan()
export const SLOT = { member: 0, block: 0, window: 0 }
export const UNIT = unitOf(PLAN, SLOT, firstInput(PLAN, SLOT))
export const RETRY_MS = 60_000
export const HEARTBEAT_MS = 30_000

const SETUP: VolunteerSetup = {
  federation: FEDERATION,
  key: keys('peer').key,
  operator: keys('operator').key,
  binding: keys('operator').sign('binding', {
    kind: 'binding',
    operator: keys('operator').key,
    peer: keys('peer').key,
    expiresAtMs: NOW * 2
  }),
  slots: 1,
  coreCount: 1,
  memoryPagesMax: 16_384,
  kernels: [KERNEL],
  particleStepsPerSecond: 1000
}

export class Worker {
  readonly records: Uint8Array[] = []
  readonly setup: VolunteerSetup
  effects: readonly VolunteerEffect[] = []
  state: VolunteerState
  atMs = NOW
  #leases = 0
  #events = 0

  constructor(setup: Partial<VolunteerSetup> = {}) {
    this.setup = { ...SETUP, ...setup }
    this.state = replay(this.setup, [])
    this.handle({ kind: 'started' })
  }

  handle(event: Bare<VolunteerEvent>): void {
    this.#events += 1
    const entropy = new Uint8Array(32).fill(this.#events)
    const occasion = { atMs: this.atMs, entropy }
    const { effects } = step(this.state, { ...event, ...occasion } as VolunteerEvent, keys('peer'))
    this.effects = effects
    for (const effect of effects) {
      if (effect.kind === 'persist') this.records.push(...effect.records.map(encodeRecord))
    }
  }

  tick(afterMs: number): void {
    this.atMs += afterMs
    this.handle({ kind: 'tick' })
  }

  restart(): void {
    this.state = replay(this.setup, this.records.map(decodeRecord))
    this.handle({ kind: 'started' })
  }

  of<K extends VolunteerEffect['kind']>(kind: K): Extract<VolunteerEffect, { kind: K }>[] {
    return this.effects.filter((effect) => effect.kind === kind) as Extract<
      VolunteerEffect,
      { kind: K }
    >[]
  }

  /** Kinds of the statements sent by the last event. */
  get said(): string[] {
    return this.of('ask').map(({ envelope }) => claimedKind(envelope))
  }

  announce(owner = 'alpha'): void {
    this.hear({}, owner)
    this.tick(RETRY_MS / 8)
  }

  /** News of open units, and no time goes by. */
  hear(change: Partial<Announcement>, owner = 'alpha'): void {
    const envelope = keys(owner).sign('announcement', {
      kind: 'announcement',
      plan: KERNEL,
      openCount: 1,
      kernel: KERNEL,
      forcing: KERNEL,
      unitFuelMax: 1,
      memoryPagesMax: 1,
      priority: 0,
      deadlineAtMs: NOW * 2,
      atMs: this.atMs,
      nonce: 1,
      ...change
    })
    this.handle({
      kind: 'announcement',
      said: openStatement('announcement', 'unit', envelope, cheapCurve)
    })
  }

  /** Answers the last question. */
  answer<K extends StatementKind>(kind: K, body: StatementOf<K>, signer = 'alpha'): void {
    const [ask] = this.of('ask')
    assert.ok(ask, 'nothing was asked')
    const answer = openLeaseAnswer('unit', keys(signer).sign(kind, body), cheapCurve)
    this.handle({ kind: 'answered', exchange: ask.exchange, answer })
  }

  refuse(reason: RefusalReason, retryAfterMs = RETRY_MS): void {
    this.answer('refusal', { kind: 'refusal', reason, retryAfterMs })
  }

  /** Grants what the last lease request asked for. */
  grant(change: Partial<LeaseGrant> = {}, signer = 'alpha'): LeaseGrant {
    const [ask] = this.of('ask')
    assert.equal(ask && claimedKind(ask.envelope), 'lease-request')
    this.#leases += 1
    const grant: LeaseGrant = {
      kind: 'lease-grant',
      request: bodyOf('lease-request', ask?.envelope ?? assert.fail()).request,
      lease: new Uint8Array(32).fill(this.#leases),
      slot: { plan: KERNEL, ...SLOT },
      attempt: 0,
      term: 0,
      unit: toBlock(UNIT).bytes,
      operator: this.setup.operator,
      peer: this.setup.key,
      grantedAtMs: this.atMs,
      expiresAtMs: this.atMs + 900_000,
      heartbeatMs: HEARTBEAT_MS,
      sources: [],
      witnesses: [],
      ...change
    }
    this.answer('lease-grant', grant, signer)
    return grant
  }

  direct(action: Directive['action'], { lease }: LeaseGrant, verdict?: Uint8Array): void {
    const body = {
      kind: 'directive' as const,
      lease,
      action,
      expiresAtMs: NOW,
      retryAfterMs: HEARTBEAT_MS
    }
    this.answer('directive', verdict === undefined ? body : { ...body, verdict })
  }

  /** Ends the run that was asked for last. */
  computed(): void {
    const [compute] = this.of('compute')
    assert.ok(compute, 'nothing is computed')
    const { cid, result } = runUnit(compute.unit)
    const { traceRoot, fuel, states } = result
    this.handle({
      kind: 'computed',
      lease: compute.lease,
      result: cid,
      state: states.at(-1),
      traceRoot,
      fuel,
      wallMs: 1000
    })
  }
}

export const working = (): { worker: Worker; grant: LeaseGrant } => {
  const worker = new Worker()
  worker.announce()
  return { worker, grant: worker.grant() }
}
