/** A conviction by one coordinator counts at another one only after its own check. */
import assert from 'node:assert/strict'
import { openInbound } from '../../../protocol/inbound.ts'
import { bodyOf, claimedKind } from '../../../protocol/signed.ts'
import { smallPlan } from '../../fixtures/plans/small-plan.ts'
import { cheapCurve } from '../../sim/world/cheap-curve.ts'
import { actionOf, type BareEvent, Desk, keys, ranOf } from './harness.ts'

const NAMES = ['alpha', 'beta']

/** Eve lies against Ann at alpha, as the only coordinator; its proof. */
function proofOf(): Uint8Array {
  const desk = new Desk('alpha')
  desk.submit(smallPlan({ blockCount: 1, windowSteps: 48 }))
  const [ann, eve] = [desk.grant('ann'), desk.grant('eve')]
  desk.commit('ann', ann)
  desk.commit('eve', eve, 'lie')
  desk.reveal('ann', ann)
  desk.fetched(ann)
  desk.reveal('eve', eve, 'lie')
  desk.fetched(eve, 'lie')
  const [keep] = desk.of('keep')
  return keep?.block ?? assert.fail('no proof is kept')
}

function bring(to: Desk, envelope: Uint8Array): string {
  const inbound = openInbound('unit', envelope, cheapCurve)
  to.handle({ ...inbound, replyTo: 'stream' } as BareEvent)
  return claimedKind(to.of('reply')[0]?.envelope ?? assert.fail('no reply'))
}

describe('a proof from another coordinator', () => {
  it('convicts once the segment was run here', () => {
    const beta = new Desk('beta', NAMES)
    beta.submit(smallPlan({ blockCount: 4, windowSteps: 48 }))
    beta.answersAudits = false
    const proof = proofOf()
    assert.equal(bring(beta, proof), 'refusal')
    assert.notEqual(actionOf(beta.request('eve')), 'convicted')
    bring(beta, proof)
    assert.equal(beta.of('audit').length, 0, 'it is run once')
    beta.restart()
    bring(beta, proof)
    const [{ audit, unit, segment } = assert.fail()] = beta.of('audit')
    beta.handle({ kind: 'audited', audit, ...ranOf(unit, segment) })
    assert.equal(actionOf(beta.request('eve')), 'convicted')
    assert.equal(bring(beta, proof), 'acknowledgement')
    beta.restart()
    assert.equal(actionOf(beta.request('eve')), 'convicted')
  })

  it('that proves nothing convicts nobody', () => {
    const beta = new Desk('beta', NAMES)
    beta.submit(smallPlan({ blockCount: 4, windowSteps: 48 }))
    beta.answersAudits = false
    const body = bodyOf('fraud-proof', proofOf())
    bring(beta, keys('alpha').sign('fraud-proof', body))
    const [{ audit } = assert.fail()] = beta.of('audit')
    const opened = openInbound('unit', keys('alpha').sign('fraud-proof', body), cheapCurve)
    assert.ok(opened.kind === 'fraud-proof')
    const { result, segment } = opened
    const [state, outputs] = [result.states[segment], result.segments[segment]]
    assert.ok(state && outputs)
    beta.handle({ kind: 'audited', audit, state, outputs })
    assert.notEqual(actionOf(beta.request('eve')), 'convicted')
    assert.equal(bring(beta, keys('mallory').sign('fraud-proof', body)), 'refusal')
    assert.equal(beta.of('audit').length, 0)
  })
})
