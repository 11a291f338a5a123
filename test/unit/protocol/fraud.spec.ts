/** Proofs against operators: what holds together is opened, everything else is refused. */
import assert from 'node:assert/strict'
import { firstInput, slotsOf, unitOf } from '../../../coordinator/slots.ts'
import { admitProof } from '../../../protocol/admission.ts'
import { toBlock } from '../../../protocol/canonical.ts'
import { commitDigest } from '../../../protocol/commit-digest.ts'
import type { FraudProof, MismatchProof } from '../../../protocol/message/fraud.ts'
import type { Reveal } from '../../../protocol/message/result.ts'
import { openFraudProof, openMismatchProof } from '../../../protocol/proof/fraud.ts'
import { ShapeError } from '../../../protocol/shape.ts'
import { keyringOf } from '../../../protocol/signed.ts'
import { smallPlan } from '../../fixtures/plans/small-plan.ts'
import { runUnit } from '../../sim/nodes/kernel.ts'
import { federationOf } from '../coordinator/harness.ts'

const NETWORK = 'unit'
const keyring = (byte: number) => keyringOf(new Uint8Array(32).fill(byte), NETWORK)
const [operator, peer, coordinator, other] = [keyring(1), keyring(2), keyring(3), keyring(4)]

const plan = smallPlan()
const [place] = slotsOf(plan)
assert.ok(place)
const unit = unitOf(plan, place, firstInput(plan, place))
const lie = runUnit(unit, { what: 'lie', segment: 3 })
const lease = new Uint8Array(32).fill(9)

const revealBody: Reveal = {
  kind: 'reveal',
  lease,
  unit: toBlock(unit).cid,
  attempt: 0,
  operator: operator.key,
  peer: peer.key,
  result: lie.cid,
  traceRoot: lie.result.traceRoot,
  fuel: lie.result.fuel,
  salt: new Uint8Array(32).fill(7)
}
const binding = operator.sign('binding', {
  kind: 'binding',
  operator: operator.key,
  peer: peer.key,
  expiresAtMs: 1
})

const fraudBody = (change: Partial<FraudProof> = {}): FraudProof => ({
  kind: 'fraud-proof',
  unit: toBlock(unit).bytes,
  binding,
  reveal: peer.sign('reveal', revealBody),
  result: toBlock(lie.result).bytes,
  segment: 3,
  found: { state: unit.state, outputs: [] },
  ...change
})
const fraud = (change: Partial<FraudProof> = {}): Uint8Array =>
  coordinator.sign('fraud-proof', fraudBody(change))

const commitOf = (digest: Uint8Array, witness?: Uint8Array) =>
  peer.sign('commit', {
    kind: 'commit',
    lease,
    unit: revealBody.unit,
    attempt: 0,
    operator: operator.key,
    peer: peer.key,
    digest,
    atMs: 1,
    ...(witness === undefined ? {} : { witness })
  })

describe('a proof of fraud', () => {
  it('names operator, segment and the state that the accused itself starts it from', () => {
    const opened = openFraudProof(NETWORK, fraud())
    assert.deepEqual(opened.operator, operator.key)
    assert.equal(opened.segment, 3)
    assert.equal(`${opened.before}`, `${lie.result.states[2]}`)
    assert.equal(`${openFraudProof(NETWORK, fraud({ segment: 0 })).before}`, `${unit.state}`)
  })

  const honest = runUnit(unit)
  const refused: Record<string, () => Uint8Array> = {
    'of another mesh': () =>
      keyringOf(new Uint8Array(32).fill(3), 'x').sign('fraud-proof', fraudBody()),
    'with a result that was not revealed': () => fraud({ result: toBlock(honest.result).bytes }),
    'with another unit': () => fraud({ unit: toBlock({ ...unit, firstStep: 1 }).bytes }),
    'with a segment the unit lacks': () => fraud({ segment: unit.segmentCount }),
    'with a reveal that somebody else signed': () =>
      fraud({ reveal: other.sign('reveal', revealBody) }),
    'with a binding of another operator': () =>
      fraud({
        binding: other.sign('binding', {
          kind: 'binding',
          operator: other.key,
          peer: peer.key,
          expiresAtMs: 1
        })
      }),
    'with a trace root that is not its trace': () =>
      fraud({ reveal: peer.sign('reveal', { ...revealBody, traceRoot: new Uint8Array(32) }) })
  }
  for (const [name, make] of Object.entries(refused)) {
    it(`${name} is refused`, () => {
      assert.throws(() => openFraudProof(NETWORK, make()), ShapeError)
    })
  }
})

describe('a proof of mismatch', () => {
  const mismatch = (change: Partial<MismatchProof> = {}): Uint8Array =>
    coordinator.sign('mismatch-proof', {
      kind: 'mismatch-proof',
      binding,
      commit: commitOf(new Uint8Array(32).fill(1)),
      reveal: peer.sign('reveal', revealBody),
      ...change
    })

  it('holds where the reveal does not open the commit', () => {
    assert.deepEqual(openMismatchProof(NETWORK, mismatch()).operator, operator.key)
  })

  it('of an honest reveal, or of two leases, is refused', () => {
    const honest = mismatch({ commit: commitOf(commitDigest(revealBody)) })
    assert.throws(() => openMismatchProof(NETWORK, honest), ShapeError)
    const foreign = peer.sign('reveal', { ...revealBody, lease: new Uint8Array(32) })
    assert.throws(() => openMismatchProof(NETWORK, mismatch({ reveal: foreign })), ShapeError)
  })

  it('without a reveal holds where the commit carries the seal of another digest', () => {
    const sealed = (digest: Uint8Array): Uint8Array =>
      coordinator.sign('witnessing', {
        kind: 'witnessing',
        lease,
        unit: revealBody.unit,
        operator: operator.key,
        peer: peer.key,
        digest,
        owner: coordinator.key,
        atMs: 1,
        nonce: new Uint8Array(32)
      })
    const digest = new Uint8Array(32).fill(1)
    const unsealed = (witness?: Uint8Array): Uint8Array =>
      coordinator.sign('mismatch-proof', {
        kind: 'mismatch-proof',
        binding,
        commit: commitOf(digest, witness)
      })
    const lie = unsealed(sealed(new Uint8Array(32).fill(2)))
    assert.deepEqual(openMismatchProof(NETWORK, lie).operator, operator.key)
    for (const honest of [unsealed(sealed(digest)), unsealed()]) {
      assert.throws(() => openMismatchProof(NETWORK, honest), ShapeError)
    }
  })

  it('topic proofs passes on what a coordinator shows and what holds together', () => {
    const member = { key: coordinator.key, institution: 'One', addresses: [] }
    const body = { ...federationOf(['one']).body, network: NETWORK, coordinators: [member] }
    const context = { federation: body, atMs: 0 }
    const saidOf = (bytes: Uint8Array): string => {
      const judged = admitProof(bytes, context)
      return judged.action === 'accept' ? 'accept' : judged.reason
    }
    assert.equal(saidOf(fraud()), 'accept')
    assert.equal(saidOf(other.sign('fraud-proof', fraudBody())), 'not-a-coordinator')
    assert.equal(saidOf(fraud({ segment: 31, unit: Uint8Array.of(1) })), 'bad-signature')
  })
})
