/** Whoever signs two things of which it may sign one is out; what it decided is decided anew. */
import assert from 'node:assert/strict'
import { toHex } from '../../../protocol/hex.ts'
import { openProof } from '../../../protocol/inbound.ts'
import { conflicts } from '../../../protocol/proof/equivocation.ts'
import { bodyOf, claimedKind } from '../../../protocol/signed.ts'
import { cheapCurve } from '../../sim/world/cheap-curve.ts'
import { actionOf, keys, NOW } from './harness.ts'
import { planOwnedBy, published, Table, THREE } from './table.ts'

const ALPHA = toHex(keys('alpha').key)

/** Alpha, owner and hostile, tells beta one verdict and gamma another. */
function twoFaced(): Table {
  const table = new Table(THREE, planOwnedBy('alpha', 'beta', 'gamma'))
  table.submit('beta')
  const told: Uint8Array[] = []
  table.passes = (_from, to, envelope) => {
    if (claimedKind(envelope) !== 'verdict-notice') return true
    if (to === 'gamma') told.push(envelope)
    return to !== 'gamma'
  }
  table.work('ann', 'bob')
  table.passes = () => true
  const honest = bodyOf('verdict', bodyOf('verdict-notice', told[0] ?? assert.fail()).verdict)
  const verdict = keys('alpha').sign('verdict', { ...honest, fuel: honest.fuel + 1 })
  const notice = { kind: 'verdict-notice' as const, verdict }
  table.tell('alpha', keys('gamma').key, keys('alpha').sign('verdict-notice', notice))
  return table
}

describe('equivocation', () => {
  it('two verdicts: both others find out, expel with a proof, and finish without it', () => {
    const table = twoFaced()
    table.down.add('alpha')
    table.wait(120_000)
    for (const name of ['beta', 'gamma']) {
      assert.deepEqual(table.progress(name).expelled, [ALPHA], name)
      const proof = table.desk(name).state.durable.expelled.get(ALPHA) ?? assert.fail()
      const { said, first, second } = openProof('unit', proof, cheapCurve)
      assert.equal(toHex(first.signer), ALPHA)
      assert.ok(conflicts(said.body.about, first.body, second.body))
    }
    table.work('carl', 'dora')
    table.wait(300_000)
    const [first = ''] = published(table, ['beta', 'gamma'])
    assert.notEqual(first, 'none')
    assert.deepEqual(published(table, ['beta', 'gamma']), [first, first])
    table.check()
  })

  it('its votes count no more: what it decided the next owner decides again', () => {
    const table = new Table(THREE, planOwnedBy('alpha', 'beta', 'gamma'))
    table.submit('beta')
    table.passes = (_from, to) => to !== 'gamma'
    table.work('ann', 'bob')
    assert.equal(table.progress('beta').unattested, 0)
    const head = (byte: number) =>
      keys('alpha').sign('head', {
        kind: 'head',
        coordinator: keys('alpha').key,
        length: 1000,
        head: new Uint8Array(32).fill(byte),
        atMs: NOW
      })
    table.tell('alpha', keys('beta').key, head(1))
    table.tell('alpha', keys('beta').key, head(2))
    const { units, unattested, expelled } = table.progress('beta')
    assert.deepEqual([units.verified, unattested, units.owned, expelled], [1, 1, 1, [ALPHA]])
    table.desk('beta').restart()
    assert.deepEqual(table.progress('beta').expelled, [ALPHA])
    table.down.add('alpha')
    table.passes = () => true
    table.wait(300_000)
    const [first = ''] = published(table, ['beta', 'gamma'])
    assert.notEqual(first, 'none', 'what the next owner checked is not computed anew')
    assert.deepEqual(published(table, ['beta', 'gamma']), [first, first])
    table.check()
  })

  it('the same said twice is no proof, and a proof of nothing is refused', () => {
    const table = new Table(THREE, planOwnedBy('alpha', 'beta', 'gamma'))
    table.submit('alpha')
    const head = (atMs: number) =>
      keys('alpha').sign('head', {
        kind: 'head',
        coordinator: keys('alpha').key,
        length: 7,
        head: new Uint8Array(32),
        atMs
      })
    const proof = keys('gamma').sign('equivocation-proof', {
      kind: 'equivocation-proof',
      about: 'head',
      first: head(NOW),
      second: head(NOW + 1)
    })
    const answer = table.tell('gamma', keys('beta').key, proof)
    assert.equal(answer?.kind === 'refusal' && answer.said.body.reason, 'inadmissible')
    assert.deepEqual(table.progress('beta').expelled, [])
  })
})

describe('witnesses', () => {
  it('one digest per lease, repeated with the same bytes; nothing for a term that is over', () => {
    const table = new Table(THREE, planOwnedBy('alpha', 'beta', 'gamma'))
    table.submit('alpha')
    const beta = table.desk('beta')
    const grant = table.desk('alpha').grant('ann')
    assert.deepEqual(
      grant.witnesses.map(({ peer }) => toHex(peer)),
      ['beta', 'gamma'].map((name) => toHex(keys(name).key))
    )
    const envelope = table.desk('alpha').of('reply')[0]?.envelope ?? assert.fail()
    const ask = (byte: number, peer = 'ann'): Uint8Array =>
      beta.raw(peer, 'witness-request', {
        kind: 'witness-request',
        grant: envelope,
        digest: new Uint8Array(32).fill(byte),
        atMs: beta.atMs
      })
    const first = ask(1)
    assert.equal(claimedKind(first), 'witnessing')
    beta.restart()
    assert.deepEqual(ask(1), first)
    assert.equal(bodyOf('refusal', ask(2)).reason, 'inadmissible')
    assert.equal(bodyOf('refusal', ask(1, 'mallory')).reason, 'inadmissible')
    table.down.add('alpha')
    table.wait(600_000)
    const late = bodyOf('refusal', ask(1))
    assert.equal(late.reason, 'stale-term')
    assert.equal(late.evidence?.length, 2)
  })

  it('the owner takes no commit without one, or with one of another digest', () => {
    const table = new Table(THREE, planOwnedBy('alpha', 'beta', 'gamma'))
    table.submit('alpha')
    const alpha = table.desk('alpha')
    const grant = alpha.grant('ann')
    alpha.witness = () => undefined
    assert.equal(actionOf(alpha.commit('ann', grant)), 'no-witness')
    Reflect.deleteProperty(alpha, 'witness')
    assert.equal(actionOf(alpha.commit('ann', grant)), 'wait')
    const other = alpha.grant('bob')
    alpha.witness = (about) => Object.getPrototypeOf(alpha).witness.call(alpha, about, NONE)
    assert.equal(actionOf(alpha.commit('bob', other)), 'drop')
    assert.equal(table.progress('alpha').faults[0]?.reason, 'unsealed')
  })
})

const NONE = new Uint8Array(32)
