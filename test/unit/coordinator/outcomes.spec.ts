/** Who missed the end of a plan learns it from whoever knows, also after restarts. */
import assert from 'node:assert/strict'
import { claimedKind } from '../../../protocol/signed.ts'
import { planOwnedBy, published, Table, THREE } from './table.ts'

/** Alpha and beta publish while gamma is down, and then forget what they were about to tell it. */
function missedByGamma(): Table {
  const table = new Table(THREE, planOwnedBy('alpha', 'beta', 'gamma'))
  table.submit('alpha')
  table.down.add('gamma')
  table.work('ann', 'bob')
  table.wait(120_000)
  assert.deepEqual(published(table).slice(2), ['none'])
  for (const name of ['alpha', 'beta']) {
    assert.notEqual(table.progress(name).forecast, undefined, name)
    table.desk(name).restart()
  }
  return table
}

describe('a coordinator that was down when a plan ended', () => {
  it('is told the verdicts with the publication, though their owners restarted', () => {
    const table = missedByGamma()
    table.down.delete('gamma')
    table.wait(300_000)
    const [first = ''] = published(table)
    assert.deepEqual(published(table), [first, first, first])
    table.check()
  })

  it('is told by another when who published is gone for good', () => {
    const table = missedByGamma()
    table.down.add('alpha')
    table.down.delete('gamma')
    table.wait(900_000)
    const [first = ''] = published(table)
    assert.deepEqual(published(table), [first, first, first])
    table.check()
  })

  it('is told once by each: what it logged it knows', () => {
    const table = missedByGamma()
    let notices = 0
    table.passes = (_from, to, envelope) => {
      if (to === 'gamma' && claimedKind(envelope) === 'verdict-notice') notices += 1
      return true
    }
    table.down.delete('gamma')
    table.wait(600_000)
    assert.ok(notices > 0 && notices <= 2, `${notices} notices by two`)
  })
})
