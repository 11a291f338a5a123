/**
 * Opens the signed statements behind a forecast: federation, co-signatures, verdicts and the
 * reveals inside them. Whatever is not signed by whom it must be is a mismatch that says who.
 */
import { setImmediate } from 'node:timers/promises'
import { equals } from 'uint8arrays/equals'
import { slotsOf } from '../../../../coordinator/slots.ts'
import { type Block, cborCid, decode, toBlock } from '../../../../protocol/canonical.ts'
import type { Federation } from '../../../../protocol/federation.ts'
import type { Cosignature, ForecastBody } from '../../../../protocol/message/forecast.ts'
import { type Plan, plan as planShape, type Slot } from '../../../../protocol/plan.ts'
import { type Authentic, openFederation, openStatement } from '../../../../protocol/signed.ts'
import { unitsBlocks } from '../../../../protocol/units.ts'
import { unitName } from '../results.ts'
import {
  byEnvelope,
  hex,
  isCoordinator,
  mismatch,
  type OpenedVerdict,
  opening,
  openVerdict,
  takeAttestation
} from './verdict-evidence.ts'

export type Standing = 'verified' | 'single-source'

/** The federation, signed by the root key if one is given, and with the CID the body names. */
function openForecastFederation(
  envelope: Uint8Array,
  body: ForecastBody,
  rootKey?: Uint8Array
): Authentic<Federation> {
  const opened = opening('federation', () => openFederation(envelope))
  if (rootKey !== undefined && !opened.signers.some((signer) => equals(signer, rootKey))) {
    const found = opened.signers.map(hex).join(', ')
    throw mismatch('federation', 'is not signed by the root key', found, hex(rootKey))
  }
  const { cid } = toBlock(opened.body)
  if (!cid.equals(body.federation)) {
    throw mismatch('federation', 'is another than the forecast names', cid, body.federation)
  }
  return opened
}

/** Cosignatures over this body by distinct coordinators, in the order of their keys. */
function openCosignatures(
  envelopes: readonly Uint8Array[],
  body: ForecastBody,
  federation: Federation
): Authentic<Cosignature>[] {
  const { cid } = toBlock(body)
  const opened = envelopes.map((envelope, index) => {
    const what = `cosignature ${index}`
    const said = opening(what, () => openStatement('cosignature', federation.network, envelope))
    if (!isCoordinator(federation, said.signer)) {
      throw mismatch(what, `is by ${hex(said.signer)}, no coordinator of the federation`)
    }
    if (!equals(said.body.coordinator, said.signer)) throw mismatch(what, 'is not by its signer')
    if (!said.body.forecast.equals(cid)) {
      throw mismatch(what, 'is over another forecast', said.body.forecast, cid)
    }
    if (!said.body.recomputed.every((slot) => slot.plan.equals(body.plan))) {
      throw mismatch(what, 'counts units of another plan as re-executed')
    }
    return said
  })
  opened.sort((left, right) => (hex(left.signer) < hex(right.signer) ? -1 : 1))
  for (const [index, said] of opened.entries()) {
    const before = opened[index - 1]
    if (before !== undefined && equals(before.signer, said.signer)) {
      throw mismatch('cosignatures', `hold ${hex(said.signer)} twice`)
    }
  }
  return opened
}

/**
 * Verified needs enough coordinators that checked every verdict themselves; one coordinator alone
 * is a single source whatever it signs (PROTOCOL §4).
 */
function standingOf(
  federation: Federation,
  cosignatures: readonly Authentic<Cosignature>[],
  verdicts: readonly OpenedVerdict[]
): Standing {
  const { coordinators, signaturesNeeded } = federation
  const enough = Math.max(2, signaturesNeeded)
  const isShared = coordinators.length > 1 && cosignatures.length >= enough
  return isShared && verdicts.every(({ voices }) => voices.size >= enough)
    ? 'verified'
    : 'single-source'
}

/** The plan's slots must be settled once each, or be named as gaps. */
function checkCoverage(
  slots: Iterable<Omit<Slot, 'plan'>>,
  verdicts: readonly OpenedVerdict[],
  body: ForecastBody
): void {
  const settled = new Map<string, 'verdict' | 'gap'>()
  const note = (slot: Slot, as: 'verdict' | 'gap'): void => {
    const name = unitName(slot)
    if (!slot.plan.equals(body.plan)) throw mismatch(`unit ${name}`, 'is of another plan')
    if (settled.has(name)) throw mismatch(`unit ${name}`, 'is listed twice')
    settled.set(name, as)
  }
  for (const { verdict } of verdicts) note(verdict.slot, 'verdict')
  for (const gap of body.gaps) note(gap, 'gap')
  const lacking = new Set<string>()
  for (const slot of slots) {
    const name = unitName(slot)
    const as = settled.get(name)
    if (as === undefined) throw mismatch(`unit ${name}`, 'has no verdict and is not named as a gap')
    const before = unitName({ ...slot, window: slot.window - 1 })
    if (as === 'verdict' && slot.window > 0 && lacking.has(before)) {
      throw mismatch(`unit ${name}`, 'has a verdict though the window before it is a gap')
    }
    if (as === 'gap') lacking.add(name)
    settled.delete(name)
  }
  const [extra] = settled.keys()
  if (extra !== undefined) throw mismatch(`unit ${extra}`, 'is not in the plan')
}

