/** A commit goes to a witness first; what a lost owner left is offered to the next. */
import assert from 'node:assert/strict'
import { decodeRecord } from '../../../node/worker/volunteer/record.ts'
import { cborCid } from '../../../protocol/canonical.ts'
import type { LeaseGrant } from '../../../protocol/message/lease.ts'
import { bodyOf } from '../../../protocol/signed.ts'
import { keys } from '../coordinator/harness.ts'
import { HEARTBEAT_MS, Worker } from './volunteer-desk.ts'

const holder = (name: string) => ({ peer: keys(name).key, addresses: [] })

function sealed(): { worker: Worker; grant: LeaseGrant } {
  const worker = new Worker({ slots: 2 })
  worker.announce()
  const grant = worker.grant({ witnesses: [holder('beta'), holder('gamma')] })
  worker.computed()
  return { worker, grant }
}

function witness(worker: Worker, grant: LeaseGrant, change = {}, signer = 'beta'): void {
  const [asked] = worker.of('ask')
  const { digest } = bodyOf('witness-request', asked?.envelope ?? assert.fail())
  const unit = cborCid(grant.unit)
  const { lease, operator, peer } = grant
  const about = { lease, unit, operator, peer, digest, owner: keys('alpha').key }
  const nonce = new Uint8Array(32)
  const body = { kind: 'witnessing' as const, ...about, atMs: worker.atMs, nonce, ...change }
  worker.answer('witnessing', body, signer)
}

describe('volunteer: a witnessed commit', () => {
  it('goes to the first witness, and to the owner only with its statement', () => {
    const { worker, grant } = sealed()
    assert.deepEqual(worker.said[0], 'witness-request')
    assert.ok(!worker.said.includes('commit'))
    assert.deepEqual(worker.of('ask')[0]?.to, keys('beta').key)
    witness(worker, grant)
    assert.deepEqual(worker.said, ['commit'])
    const { witness: envelope, digest } = bodyOf(
      'commit',
      worker.of('ask')[0]?.envelope ?? assert.fail()
    )
    assert.deepEqual(bodyOf('witnessing', envelope ?? assert.fail()).digest, digest)
    worker.restart()
    assert.deepEqual(worker.said, ['commit'])
  })

  it('goes to the next witness when the first is silent, and round again later', () => {
    const { worker } = sealed()
    const [asked] = worker.of('ask')
    worker.handle({ kind: 'unanswered', exchange: asked?.exchange ?? '' })
    assert.deepEqual(worker.of('ask')[0]?.to, keys('gamma').key)
    worker.handle({ kind: 'unanswered', exchange: worker.of('ask')[0]?.exchange ?? '' })
    assert.deepEqual(worker.said, [])
    worker.tick(HEARTBEAT_MS)
    assert.deepEqual(worker.of('ask')[0]?.to, keys('beta').key)
  })

  it('takes no statement of a stranger, of another digest or for another owner', () => {
    for (const [change, signer] of [
      [{ digest: new Uint8Array(32) }, 'beta'],
      [{ owner: keys('delta').key }, 'beta'],
      [{}, 'delta']
    ] as const) {
      const { worker, grant } = sealed()
      witness(worker, grant, change, signer)
      assert.ok(!worker.said.includes('commit'), JSON.stringify([Object.keys(change), signer]))
    }
  })

  it('a term that is over ends the lease; its result is the next owner’s without a run', () => {
    const { worker, grant } = sealed()
    worker.refuse('stale-term')
    const ended = worker.records.map(decodeRecord).find(({ kind }) => kind === 'ended')
    assert.ok(ended?.kind === 'ended' && ended.outcome === 'lost')
    worker.announce('beta')
    const next = worker.grant({ term: 1, witnesses: [] }, 'beta')
    assert.deepEqual(worker.of('compute'), [])
    const { digest, lease } = bodyOf('commit', worker.of('ask')[0]?.envelope ?? assert.fail())
    assert.deepEqual(lease, next.lease)
    assert.notDeepEqual(lease, grant.lease)
    const salts = worker.records
      .map(decodeRecord)
      .flatMap((record) => (record.kind === 'computed' ? [record] : []))
    assert.equal(salts.length, 2)
    assert.deepEqual(salts[0]?.result, salts[1]?.result)
    assert.notDeepEqual(salts[0]?.salt, salts[1]?.salt)
    assert.equal(digest.length, 32)
  })

  it('a unit that waits at a silent owner is not run again for the next one', () => {
    const { worker, grant } = sealed()
    witness(worker, grant)
    worker.announce('beta')
    const next = worker.grant({ term: 1, witnesses: [] }, 'beta')
    assert.deepEqual(worker.of('compute'), [])
    const { lease } = bodyOf('commit', worker.of('ask')[0]?.envelope ?? assert.fail())
    assert.deepEqual(lease, next.lease)
  })
})
