/** The volunteer core rule by rule: asking, computing, sealing, revealing, forgetting, restarting. */
import assert from 'node:assert/strict'
import { firstInput, unitOf } from '../../../coordinator/slots.ts'
import type { VolunteerEffect } from '../../../node/worker/volunteer/effect.ts'
import type { VolunteerEvent } from '../../../node/worker/volunteer/event.ts'
import { decodeRecord, encodeRecord } from '../../../node/worker/volunteer/record.ts'
import {
  summaryOf,
  type VolunteerSetup,
  type VolunteerState
} from '../../../node/worker/volunteer/state.ts'
import { replay, step } from '../../../node/worker/volunteer/step.ts'
import { decode, toBlock } from '../../../protocol/canonical.ts'
import { commitDigest } from '../../../protocol/commit-digest.ts'
import { openLeaseAnswer } from '../../../protocol/inbound.ts'
import type {
  Directive,
  LeaseGrant,
  RefusalReason,
  StatementKind,
  StatementOf
} from '../../../protocol/message.ts'
import { bodyOf, claimedKind, openStatement } from '../../../protocol/signed.ts'
import { workUnit } from '../../../protocol/work-unit.ts'
import { KERNEL, smallPlan } from '../../fixtures/plans/small-plan.ts'
import { cheapCurve } from '../../sim/cheap-curve.ts'
import { runUnit } from '../../sim/kernel.ts'
import { federationOf, keys, NOW } from '../coordinator/harness.ts'

type Bare<E> = E extends unknown ? Omit<E, 'atMs' | 'entropy'> : never
const FEDERATION = federationOf(['alpha', 'beta']).body
const PLAN = smallPlan()
const SLOT = { member: 0, block: 0, window: 0 }
const UNIT = unitOf(PLAN, SLOT, firstInput(PLAN, SLOT))
const RETRY_MS = 60_000
const HEARTBEAT_MS = 30_000

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

class Worker {
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
      nonce: 1
    })
    this.handle({
      kind: 'announcement',
      said: openStatement('announcement', 'unit', envelope, cheapCurve)
    })
    this.tick(RETRY_MS / 8)
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
  grant(change: Partial<LeaseGrant> = {}): LeaseGrant {
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
      ...change
    }
    this.answer('lease-grant', grant)
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
    const { traceRoot, fuel } = result
    this.handle({
      kind: 'computed',
      lease: compute.lease,
      result: cid,
      traceRoot,
      fuel,
      wallMs: 1000
    })
  }
}

const working = (): { worker: Worker; grant: LeaseGrant } => {
  const worker = new Worker()
  worker.announce()
  return { worker, grant: worker.grant() }
}