export interface SignedForecast {
  readonly body: ForecastBody
  /** Signed `cosignature` envelopes, in any order. */
  readonly cosignatures: readonly Uint8Array[]
  /** Signed `verdict` envelopes of every settled slot, in any order. */
  readonly verdicts: readonly Uint8Array[]
  /** Signed `attestation` envelopes of these verdicts. */
  readonly attestations: readonly Uint8Array[]
  /** Signed `federation` envelope. */
  readonly federation: Uint8Array
}

export interface OpenedForecast {
  readonly plan: Plan
  readonly planBytes: Uint8Array
  readonly body: ForecastBody
  readonly federation: Authentic<Federation>
  readonly cosignatures: readonly Authentic<Cosignature>[]
  /** In the order of the units table. */
  readonly verdicts: readonly OpenedVerdict[]
  /** Signed `attestation` envelopes, in the order given. */
  readonly attestations: readonly Uint8Array[]
  /** The units table's blocks, root first. */
  readonly units: readonly Block[]
  readonly standing: Standing
  /** Signatures that were checked. */
  readonly signatureCount: number
}

interface OpenOptions {
  readonly rootKey?: Uint8Array
  readonly signal?: AbortSignal | undefined
  readonly onVerdict?: (done: number, total: number) => void
}

/** Curve arithmetic between two turns of the event loop: about 10 ms. */
const VERDICTS_PER_TURN = 2
const ATTESTATIONS_PER_TURN = 10

/**
 * Opens everything that is signed and checks that it belongs together.
 * @throws MeshError verify/mismatch naming the first thing that does not
 */
export async function openForecast(
  signed: SignedForecast,
  planBytes: Uint8Array,
  options: OpenOptions = {}
): Promise<OpenedForecast> {
  const { body } = signed
  const planCid = cborCid(planBytes)
  if (!planCid.equals(body.plan)) throw mismatch('plan', 'is another one', planCid, body.plan)
  const plan = opening('plan', () => decode(planShape, planBytes))
  const federation = openForecastFederation(signed.federation, body, options.rootKey)
  const cosignatures = openCosignatures(signed.cosignatures, body, federation.body)
  if (cosignatures.length === 0) throw mismatch('forecast', 'is signed by no coordinator')
  const verdicts: OpenedVerdict[] = []
  const rule = { cid: planCid, quorum: plan.mesh.quorum }
  for (const [index, envelope] of signed.verdicts.entries()) {
    if (index % VERDICTS_PER_TURN === 0) await setImmediate()
    options.signal?.throwIfAborted()
    verdicts.push(openVerdict(envelope, federation.body, rule))
    options.onVerdict?.(index + 1, signed.verdicts.length)
  }
  const named = byEnvelope(verdicts)
  for (const [index, envelope] of signed.attestations.entries()) {
    if (index % ATTESTATIONS_PER_TURN === 0) await setImmediate()
    options.signal?.throwIfAborted()
    takeAttestation(envelope, federation.body, named)
  }
  verdicts.sort((left, right) => compareSlots(left.verdict.slot, right.verdict.slot))
  checkCoverage(slotsOf(plan), verdicts, body)
  const units = unitsBlocks(verdicts.map(({ envelope }) => envelope))
  if (!units.cid.equals(body.units)) {
    throw mismatch('units table', 'is another than was signed', units.cid, body.units)
  }
  const replicas = verdicts.reduce((sum, { verdict }) => sum + verdict.agreeing.length, 0)
  const perReplica = federation.body.coordinators.length > 1 ? 3 : 2
  return {
    plan,
    planBytes,
    body,
    federation,
    cosignatures,
    verdicts,
    units: units.blocks,
    attestations: signed.attestations,
    standing: standingOf(federation.body, cosignatures, verdicts),
    signatureCount:
      1 + cosignatures.length + verdicts.length + signed.attestations.length + perReplica * replicas
  }
}

const compareSlots = (left: Slot, right: Slot): number =>
  left.window - right.window || left.member - right.member || left.block - right.block
