/** Certificates: what counts in one, and every way to forge one. */
import assert from 'node:assert/strict'
import { CID } from 'multiformats/cid'
import {
  certificateOf,
  contributionOf,
  verifyCertificate
} from '../../../node/service/contribution/certificate.ts'
import { makeFederation } from '../../../node/service/federation-file.ts'
import { keyringOf, openFederation, publicKeyOf } from '../../../protocol/signed.ts'

const NETWORK = 'ocean'
const secret = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)
const ROOT = secret(1)
const ALPHA = keyringOf(secret(2), NETWORK)
const STRANGER = keyringOf(secret(3), NETWORK)
const OPERATOR = publicKeyOf(secret(4))
const PEER = publicKeyOf(secret(5))
const OTHER = publicKeyOf(secret(6))
const LINK = CID.parse('bafyreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy')
const VERDICTS = [
  LINK,
  CID.parse('bafyreidykglsfhoixmivffc5uwhcgshx4j465xwqntbmu43nb2dzqwfvae')
] as const

const MANIFEST = makeFederation({
  network: NETWORK,
  coordinators: [{ key: ALPHA.key, institution: 'Institute A', addresses: [] }],
  timeScale: 1,
  rootSecrets: [ROOT]
})
const FEDERATION = openFederation(MANIFEST)

const receipt = (verdict: CID, by = ALPHA, operator = OPERATOR): Uint8Array =>
  by.sign('receipt', {
    kind: 'receipt',
    operator,
    peer: PEER,
    slot: { plan: LINK, member: 0, block: 0, window: 0 },
    unit: LINK,
    fuel: 1000,
    verdict,
    atMs: 1_700_000_000_000
  })

describe('a certificate', () => {
  const [first, second] = VERDICTS.map((verdict) => receipt(verdict))
  assert.ok(first !== undefined && second !== undefined)

  it('sums up what counts, once', () => {
    const others = [receipt(LINK, STRANGER), receipt(LINK, ALPHA, OTHER)]
    const receipts = [first, second, first, ...others]
    const { contribution, refused } = contributionOf(FEDERATION, OPERATOR, receipts)
    assert.equal(contribution.units, 2)
    assert.equal(contribution.particleSteps, 2000)
    assert.deepEqual(contribution.institutions, { 'Institute A': 2 })
    assert.equal(refused, 2)
  })

  it('is valid after a way through JSON, under the root key', () => {
    const made = certificateOf(MANIFEST, OPERATOR, [first, second])
    const json = JSON.parse(JSON.stringify(made))
    const { contribution, roots } = verifyCertificate(json, publicKeyOf(ROOT))
    assert.equal(contribution.units, 2)
    assert.equal(roots.length, 1)
  })

  it('is refused however it is forged', () => {
    const mine = certificateOf(MANIFEST, OPERATOR, [first])
    const flipped = new Uint8Array(first)
    flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1
    const root = publicKeyOf(ROOT)
    const forged: [string, unknown, Uint8Array][] = [
      ['no certificate', { kind: 'x' }, root],
      ['a changed bit', certificateOf(MANIFEST, OPERATOR, [flipped]), root],
      ['a stranger signs', certificateOf(MANIFEST, OPERATOR, [receipt(LINK, STRANGER)]), root],
      ['the work of another', { ...mine, operator: Buffer.from(OTHER).toString('hex') }, root],
      ['another root', mine, publicKeyOf(secret(9))],
      ['a cut manifest', { ...mine, manifest: mine.manifest.slice(0, 40) }, root]
    ]
    for (const [what, json, key] of forged) {
      assert.throws(() => verifyCertificate(json, key), { code: 'verify/mismatch' }, what)
    }
  })
})