describe('volunteer: asking', () => {
  it('asks nobody before it heard of open units', () => {
    const worker = new Worker()
    worker.tick(RETRY_MS)
    assert.deepEqual(worker.said, [])
  })

  it('asks again when it was told to, and not before', () => {
    const worker = new Worker()
    worker.announce()
    worker.refuse('quota', 100_000)
    worker.announce()
    assert.deepEqual(worker.said, [])
    worker.tick(92_500)
    assert.deepEqual(worker.said, ['lease-request'])
  })

  it('news of open units shortens the wait only after "nothing open"', () => {
    const worker = new Worker()
    worker.announce()
    worker.refuse('nothing-open', 100_000)
    worker.announce()
    assert.deepEqual(worker.said, ['lease-request'])
  })

  it('rotates between coordinators', () => {
    const worker = new Worker({ slots: 2 })
    worker.announce('alpha')
    worker.refuse('nothing-open', 1)
    worker.announce('beta')
    const asked = worker.of('ask').map(({ to }) => to)
    assert.deepEqual(asked, [keys('beta').key, keys('alpha').key])
  })

  it('repeats an unanswered request under the same name, later each time', () => {
    const worker = new Worker()
    worker.announce()
    const names: Uint8Array[] = []
    const waitsMs = [30_000, 60_000, 120_000, 240_000, 480_000, 960_000, 960_000]
    for (const waitMs of waitsMs) {
      const [ask] = worker.of('ask')
      assert.ok(ask)
      names.push(bodyOf('lease-request', ask.envelope).request)
      worker.handle({ kind: 'unanswered', exchange: ask.exchange })
      worker.tick(waitMs - 1)
      assert.deepEqual(worker.said, [], `after ${waitMs - 1} ms`)
      worker.state.live.owners.forEach((owner) => {
        owner.heardAtMs = worker.atMs
      })
      worker.tick(1)
    }
    for (const name of names) assert.deepEqual(name, names[0])
  })

  it('asks no coordinator that was not heard of for long', () => {
    const worker = new Worker()
    worker.announce()
    worker.refuse('nothing-open')
    worker.tick(5 * 60_000 + 1)
    assert.deepEqual(worker.said, [])
  })

  it('takes only what is for it', () => {
    const cases: readonly Partial<LeaseGrant>[] = [
      { request: new Uint8Array(32) },
      { operator: keys('other').key },
      { peer: keys('other').key },
      { expiresAtMs: NOW },
      { unit: Uint8Array.of(1) },
      { unit: toBlock({ ...UNIT, kernel: PLAN.forcing }).bytes },
      { unit: toBlock({ ...UNIT, memoryPagesMax: 16_384 }).bytes }
    ]
    for (const change of cases) {
      const worker = new Worker({ memoryPagesMax: 10_000 })
      worker.announce()
      worker.grant(change)
      assert.deepEqual(worker.of('compute'), [], Object.keys(change).join())
      assert.deepEqual(worker.records, [])
    }
  })

  it('takes no more than it has slots, and nothing while it drains', () => {
    const worker = new Worker({ slots: 2 })
    worker.announce('alpha')
    worker.grant()
    assert.deepEqual(worker.said, ['lease-request'])
    worker.grant()
    assert.deepEqual(worker.said, [])
    const idle = new Worker()
    idle.handle({ kind: 'drain' })
    idle.announce()
    assert.deepEqual(idle.said, [])
    idle.handle({ kind: 'resume' })
    assert.deepEqual(idle.said, ['lease-request'])
  })
})

