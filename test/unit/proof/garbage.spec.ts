/** A block that is no result, with the reveal that names it: who opens it, who is named by it. */
import assert from 'node:assert/strict'
import { verifyProof } from '../../../node/proof/verify-proof.ts'
import { openMemoryBlocks } from '../../../node/store/memory-blocks.ts'
import { cborCid, decode, toBlock } from '../../../protocol/canonical.ts'
import { commitDigest } from '../../../protocol/commit-digest.ts'
import { openInbound } from '../../../protocol/inbound.ts'
import type { Reveal } from '../../../protocol/message/result.ts'
import type { Head } from '../../../protocol/message/watch.ts'
import { openGarbageProof } from '../../../protocol/proof/garbage.ts'
import { ShapeError } from '../../../protocol/shape.ts'
import { claimedKind, keyringOf } from '../../../protocol/signed.ts'
import { workUnit } from '../../../protocol/work-unit.ts'
import { smallPlan } from '../../fixtures/plans/small-plan.ts'
import { runUnit } from '../../sim/nodes/kernel.ts'
import { cheapCurve } from '../../sim/world/cheap-curve.ts'
import { actionOf, type BareEvent, Desk, revealOf } from '../coordinator/harness.ts'

const NETWORK = 'unit'
const keyring = (byte: number) => keyringOf(new Uint8Array(32).fill(byte), NETWORK)
const [operator, peer, coordinator, other] = [keyring(1), keyring(2), keyring(3), keyring(4)]
const GARBAGE = new Uint8Array([1, 2, 3])
const HEAD: Head = {
  kind: 'head',
  coordinator: peer.key,
  length: 7,
  head: new Uint8Array(32),
  atMs: 1
}

/** What eve has of a unit of its own lease: a reveal that names this block. */
const naming = (reveal: Reveal, block: Uint8Array): Reveal => ({
  ...reveal,
  result: cborCid(block)
})

/** A desk on which eve and ann hold the one slot. */
function atDesk() {
  const desk = new Desk('alpha')
  desk.submit(smallPlan({ blockCount: 1, windowSteps: 48 }))
  return { desk, ann: desk.grant('ann'), eve: desk.grant('eve') }
}

const honestReveal = (): Reveal => ({
  ...revealOf(atDesk().eve),
  operator: operator.key,
  peer: peer.key
})
const binding = (by = operator): Uint8Array =>
  by.sign('binding', { kind: 'binding', operator: by.key, peer: peer.key, expiresAtMs: 1 })
const proofOf = (reveal: Reveal, block: Uint8Array, bound = binding()): Uint8Array =>
  coordinator.sign('garbage-proof', {
    kind: 'garbage-proof',
    binding: bound,
    reveal: peer.sign('reveal', reveal),
    block
  })

describe('a proof of garbage', () => {
  const reveal = honestReveal()
  const unit = decode(workUnit, atDesk().eve.unit)
  const honest = toBlock(runUnit(unit).result).bytes

  it('names who revealed bytes that are no result, or another result', () => {
    const another = toBlock({ ...runUnit(unit).result, fuel: 1 }).bytes
    for (const block of [GARBAGE, new Uint8Array(0), another]) {
      const opened = openGarbageProof(NETWORK, proofOf(naming(reveal, block), block))
      assert.deepEqual(opened.operator, operator.key)
    }
  })

  const refused: Record<string, () => Uint8Array> = {
    'an honest result': () => proofOf(naming(reveal, honest), honest),
    'a block that was not revealed': () => proofOf(naming(reveal, honest), GARBAGE),
    'a binding of somebody else': () => proofOf(naming(reveal, GARBAGE), GARBAGE, binding(other))
  }
  for (const [name, make] of Object.entries(refused)) {
    it(`of ${name} is none`, () => {
      assert.throws(() => openGarbageProof(NETWORK, make()), ShapeError)
    })
  }

  it('convicts at the owner, at once at another coordinator, and survives a restart', () => {
    const { desk, ann, eve } = atDesk()
    const lie = naming(revealOf(eve), GARBAGE)
    desk.commit('ann', ann)
    const { lease, ...sealed } = lie
    const { operator: by, unit: of, attempt } = sealed
    const digest = commitDigest(sealed)
    const committed = { lease, unit: of, attempt, operator: by, peer: lie.peer, digest }
    desk.say('eve', 'commit', { kind: 'commit', ...committed, atMs: desk.atMs })
    desk.say('eve', 'reveal', lie)
    const [{ fetch } = assert.fail('no fetch')] = desk.of('fetch')
    desk.handle({ kind: 'fetch-failed', fetch, fault: 'blocks-invalid', root: GARBAGE })
    const [{ block: proof } = assert.fail('no proof')] = desk.of('keep')
    assert.equal(claimedKind(proof), 'garbage-proof')
    assert.equal(actionOf(desk.request('eve')), 'convicted')
    desk.restart()
    assert.equal(actionOf(desk.request('eve')), 'convicted')

    const beta = new Desk('beta', ['alpha', 'beta'])
    beta.submit(smallPlan({ blockCount: 4, windowSteps: 48 }))
    beta.handle({ ...openInbound(NETWORK, proof, cheapCurve), replyTo: 'stream' } as BareEvent)
    assert.equal(actionOf(beta.request('eve')), 'convicted')
  })

  it('a root that is fine and lacks its blocks is a fault, and no proof', () => {
    const { desk, ann, eve } = atDesk()
    desk.commit('ann', ann)
    desk.commit('eve', eve)
    desk.reveal('eve', eve)
    const [{ fetch } = assert.fail('no fetch')] = desk.of('fetch')
    desk.handle({ kind: 'fetch-failed', fetch, fault: 'blocks-invalid', root: honest })
    assert.equal(desk.of('keep').length, 0)
    assert.notEqual(actionOf(desk.request('eve')), 'convicted')
  })
})

describe('a third party', () => {
  const compute = () => assert.fail('nothing is to be run')
  const verify = async (proof: Uint8Array) => {
    const blocks = openMemoryBlocks()
    const cid = cborCid(proof)
    await blocks.put({ cid, bytes: proof })
    return verifyProof({ cid, blocks, network: NETWORK, compute })
  }
  const headOf = (change: Partial<Head>): Uint8Array => peer.sign('head', { ...HEAD, ...change })
  const twoHeads = (second: Uint8Array): Uint8Array =>
    coordinator.sign('equivocation-proof', {
      kind: 'equivocation-proof',
      about: 'head',
      first: headOf({}),
      second
    })

  it('verifies garbage', async () => {
    const report = await verify(proofOf(naming(honestReveal(), GARBAGE), GARBAGE))
    assert.equal(report.accused, Buffer.from(operator.key).toString('hex'))
  })

  it('verifies an equivocation, and that two statements which agree are none', async () => {
    const report = await verify(twoHeads(headOf({ head: new Uint8Array(32).fill(1) })))
    assert.equal(report.accused, Buffer.from(peer.key).toString('hex'))
    assert.match(report.finding, /two statements of kind head/)
    for (const second of [headOf({ atMs: 2 }), headOf({ length: 8 })]) {
      await assert.rejects(verify(twoHeads(second)), /proves nothing/)
    }
    const foreign = { ...HEAD, head: new Uint8Array(32).fill(1) }
    await assert.rejects(verify(twoHeads(other.sign('head', foreign))), /proves nothing/)
  })
})
