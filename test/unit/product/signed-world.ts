/**
 * Signs a world: a federation, operators with their peers, verdicts with reveals, co-signatures.
 * Every part can be forged by the caller, which is what the verify specs do.
 */

import { strict as assert } from 'node:assert'
import { CID } from 'multiformats/cid'
import { equals } from 'uint8arrays/equals'
import { type AssembledProduct, assembleProduct } from '../../../node/forecast/product/assemble.ts'
import { buildForecastFolder } from '../../../node/forecast/product/evidence/manifest.ts'
import {
  type VerifyInput,
  type VerifyReport,
  verifyForecast
} from '../../../node/forecast/product/verify/verify.ts'
import { isMeshError } from '../../../node/mesh-error.ts'
import type { Blocks } from '../../../node/store/blocks.ts'
import type { MemoryBlocks } from '../../../node/store/memory-blocks.ts'
import { cborCid, encode, toBlock } from '../../../protocol/canonical.ts'
import { commitDigest } from '../../../protocol/commit-digest.ts'
import { DEFAULT_TIMERS, type Federation } from '../../../protocol/federation.ts'
import type { Cosignature, ForecastBody } from '../../../protocol/message/forecast.ts'
import type { Attestation } from '../../../protocol/message/notice.ts'
import type { Reveal, Verdict, Witnessing } from '../../../protocol/message/result.ts'
import type { Slot } from '../../../protocol/plan.ts'
import { bodyOf, publicKeyOf, signManifest, signStatement } from '../../../protocol/signed.ts'
import { unitsBlocks } from '../../../protocol/units.ts'
import { fill, type World } from './assembled.ts'
import { areas } from './world.ts'

export const NETWORK = 'test-net'
const secret = (number: number): Uint8Array => new Uint8Array(32).fill(number)
export const ROOT = secret(1)
export const COORDINATORS = [secret(11), secret(12)]
export const OPERATORS = [secret(21), secret(22), secret(23)]
export const peerOf = (operator: number): Uint8Array => secret(31 + operator)

export interface Forgery {
  readonly coordinatorCount?: number
  readonly signaturesNeeded?: number
  /** Coordinators that cosign, by number; each checks one unit unless `isUnchecked`. */
  readonly cosigners?: readonly Uint8Array[]
  readonly isUnchecked?: boolean
  readonly gaps?: readonly Omit<Slot, 'plan'>[]
  readonly root?: Uint8Array
  readonly verdict?: (verdict: Verdict) => Verdict
  readonly verdictSigner?: Uint8Array
  /** Fuel that every volunteer and verdict claims. */
  readonly fuel?: number
  readonly attestation?: (said: Attestation) => Attestation
  readonly attestationSigner?: Uint8Array
  readonly cosignature?: (said: Cosignature) => Cosignature
  readonly federation?: (federation: Federation) => Federation
  readonly body?: (body: ForecastBody) => ForecastBody
}

export interface SignedWorld {
  readonly plan: Uint8Array
  readonly planCid: CID
  readonly body: ForecastBody
  readonly cosignatures: Uint8Array[]
  readonly verdicts: Uint8Array[]
  readonly attestations: Uint8Array[]
  readonly federation: Uint8Array
  readonly assembled: AssembledProduct
  readonly blocks: MemoryBlocks
}

export function makeFederation(world: World, forgery: Forgery): Federation {
  const keys = COORDINATORS.slice(0, forgery.coordinatorCount ?? 2)
  return {
    kind: 'federation',
    network: NETWORK,
    epoch: 1,
    coordinators: keys.map((key, index) => ({
      key: publicKeyOf(key),
      institution: `Institute ${index}`,
      addresses: []
    })),
    signaturesNeeded: forgery.signaturesNeeded ?? keys.length,
    kernels: [world.plan.kernel],
    roots: [publicKeyOf(forgery.root ?? ROOT)],
    rootsNeeded: 1,
    admissionBits: 0,
    timers: DEFAULT_TIMERS,
    timeScale: 30
  }
}

/** What an operator's peer reveals of a result. */
export type Said = Omit<Reveal, 'operator' | 'peer' | 'kind'>

export interface VoterForgery {
  readonly revealSigner?: Uint8Array
  readonly boundPeer?: Uint8Array
  readonly bindingSigner?: Uint8Array
  readonly witnessSigner?: Uint8Array
  readonly witnessing?: Partial<Witnessing>
}

/** A voter of a verdict: one operator's peer that revealed this. */
export function voter(said: Said, operator: number, forgery: VoterForgery = {}) {
  const operatorSecret = OPERATORS[operator] ?? secret(99)
  const who = { operator: publicKeyOf(operatorSecret), peer: publicKeyOf(peerOf(operator)) }
  const bound = { ...who, peer: forgery.boundPeer ?? who.peer }
  const binding = { kind: 'binding', ...bound, expiresAtMs: 2_000_000_000_000 } as const
  const reveal = { kind: 'reveal', ...said, ...who } as const
  const { lease, unit } = said
  const digest = commitDigest(reveal)
  const owner = publicKeyOf(COORDINATORS[0] ?? ROOT)
  const sealed = { lease, unit, ...who, digest, owner, atMs: 1, nonce: secret(9) }
  const witnessing = { kind: 'witnessing' as const, ...sealed, ...forgery.witnessing }
  const witnessSigner = forgery.witnessSigner ?? COORDINATORS[1] ?? ROOT
  const bindingSigner = forgery.bindingSigner ?? operatorSecret
  return {
    ...who,
    binding: signStatement('binding', NETWORK, binding, bindingSigner),
    reveal: signStatement('reveal', NETWORK, reveal, forgery.revealSigner ?? peerOf(operator)),
    witness: signStatement('witnessing', NETWORK, witnessing, witnessSigner)
  }
}