describe('volunteer: a lease', () => {
  it('is stored, then computed, with heartbeats that tell the progress', () => {
    const { worker, grant } = working()
    assert.deepEqual(worker.effects.map(({ kind }) => kind).slice(0, 1), ['persist'])
    assert.deepEqual(worker.of('compute')[0]?.unit, decode(workUnit, grant.unit))
    const lease = worker.of('compute')[0]?.lease ?? ''
    worker.handle({ kind: 'progress', lease, particleStepsDone: 77 })
    worker.tick(HEARTBEAT_MS)
    const [ask] = worker.of('ask')
    assert.equal(bodyOf('heartbeat', ask?.envelope ?? assert.fail()).particleStepsDone, 77)
    worker.direct('compute', grant)
    worker.tick(HEARTBEAT_MS - 1)
    assert.deepEqual(worker.said, [])
    worker.tick(1)
    assert.deepEqual(worker.said, ['heartbeat'])
  })

  it('is committed with a salt that is stored first, revealed only when directed', () => {
    const { worker, grant } = working()
    worker.computed()
    assert.equal(worker.effects[0]?.kind, 'persist')
    const [ask] = worker.of('ask')
    const { digest } = bodyOf('commit', ask?.envelope ?? assert.fail())
    const stored = worker.records.map(decodeRecord).find(({ kind }) => kind === 'computed')
    assert.ok(stored?.kind === 'computed')
    assert.notDeepEqual(stored.salt, new Uint8Array(32))
    worker.direct('wait', grant)
    assert.ok(!worker.said.includes('reveal'))
    worker.tick(HEARTBEAT_MS)
    worker.direct('reveal', grant)
    const reveal = bodyOf('reveal', worker.of('ask')[0]?.envelope ?? assert.fail())
    assert.deepEqual(commitDigest(reveal), digest)
    assert.deepEqual(reveal.salt, stored.salt)
  })

  it('has another salt each time', () => {
    const salts = [0, 1].map((skip) => {
      const { worker } = working()
      const { effects } = worker
      for (let index = 0; index < skip; index += 1) worker.tick(1)
      worker.effects = effects
      worker.computed()
      const record = worker.records.map(decodeRecord).find(({ kind }) => kind === 'computed')
      return record?.kind === 'computed' ? record.salt : assert.fail()
    })
    assert.notDeepEqual(salts[0], salts[1])
  })

  it('ends as its owner says', () => {
    const verdict = (agreeing: string): Uint8Array => {
      const voter = { operator: keys('o').key, binding: Uint8Array.of(1), reveal: Uint8Array.of(1) }
      return keys('alpha').sign('verdict', {
        kind: 'verdict',
        slot: { plan: KERNEL, ...SLOT },
        term: 0,
        unit: KERNEL,
        result: KERNEL,
        traceRoot: new Uint8Array(32),
        fuel: 1,
        agreeing: [{ ...voter, peer: keys(agreeing).key }],
        dissenting: agreeing === 'peer' ? [] : [{ ...voter, peer: keys('peer').key }],
        faulty: []
      })
    }
    const cases = [
      [
        'verified',
        (worker: Worker, grant: LeaseGrant) => worker.direct('settled', grant, verdict('peer'))
      ],
      [
        'dissenting',
        (worker: Worker, grant: LeaseGrant) => worker.direct('settled', grant, verdict('bob'))
      ],
      [
        'dropped',
        (worker: Worker, grant: LeaseGrant) => worker.direct('settled', grant, Uint8Array.of(9))
      ],
      ['dropped', (worker: Worker, grant: LeaseGrant) => worker.direct('drop', grant)],
      ['dropped', (worker: Worker) => worker.refuse('unknown-lease')],
      ['expired', (worker: Worker) => worker.refuse('expired')]
    ] as const
    for (const [outcome, end] of cases) {
      const { worker, grant } = working()
      worker.computed()
      end(worker, grant)
      assert.equal(summaryOf(worker.state).outcomes[outcome], 1, outcome)
      assert.equal(worker.of('forget').length, 1, outcome)
      worker.restart()
      assert.equal(summaryOf(worker.state).outcomes[outcome], 1, `${outcome} after a restart`)
      assert.deepEqual(worker.of('ask'), [])
    }
  })

  it('is dropped in the middle of its run', () => {
    const { worker, grant } = working()
    worker.tick(HEARTBEAT_MS)
    worker.direct('drop', grant)
    assert.equal(worker.of('cancel').length, 1)
  })

  it('that cannot be computed is given back, and its owner left alone for a while', () => {
    const { worker } = working()
    const lease = worker.of('compute')[0]?.lease ?? ''
    worker.handle({ kind: 'compute-failed', lease, reason: 'inputs-missing' })
    assert.deepEqual(worker.said, ['release'])
    worker.tick(RETRY_MS - 1)
    assert.deepEqual(worker.said, [])
    worker.tick(1)
    assert.deepEqual(worker.said, ['lease-request'])
  })

  it('an answer that somebody else signed does not count', () => {
    const { worker, grant } = working()
    worker.tick(HEARTBEAT_MS)
    worker.answer('refusal', { kind: 'refusal', reason: 'expired', retryAfterMs: 1 }, 'beta')
    assert.equal(summaryOf(worker.state).computing, 1)
    assert.ok(grant)
  })

  it('of an owner that is silent for a whole leaseMax is given up', () => {
    const { worker } = working()
    worker.computed()
    worker.tick(24 * 3_600_000 + 1)
    assert.equal(summaryOf(worker.state).outcomes.lost, 1)
  })
})

describe('volunteer: restart', () => {
  it('computes again what was not computed, if the lease still runs', () => {
    const { worker } = working()
    worker.restart()
    assert.equal(worker.of('compute').length, 1)
    worker.atMs += 900_000
    worker.restart()
    assert.equal(worker.of('compute').length, 0)
    assert.equal(summaryOf(worker.state).outcomes.expired, 1)
  })

  it('commits again what was computed, with the same seal', () => {
    const { worker } = working()
    worker.computed()
    const first = bodyOf('commit', worker.of('ask')[0]?.envelope ?? assert.fail())
    worker.atMs += 5_000_000
    worker.restart()
    const again = bodyOf('commit', worker.of('ask')[0]?.envelope ?? assert.fail())
    assert.deepEqual(again.digest, first.digest)
    assert.equal(worker.of('compute').length, 0)
  })
})
