/** Operators pay for their identity, or a coordinator answers for them. */
import assert from 'node:assert/strict'
import { replay } from '../../../coordinator/step.ts'
import { admissionWork, leadingZeros } from '../../../protocol/proof/admission-work.ts'
import { openStatement } from '../../../protocol/signed.ts'
import { smallPlan } from '../../fixtures/plans/small-plan.ts'
import { cheapCurve } from '../../sim/world/cheap-curve.ts'
import { actionOf, Desk, federationOf, keys, NOW } from './harness.ts'

const BITS = 6

/** A coordinator whose federation asks for work. */
function desk(): Desk {
  const made = new Desk('alpha')
  const federation = { ...federationOf(['alpha']).body, admissionBits: BITS }
  const envelope = keys('root').sign('federation', federation)
  const opened = openStatement('federation', 'unit', envelope, cheapCurve)
  made.state = replay({ federation: opened, key: keys('alpha').key }, [])
  made.submit(smallPlan({ blockCount: 4, windowSteps: 48 }))
  return made
}

function paid(name: string, epoch = 1, isEnough = true): Uint8Array {
  const operator = keys(name).key
  for (let count = 0; ; count += 1) {
    const nonce = new Uint8Array(8)
    new DataView(nonce.buffer).setUint32(0, count)
    const bits = admissionWork('unit', { operator, epoch, nonce })
    if (bits >= BITS === isEnough) {
      return keys(name).sign('admission', { kind: 'admission', operator, epoch, nonce })
    }
  }
}

const vouched = (coordinator: string, name: string, expiresAtMs = NOW + 1000): Uint8Array =>
  keys(coordinator).sign('vouch', { kind: 'vouch', operator: keys(name).key, expiresAtMs })

describe('admission of operators', () => {
  it('nothing, too little work, of another epoch, of another operator: no lease', () => {
    const alpha = desk()
    assert.equal(actionOf(alpha.request('ann')), 'not-admitted')
    for (const admission of [paid('op-ann', 1, false), paid('op-ann', 2), paid('op-bob')]) {
      assert.equal(actionOf(alpha.request('ann', { admission })), 'not-admitted')
    }
  })

  it('work once is enough, also over restarts', () => {
    const alpha = desk()
    assert.equal(actionOf(alpha.request('ann', { admission: paid('op-ann') })), 'grant')
    alpha.restart()
    assert.equal(actionOf(alpha.request('ann')), 'grant')
  })

  it('a vouch admits until it ends; only a coordinator can give one', () => {
    const alpha = desk()
    const admission = vouched('mallory', 'op-ann')
    assert.equal(actionOf(alpha.request('ann', { admission })), 'not-admitted')
    assert.equal(actionOf(alpha.request('ann', { admission: vouched('alpha', 'op-ann') })), 'grant')
    alpha.atMs += 1000
    assert.equal(actionOf(alpha.request('ann')), 'not-admitted')
  })

  it('counts leading zero bits', () => {
    assert.deepEqual(
      [[0x80], [0x01], [0, 0x40], [0, 0]].map((bytes) => leadingZeros(Uint8Array.from(bytes))),
      [0, 7, 9, 16]
    )
  })
})
