/** A lie that passed its owner is found by who attests: it halts nothing, and comes out. */
import assert from 'node:assert/strict'
import type { Rules } from '../../../coordinator/rules.ts'
import { firstInput, unitOf } from '../../../coordinator/slots.ts'
import { toHex } from '../../../protocol/hex.ts'
import { claimedKind } from '../../../protocol/signed.ts'
import { runUnit } from '../../sim/nodes/kernel.ts'
import { keys } from './harness.ts'
import { planOwnedBy, published, Table, THREE } from './table.ts'

/** No audits at the owner, so that a shared lie gets through at all. */
const BLIND: Partial<Rules> = { audit: false, fullAudit: false, sitOut: false }

/** Ann and Bob said the same lie, and alpha believed them. */
function lied(opens = true): Table {
  const table = new Table(THREE, planOwnedBy('alpha', 'beta', 'gamma'), BLIND)
  table.opens = opens
  table.submit('alpha')
  table.lie = 'together'
  table.work('ann', 'bob')
  table.lie = ''
  return table
}

const isOut = (table: Table, name: string, operator: string): boolean => {
  const { operators } = table.desk(name).state.durable
  return operators.get(toHex(keys(operator).key))?.convicted !== undefined
}

describe('a verdict that an attester refutes', () => {
  const ways = [
    ['by a segment', true],
    ['by the whole unit, where nobody has a state', false]
  ] as const
  for (const [how, opens] of ways) {
    it(`${how}: is revised, its voters are convicted, and the truth is published`, () => {
      const table = lied(opens)
      table.wait(120_000)
      for (const name of THREE) {
        for (const operator of ['op-ann', 'op-bob']) assert.ok(isOut(table, name, operator), name)
      }
      assert.deepEqual(published(table), ['none', 'none', 'none'])
      table.work('carl', 'dora')
      table.wait(300_000)
      const [first = ''] = published(table)
      assert.notEqual(first, 'none')
      assert.deepEqual(published(table), [first, first, first])
      const place = { member: 0, block: 0, window: 0 }
      const honest = runUnit(unitOf(table.plan, place, firstInput(table.plan, place)))
      for (const { state } of table.desks) {
        const outcome = state.durable.plans.get(table.cid.toString())?.slots.get('0/0/0')?.outcome
        assert.ok(outcome?.kind === 'settled')
        assert.equal(outcome.result.toString(), honest.cid.toString())
      }
      table.check()
    })
  }

  it('is refuted still after restarts, before anybody heard of it', () => {
    const table = new Table(THREE, planOwnedBy('alpha', 'beta', 'gamma'), BLIND)
    table.passes = (_from, _to, envelope) => claimedKind(envelope) !== 'fraud-proof'
    table.submit('alpha')
    table.lie = 'together'
    table.work('ann', 'bob')
    table.lie = ''
    table.wait(120_000)
    assert.ok(!isOut(table, 'alpha', 'op-ann'))
    for (const desk of table.desks) desk.restart()
    table.passes = () => true
    table.wait(1_800_000)
    assert.ok(isOut(table, 'alpha', 'op-ann'))
    for (const name of THREE) assert.notEqual(table.progress(name).stage, 'disputed')
    assert.deepEqual(published(table), ['none', 'none', 'none'])
    table.check()
  })

  it('of an owner that was deposed since is still its own to revise', () => {
    const table = new Table(THREE, planOwnedBy('alpha', 'beta', 'gamma'), BLIND)
    table.passes = (_from, _to, envelope) => claimedKind(envelope) !== 'fraud-proof'
    table.submit('alpha')
    table.lie = 'together'
    table.work('ann', 'bob')
    table.lie = ''
    table.down.add('alpha')
    table.wait(600_000)
    table.down.delete('alpha')
    table.passes = () => true
    table.wait(300_000)
    assert.deepEqual(table.progress('alpha').deposed, [toHex(keys('alpha').key)])
    const [alpha, beta] = [table.desk('alpha'), table.desk('beta')]
    alpha.grant('carl')
    const grant = alpha.of('reply')[0]?.envelope ?? assert.fail('no grant')
    const body = { kind: 'witness-request' as const, grant, digest: new Uint8Array(32) }
    const answer = beta.raw('carl', 'witness-request', { ...body, atMs: beta.atMs })
    assert.equal(claimedKind(answer), 'witnessing')
    // Carl is not heard of again.
    table.wait(300_000)
    table.work('dora', 'emil')
    table.wait(300_000)
    const [first = ''] = published(table)
    assert.notEqual(first, 'none')
    assert.deepEqual(published(table), [first, first, first])
    table.check()
  })
})
