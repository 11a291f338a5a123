/** Topics heads, proofs and control: what is passed on, ignored, and held against the sender. */
import assert from 'node:assert/strict'
import { admitHead, admitManifest, admitProof } from '../../../protocol/admission.ts'
import { encode } from '../../../protocol/canonical.ts'
import { DEFAULT_TIMERS, type Federation } from '../../../protocol/federation.ts'
import { GOSSIP_BYTES_MAX } from '../../../protocol/limits.ts'
import type { Head } from '../../../protocol/message/watch.ts'
import { keyringOf, publicKeyOf, signManifest } from '../../../protocol/signed.ts'
import { KERNEL } from '../../fixtures/plans/small-plan.ts'

const NOW = 1_700_000_000_000
const [rootA = '', rootB = '', alpha = '', mallory = ''] = 'abcd'
const secret = (name: string): Uint8Array => new Uint8Array(32).fill(name.charCodeAt(0))
const FEDERATION: Federation = {
  kind: 'federation',
  network: 'sea',
  epoch: 3,
  roots: [publicKeyOf(secret(rootA)), publicKeyOf(secret(rootB))],
  rootsNeeded: 1,
  coordinators: [{ key: publicKeyOf(secret(alpha)), institution: 'Alpha', addresses: [] }],
  signaturesNeeded: 1,
  kernels: [KERNEL],
  admissionBits: 0,
  timers: DEFAULT_TIMERS,
  timeScale: 1
}
const CONTEXT = { federation: FEDERATION, atMs: NOW }
const keys = (name: string) => keyringOf(secret(name), 'sea')

const head = (change: Partial<Head> = {}, signer = alpha): Uint8Array =>
  keys(signer).sign('head', {
    kind: 'head',
    coordinator: keys(signer).key,
    length: 5,
    head: new Uint8Array(32),
    atMs: NOW,
    ...change
  })

const proof = (first: Uint8Array, second: Uint8Array, signer = alpha): Uint8Array =>
  keys(signer).sign('equivocation-proof', {
    kind: 'equivocation-proof',
    about: 'head',
    first,
    second
  })

const next = (change: Partial<Federation>, ...signers: readonly string[]): Uint8Array => {
  const body = encode({ ...FEDERATION, epoch: 4, ...change })
  const [first = rootA, second] = signers
  const signed = signManifest(body, secret(first))
  if (second === undefined) return signed
  const one = { signer: publicKeyOf(secret(first)), signature: signatureIn(signed) }
  return signManifest(body, secret(second), [one])
}

const signatureIn = (bytes: Uint8Array): Uint8Array => bytes.subarray(bytes.length - 64)

const saidOf = (judged: { action: string; reason?: string }): string =>
  judged.reason ?? judged.action

describe('admission of what coordinators say of themselves', () => {
  it('heads', () => {
    const cases: [string, Uint8Array][] = [
      ['accept', head()],
      ['not-a-coordinator', head({}, mallory)],
      ['stale', head({ atMs: NOW - 3_600_000 })],
      ['early', head({ atMs: NOW + 3_600_000 })],
      ['malformed', Uint8Array.of(1)],
      ['oversize', new Uint8Array(GOSSIP_BYTES_MAX + 1)],
      ['unknown-kind', proof(head(), head())]
    ]
    for (const [expected, bytes] of cases) {
      assert.equal(saidOf(admitHead(bytes, CONTEXT)), expected)
    }
    const forged = head()
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1
    assert.notEqual(admitHead(forged, CONTEXT).action, 'accept')
  })

  it('proofs: two statements of one coordinator that conflict', () => {
    const other = head({ head: new Uint8Array(32).fill(1) })
    const foreign = [head({}, mallory), head({ head: new Uint8Array(32).fill(1) }, mallory)]
    const [one, two] = foreign as [Uint8Array, Uint8Array]
    const cases: [string, Uint8Array][] = [
      ['accept', proof(head(), other)],
      ['no-conflict', proof(head(), head({ atMs: NOW + 1 }))],
      ['no-conflict', proof(head(), head({ length: 6, head: new Uint8Array(32).fill(1) }))],
      ['not-a-coordinator', proof(one, two)],
      ['bad-signature', proof(head(), two)],
      ['not-a-coordinator', proof(head(), other, mallory)]
    ]
    for (const [expected, bytes] of cases) {
      assert.equal(saidOf(admitProof(bytes, CONTEXT)), expected)
    }
  })

  it('manifests: a later epoch, signed by enough of the roots that are trusted now', () => {
    const stranger = publicKeyOf(secret(mallory))
    const needsTwo: Federation = { ...FEDERATION, rootsNeeded: 2 }
    const cases: [string, Uint8Array, Federation][] = [
      ['accept', next({}), FEDERATION],
      ['accept', next({ roots: [stranger, FEDERATION.roots[0] ?? stranger] }), FEDERATION],
      ['stale', next({ epoch: 3 }), FEDERATION],
      ['unknown-kind', next({ network: 'lake' }), FEDERATION],
      ['not-a-root', next({ roots: [stranger] }, mallory), FEDERATION],
      ['not-a-root', next({}), needsTwo],
      ['accept', next({}, rootA, rootB), needsTwo],
      ['bad-signature', next({ rootsNeeded: 2 }), FEDERATION],
      ['malformed', Uint8Array.of(1), FEDERATION],
      ['oversize', new Uint8Array(GOSSIP_BYTES_MAX + 1), FEDERATION]
    ]
    for (const [index, [expected, bytes, present]] of cases.entries()) {
      assert.equal(saidOf(admitManifest(bytes, present)), expected, `case ${index}`)
    }
  })
})
