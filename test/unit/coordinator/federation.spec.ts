/** Several coordinators: attested, final, deposed, expelled – and nothing twice. */
import assert from 'node:assert/strict'
import { toHex } from '../../../protocol/hex.ts'
import { bodyOf, claimedKind } from '../../../protocol/signed.ts'
import { smallPlan } from '../../fixtures/plans/small-plan.ts'
import { actionOf, keys } from './harness.ts'
import { planOwnedBy, published, Table, THREE } from './table.ts'

describe('federation: attested', () => {
  it('a forecast is published once every verdict has k voices, each with its own check', () => {
    const table = new Table(THREE, smallPlan({ blockCount: 4 }))
    table.submit('alpha')
    table.work('ann', 'bob')
    table.wait(300_000)
    const [first = ''] = published(table)
    assert.deepEqual(published(table), [first, first, first])
    for (const { state } of table.desks) {
      const plan = [...state.durable.plans.values()][0] ?? assert.fail()
      for (const { outcome, place } of plan.slots.values()) {
        assert.ok(outcome?.kind === 'settled')
        const voices = new Set([outcome.decidedBy, ...outcome.attestations.keys()])
        assert.ok(voices.size >= 2, JSON.stringify(place))
      }
    }
    table.check()
  })

  it('nothing is final, and nothing published, when re-execution finds something else', () => {
    const table = new Table(THREE, planOwnedBy('alpha', 'beta', 'gamma'))
    table.audit = (result) => ({ ...result, states: result.states.map(() => result.unit) })
    table.submit('alpha')
    table.work('ann', 'bob')
    table.wait(300_000)
    assert.deepEqual(published(table), ['none', 'none', 'none'])
    assert.equal(table.progress('beta').stage, 'disputed')
    assert.equal(table.progress('alpha').unattested, 1)
  })

  it('a verdict without a witness proves nothing', () => {
    const table = new Table(THREE, planOwnedBy('alpha', 'beta', 'gamma'))
    table.submit('alpha')
    const kept: Uint8Array[] = []
    table.passes = (_from, _to, envelope) => {
      if (claimedKind(envelope) === 'verdict-notice') kept.push(envelope)
      return claimedKind(envelope) !== 'verdict-notice'
    }
    table.work('ann', 'bob')
    table.passes = () => true
    const verdict = bodyOf('verdict', bodyOf('verdict-notice', kept[0] ?? assert.fail()).verdict)
    const agreeing = verdict.agreeing.map(({ witness, ...voter }) => {
      assert.ok(witness)
      return voter
    })
    const inner = keys('alpha').sign('verdict', { ...verdict, agreeing })
    const notice = keys('alpha').sign('verdict-notice', { kind: 'verdict-notice', verdict: inner })
    const answer = table.tell('alpha', keys('beta').key, notice)
    assert.equal(answer?.kind === 'refusal' && answer.said.body.reason, 'inadmissible')
  })
})

describe('federation: deposed', () => {
  it('the owner and lead is killed for good: the next in rank finishes', () => {
    const table = new Table(THREE, planOwnedBy('alpha', 'beta', 'gamma'))
    table.submit('alpha')
    table.down.add('alpha')
    table.wait(600_000)
    assert.deepEqual(table.progress('beta').deposed, [toHex(keys('alpha').key)])
    table.work('ann', 'bob')
    table.wait(300_000)
    const [first = ''] = published(table, ['beta', 'gamma'])
    assert.notEqual(first, 'none')
    assert.deepEqual(published(table, ['beta', 'gamma']), [first, first])
    table.check()
  })

  it('a minority only waits', () => {
    for (const names of [['alpha', 'beta'], THREE]) {
      const table = new Table(names, smallPlan({ blockCount: 3, windowSteps: 48 }))
      table.submit('alpha')
      for (const name of names.slice(1)) table.down.add(name)
      table.wait(1_200_000)
      assert.deepEqual(table.progress('alpha').deposed, [], names.join())
      assert.equal(table.progress('alpha').forecast, undefined)
    }
  })

  it('who comes back is told that its term is over, stops, and ends with the same forecast', () => {
    const table = new Table(THREE, planOwnedBy('alpha', 'beta', 'gamma'))
    table.submit('alpha')
    const alpha = table.desk('alpha')
    const grant = alpha.grant('ann')
    table.down.add('alpha')
    table.wait(600_000)
    table.work('bob', 'carl')
    table.down.delete('alpha')
    table.wait(300_000)
    assert.deepEqual(table.progress('alpha').deposed, [toHex(keys('alpha').key)])
    assert.ok(['settled', 'stale-term'].includes(actionOf(alpha.heartbeat('ann', grant))))
    const [first = ''] = published(table)
    assert.notEqual(first, 'none')
    assert.deepEqual(published(table), [first, first, first])
    table.check()
  })

  it('two against one: the one cannot settle, the two do, and it heals without a conflict', () => {
    const table = new Table(THREE, smallPlan({ blockCount: 6, windowSteps: 48 }))
    table.submit('gamma')
    table.passes = (from, to) => (from === 'gamma') === (to === 'gamma')
    table.wait(600_000)
    table.work('ann', 'bob')
    table.wait(600_000)
    assert.equal(table.progress('gamma').forecast, undefined)
    table.passes = () => true
    table.wait(900_000)
    const [first = ''] = published(table)
    assert.notEqual(first, 'none')
    assert.deepEqual(published(table), [first, first, first])
    table.check()
  })
})
