/** The volunteer core and its leases: computing, sealing, revealing, forgetting, restarting. */
import assert from 'node:assert/strict'
import { decodeRecord } from '../../../node/worker/volunteer/record.ts'
import { summaryOf } from '../../../node/worker/volunteer/state.ts'
import { decode } from '../../../protocol/canonical.ts'
import { commitDigest } from '../../../protocol/commit-digest.ts'
import { openLeaseAnswer } from '../../../protocol/inbound.ts'
import type { LeaseGrant } from '../../../protocol/message/lease.ts'
import { bodyOf, openStatement } from '../../../protocol/signed.ts'
import { workUnit } from '../../../protocol/work-unit.ts'
import { KERNEL } from '../../fixtures/plans/small-plan.ts'
import { cheapCurve } from '../../sim/world/cheap-curve.ts'
import { keys, NOW } from '../coordinator/harness.ts'

import { HEARTBEAT_MS, RETRY_MS, SLOT, type Worker, working } from './volunteer-desk.ts'

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

  it('says it again every heartbeat, awaits at most three answers, takes a late one', () => {
    const { worker, grant } = working()
    const exchanges: string[] = []
    for (const expected of [1, 1, 1, 0, 0]) {
      worker.tick(HEARTBEAT_MS)
      assert.equal(worker.said.length, expected)
      exchanges.push(...worker.of('ask').map(({ exchange }) => exchange))
    }
    const drop = keys('alpha').sign('directive', {
      kind: 'directive',
      lease: grant.lease,
      action: 'drop',
      expiresAtMs: NOW,
      retryAfterMs: 1
    })
    const answer = openLeaseAnswer('unit', drop, cheapCurve)
    worker.handle({ kind: 'answered', exchange: exchanges[0] ?? '', answer })
    assert.equal(summaryOf(worker.state).outcomes.dropped, 1)
  })

  it('does at once what its owner says unasked, and nothing that others say', () => {
    const { worker, grant } = working()
    worker.computed()
    worker.direct('wait', grant)
    const tell = (name: string): void => {
      const envelope = keys(name).sign('directive', {
        kind: 'directive',
        lease: grant.lease,
        action: 'reveal',
        expiresAtMs: NOW,
        retryAfterMs: 1
      })
      const said = openStatement('directive', 'unit', envelope, cheapCurve)
      worker.handle({ kind: 'told', said })
    }
    tell('beta')
    assert.deepEqual(worker.said, [])
    tell('alpha')
    assert.deepEqual(worker.said, ['reveal'])
    tell('alpha')
    assert.deepEqual(worker.said, [])
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