function verdictOf(slot: Slot, unit: CID, computed: { result: object; cid: CID }): Verdict {
  const { fuel, traceRoot } = computed.result as { fuel: number; traceRoot: Uint8Array }
  const salt = secret(7)
  const said = { lease: secret(8), unit, attempt: 1, result: computed.cid, traceRoot, fuel, salt }
  const agreeing = [0, 1].map((operator) => voter(said, operator))
  const found = { unit, result: computed.cid, traceRoot, fuel }
  return { kind: 'verdict', slot, term: 1, ...found, agreeing, dissenting: [], faulty: [] }
}

function attestationOf(envelope: Uint8Array, key: Uint8Array, forgery: Forgery): Uint8Array {
  const { slot, unit, result } = bodyOf('verdict', envelope)
  const about = { verdict: cborCid(envelope), slot, unit, revision: 0, result }
  const coordinator = publicKeyOf(key)
  const honest = { kind: 'attestation', ...about, coordinator, segment: 0, atMs: 1 } as const
  const said = forgery.attestation?.(honest) ?? honest
  return signStatement('attestation', NETWORK, said, forgery.attestationSigner ?? key)
}

/** Assembles a world and signs it. */
export async function signWorld(world: World, forgery: Forgery = {}): Promise<SignedWorld> {
  const blocks = await fill(world.blocks)
  const planBlock = toBlock(world.plan)
  const gaps = (forgery.gaps ?? []).map((slot) => ({ ...slot, plan: planBlock.cid }))
  const isGap = (slot: Omit<Slot, 'plan'>): boolean =>
    gaps.some(
      (gap) => gap.member === slot.member && gap.block === slot.block && gap.window === slot.window
    )
  const slots = world.slots
    .filter((slot) => !isGap(slot))
    .sort((a, b) => a.window - b.window || a.member - b.member || a.block - b.block)
  const byResult = new Map(
    [...world.computed].map(([unit, made]) => [made.cid.toString(), { ...made, unit }])
  )
  const verdicts = slots.map(({ result, ...place }) => {
    const made = byResult.get(result.toString())
    if (made === undefined) throw new Error('no such result')
    const claimed = { ...made.result, fuel: forgery.fuel ?? made.result.fuel }
    const found = { cid: made.cid, result: claimed }
    const verdict = verdictOf({ ...place, plan: planBlock.cid }, CID.parse(made.unit), found)
    const signer = forgery.verdictSigner ?? COORDINATORS[0] ?? ROOT
    return signStatement('verdict', NETWORK, forgery.verdict?.(verdict) ?? verdict, signer)
  })
  const federation = makeFederation(world, forgery)
  const assembled = await assembleProduct({
    plan: world.plan,
    slots,
    blocks,
    kernel: world.kernel ?? areas
  })
  const honest: ForecastBody = {
    kind: 'forecast',
    plan: planBlock.cid,
    federation: toBlock(federation).cid,
    product: assembled.product,
    units: unitsBlocks(verdicts).cid,
    gaps,
    version: 1
  }
  const body = forgery.body?.(honest) ?? honest
  const [first] = slots
  const recomputed =
    first === undefined || forgery.isUnchecked === true
      ? []
      : [{ member: 0, block: 0, window: 0, plan: planBlock.cid }]
  const cosigners = forgery.cosigners ?? COORDINATORS.slice(0, federation.coordinators.length)
  const cosignatures = cosigners.map((key) => {
    const coordinator = publicKeyOf(key)
    const forecast = toBlock(body).cid
    const honest = { kind: 'cosignature', forecast, coordinator, recomputed } as const
    const said = forgery.cosignature?.(honest) ?? honest
    return signStatement('cosignature', NETWORK, said, key)
  })
  const attesters = forgery.isUnchecked === true ? [] : cosigners
  const attestations = verdicts.flatMap((envelope) =>
    attesters
      .filter((key) => !equals(key, forgery.verdictSigner ?? COORDINATORS[0] ?? ROOT))
      .map((key) => attestationOf(envelope, key, forgery))
  )
  return {
    plan: planBlock.bytes,
    planCid: planBlock.cid,
    body,
    cosignatures,
    verdicts,
    attestations,
    federation: signManifest(
      encode(forgery.federation?.(federation) ?? federation),
      forgery.root ?? ROOT
    ),
    assembled,
    blocks
  }
}

/** Verifies as a reader would; by default no unit is run again. */
export function verifyWorld(
  world: World,
  cid: CID,
  blocks: Blocks,
  options: Partial<VerifyInput> = {}
): Promise<VerifyReport> {
  return verifyForecast({
    cid,
    blocks,
    rootKey: publicKeyOf(ROOT),
    kernel: world.kernel ?? areas,
    scope: { kind: 'all' },
    compute: async (unit) => {
      const made = world.computed.get(toBlock(unit).cid.toString())
      if (made === undefined) throw new Error('a unit nobody asked for')
      return made
    },
    ...options
  })
}

/** Builds and publishes a forecast of a world. */
export async function publishWorld(world: World, forgery: Forgery = {}) {
  const signed = await signWorld(world, forgery)
  const folder = await buildForecastFolder(signed)
  return { ...signed, ...folder }
}

/** For assert.rejects: a mismatch whose message says this. */
export const isMismatch =
  (pattern: RegExp) =>
  (error: unknown): boolean => {
    assert.ok(isMeshError(error, 'verify/mismatch'), String(error))
    assert.match(error.message, pattern)
    return true
  }
