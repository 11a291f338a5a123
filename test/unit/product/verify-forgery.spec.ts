/**
 * Every way in which a coordinator, an operator or a stranger could sign what is not so.
 */
import { strict as assert } from 'node:assert'
import { buildForecastFolder } from '../../../node/forecast/product/evidence/manifest.ts'
import { toRawBlock } from '../../../protocol/canonical.ts'
import type { Verdict } from '../../../protocol/message/result.ts'
import { publicKeyOf } from '../../../protocol/signed.ts'
import { buildWorld } from './assembled.ts'
import {
  COORDINATORS,
  type Forgery,
  isMismatch,
  publishWorld,
  ROOT,
  type Said,
  signWorld,
  verifyWorld,
  voter
} from './signed-world.ts'

const STRANGER = new Uint8Array(32).fill(66)
const world = buildWorld({ cuts: [15], windowSteps: 12, particles: 30 })
const published = (forgery: Forgery = {}) => publishWorld(world, forgery)

describe('verify refuses', () => {
  const first = (verdict: Verdict) => {
    const [one] = verdict.agreeing
    assert.ok(one)
    return one
  }
  const saidOf = ({ fuel, result, traceRoot, unit }: Verdict): Said => {
    const lease = new Uint8Array(32).fill(8)
    return { lease, unit, attempt: 1, result, traceRoot, fuel, salt: new Uint8Array(32) }
  }
  const forgeries: Record<string, [Forgery, RegExp]> = {
    'a verdict by no coordinator': [
      { verdictSigner: STRANGER },
      /no coordinator of the federation/
    ],
    'a cosignature by no coordinator': [
      { cosigners: [STRANGER] },
      /cosignature 0 is by \w+, no coordinator/
    ],
    'a coordinator that signs twice': [
      { cosigners: [COORDINATORS[0] ?? ROOT, COORDINATORS[0] ?? ROOT] },
      /twice/
    ],
    'no cosignature at all': [{ cosigners: [] }, /signed by no coordinator/],
    'one operator counted twice': [
      { verdict: (verdict) => ({ ...verdict, agreeing: [first(verdict), first(verdict)] }) },
      /counts one operator twice/
    ],
    'too few operators': [
      { verdict: (verdict) => ({ ...verdict, agreeing: [first(verdict)] }) },
      /has too few operators: found 1, expected 2/
    ],
    'a reveal of another result': [
      {
        verdict: (verdict) => {
          const result = toRawBlock(Uint8Array.of(4)).cid
          const agreeing = [first(verdict), voter({ ...saidOf(verdict), result }, 2)]
          return { ...verdict, agreeing }
        }
      },
      /has another result/
    ],
    'a reveal with other fuel': [
      {
        verdict: (verdict) => {
          const agreeing = [first(verdict), voter({ ...saidOf(verdict), fuel: 1 }, 2)]
          return { ...verdict, agreeing }
        }
      },
      /another trace or fuel/
    ],
    "another's reveal under an own name": [
      {
        verdict: (verdict) => {
          const { reveal } = first(verdict)
          const own = { ...voter(saidOf(verdict), 2), reveal }
          return { ...verdict, agreeing: [first(verdict), own] }
        }
      },
      /is by another than the verdict names/
    ],
    'a peer that binds itself to an operator': [
      {
        verdict: (verdict) => {
          const own = voter(saidOf(verdict), 2, { bindingSigner: STRANGER })
          return { ...verdict, agreeing: [first(verdict), own] }
        }
      },
      /is not bound to the operator/
    ],
    'a verdict on another unit': [
      {
        verdict: (verdict) => {
          const unit = toRawBlock(Uint8Array.of(5)).cid
          const said = { ...saidOf(verdict), unit }
          return { ...verdict, unit, agreeing: [voter(said, 0), voter(said, 1)] }
        }
      },
      /unit 0\/0\/0 has a verdict on another unit: found bafk\w+, expected bafy/
    ],
    'a reveal signed by another peer': [
      {
        verdict: (verdict) => {
          const own = voter(saidOf(verdict), 2, { revealSigner: STRANGER })
          return { ...verdict, agreeing: [first(verdict), own] }
        }
      },
      /is not signed by its peer/
    ],
    'a binding of another peer': [
      {
        verdict: (verdict) => {
          const own = voter(saidOf(verdict), 2, { boundPeer: publicKeyOf(STRANGER) })
          return { ...verdict, agreeing: [first(verdict), own] }
        }
      },
      /is by a peer the operator did not name/
    ],
    'a reveal of another unit': [
      {
        verdict: (verdict) => {
          const own = voter({ ...saidOf(verdict), unit: verdict.result }, 2)
          return { ...verdict, agreeing: [first(verdict), own] }
        }
      },
      /is of another unit/
    ],
    'a verdict of another plan': [
      { verdict: (verdict) => ({ ...verdict, slot: { ...verdict.slot, plan: verdict.unit } }) },
      /has a verdict of another plan/
    ],
    'another units table than was signed': [
      { body: (body) => ({ ...body, units: body.plan }) },
      /units table is another than was signed/
    ],
    'another federation than was signed': [
      { federation: (federation) => ({ ...federation, epoch: 2 }) },
      /federation is another than the forecast names/
    ],
    'a cosignature over another forecast': [
      { cosignature: (said) => ({ ...said, forecast: said.recomputed[0]?.plan ?? said.forecast }) },
      /is over another forecast/
    ],
    'a cosignature in the name of another': [
      { cosignature: (said) => ({ ...said, coordinator: publicKeyOf(STRANGER) }) },
      /is not by its signer/
    ],
    'a cosignature that re-ran another plan': [
      {
        cosignature: (said) => ({
          ...said,
          recomputed: [{ plan: said.forecast, member: 0, block: 0, window: 0 }]
        })
      },
      /counts units of another plan/
    ],
    'a reveal that no witness sealed': [
      {
        verdict: (verdict) => {
          const { witness, ...bare } = voter(saidOf(verdict), 2)
          assert.ok(witness)
          return { ...verdict, agreeing: [first(verdict), bare] }
        }
      },
      /was sealed by no witness/
    ],
    'a seal of another digest': [
      {
        verdict: (verdict) => {
          const own = voter(saidOf(verdict), 2, { witnessing: { digest: new Uint8Array(32) } })
          return { ...verdict, agreeing: [first(verdict), own] }
        }
      },
      /is not what was sealed/
    ],
    'a seal by the owner itself': [
      {
        verdict: (verdict) => {
          const own = voter(saidOf(verdict), 2, { witnessSigner: COORDINATORS[0] ?? STRANGER })
          return { ...verdict, agreeing: [first(verdict), own] }
        }
      },
      /who is no witness/
    ],
    'an attestation by a stranger': [
      { attestationSigner: STRANGER },
      /attestation .* is by no coordinator of the federation/
    ],
    'an attestation of a verdict that is not there': [
      { attestation: (said) => ({ ...said, verdict: said.unit }) },
      /is of a verdict that is not there/
    ],
    'an attestation of another result': [
      { attestation: (said) => ({ ...said, result: said.unit }) },
      /is of another result/
    ],
    'an owner that attests itself': [
      {
        attestationSigner: COORDINATORS[0] ?? STRANGER,
        attestation: (said) => ({ ...said, coordinator: publicKeyOf(COORDINATORS[0] ?? STRANGER) })
      },
      /counts one coordinator twice/
    ],
    'a gap outside the plan': [
      {
        body: (body) => ({
          ...body,
          gaps: [{ plan: body.plan, member: 7, block: 0, window: 0 }]
        })
      },
      /unit 7\/0\/0 is not in the plan/
    ],
    'a gap that was settled': [
      {
        body: (body) => ({
          ...body,
          gaps: [{ plan: body.plan, member: 0, block: 0, window: 0 }]
        })
      },
      /unit 0\/0\/0 is listed twice/
    ],
    'a product that the results do not give': [
      { body: (body) => ({ ...body, product: body.plan }) },
      /product is another than was signed/
    ]
  }
  for (const [name, [forgery, pattern]] of Object.entries(forgeries)) {
    it(name, async () => {
      const attempt = async () => {
        const { blocks, forecast } = await published(forgery)
        await verifyWorld(world, forecast, blocks)
      }
      await assert.rejects(attempt(), isMismatch(pattern))
    })
  }

  it('another root key', async () => {
    const { blocks, forecast } = await published({ root: STRANGER })
    await assert.rejects(
      verifyWorld(world, forecast, blocks),
      isMismatch(/federation is not signed by the root key/)
    )
  })

  it('any bit of a cosignature', async () => {
    const signed = await signWorld(world)
    const [one, two] = signed.cosignatures
    assert.ok(one && two)
    for (const at of [one.length - 1, one.length - 70, 20]) {
      const forged = Uint8Array.from(one)
      forged[at] = (forged[at] ?? 0) ^ 1
      const attempt = buildForecastFolder({ ...signed, cosignatures: [forged, two] })
      await assert.rejects(attempt, isMismatch(/cosignature 0/), `byte ${at}`)
    }
  })
})
