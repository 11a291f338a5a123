/**
 * Opens one verdict with everything that proves it: reveals bound to distinct operators, sealed by
 * a witness before they were shown, and the attestations of coordinators that checked it.
 */
import type { CID } from 'multiformats/cid'
import { equals } from 'uint8arrays/equals'
import { toString as bytesToString } from 'uint8arrays/to-string'
import { cborCid } from '../../../../protocol/canonical.ts'
import { commitDigest } from '../../../../protocol/commit-digest.ts'
import type { Federation } from '../../../../protocol/federation.ts'
import type { Reveal, Verdict } from '../../../../protocol/message/result.ts'
import { ShapeError } from '../../../../protocol/shape.ts'
import { type Authentic, openStatement } from '../../../../protocol/signed.ts'
import { MeshError } from '../../../mesh-error.ts'
import { unitName } from '../results.ts'

export const hex = (key: Uint8Array): string => bytesToString(key, 'hex')

/** A disagreement: what was found and what had to be. */
export function mismatch(
  what: string,
  why: string,
  found?: unknown,
  expected?: unknown
): MeshError {
  const pair = found === undefined ? '' : `: found ${found}, expected ${expected}`
  const detail = { what, found: String(found), expected: String(expected) }
  return new MeshError('verify/mismatch', `${what} ${why}${pair}`, { detail })
}

export function opening<T>(what: string, open: () => T): T {
  try {
    return open()
  } catch (cause) {
    if (!(cause instanceof ShapeError)) throw cause
    throw new MeshError('verify/mismatch', `${what}: ${cause.message}`, { cause, detail: { what } })
  }
}

export const isCoordinator = (federation: Federation, key: Uint8Array): boolean =>
  federation.coordinators.some((coordinator) => equals(coordinator.key, key))

export interface OpenedVerdict {
  readonly verdict: Verdict
  readonly envelope: Uint8Array
  /** Hex of the coordinators that stand for it by a check of their own, its owner first. */
  readonly voices: Set<string>
}

function openReveal(
  what: string,
  network: string,
  verdict: Verdict,
  voter: Verdict['agreeing'][number]
): Authentic<Reveal> {
  const reveal = opening(what, () => openStatement('reveal', network, voter.reveal))
  const said = reveal.body
  if (!equals(reveal.signer, said.peer)) throw mismatch(what, 'is not signed by its peer')
  if (!equals(said.peer, voter.peer) || !equals(said.operator, voter.operator)) {
    throw mismatch(what, 'is by another than the verdict names')
  }
  const bound = opening(what, () => openStatement('binding', network, voter.binding))
  const { operator, peer } = bound.body
  if (!equals(bound.signer, operator) || !equals(operator, said.operator)) {
    throw mismatch(what, 'is not bound to the operator it counts for')
  }
  if (!equals(peer, said.peer)) throw mismatch(what, 'is by a peer the operator did not name')
  if (!said.unit.equals(verdict.unit)) {
    throw mismatch(what, 'is of another unit', said.unit, verdict.unit)
  }
  return reveal
}

/** Where there is a second coordinator, one that does not own the slot sealed the digest before. */
function checkWitness(
  what: string,
  federation: Federation,
  reveal: Reveal,
  { witness }: Verdict['agreeing'][number]
): void {
  const { coordinators, network } = federation
  if (coordinators.length < 2) return
  if (witness === undefined) throw mismatch(what, 'was sealed by no witness')
  const { body, signer } = opening(what, () => openStatement('witnessing', network, witness))
  if (!isCoordinator(federation, signer) || equals(signer, body.owner)) {
    throw mismatch(what, `was sealed by ${hex(signer)}, who is no witness`)
  }
  const isAbout =
    equals(body.lease, reveal.lease) &&
    equals(body.operator, reveal.operator) &&
    equals(body.peer, reveal.peer) &&
    body.unit.equals(reveal.unit)
  if (!isAbout) throw mismatch(what, 'was sealed for another lease')
  if (!equals(body.digest, commitDigest(reveal))) throw mismatch(what, 'is not what was sealed')
}

/** One signed verdict of this plan with the reveals of a quorum of distinct operators. */
export function openVerdict(
  envelope: Uint8Array,
  federation: Federation,
  plan: { readonly cid: CID; readonly quorum: number }
): OpenedVerdict {
  const { body: verdict, signer } = opening('verdict', () =>
    openStatement('verdict', federation.network, envelope)
  )
  const what = `unit ${unitName(verdict.slot)}`
  if (!isCoordinator(federation, signer)) {
    throw mismatch(what, `has a verdict by ${hex(signer)}, no coordinator of the federation`)
  }
  if (!verdict.slot.plan.equals(plan.cid)) {
    throw mismatch(what, 'has a verdict of another plan', verdict.slot.plan, plan.cid)
  }
  const operators = new Set<string>()
  for (const voter of verdict.agreeing) {
    const by = `${what} reveal of ${hex(voter.operator)}`
    const reveal = openReveal(by, federation.network, verdict, voter)
    checkWitness(by, federation, reveal.body, voter)
    const said = reveal.body
    if (!said.result.equals(verdict.result)) {
      throw mismatch(by, 'has another result', said.result, verdict.result)
    }
    if (!equals(said.traceRoot, verdict.traceRoot) || said.fuel !== verdict.fuel) {
      throw mismatch(by, 'has another trace or fuel than the verdict')
    }
    if (operators.has(hex(said.operator))) throw mismatch(by, 'counts one operator twice')
    operators.add(hex(said.operator))
  }
  if (operators.size < plan.quorum) {
    throw mismatch(what, 'has too few operators', operators.size, plan.quorum)
  }
  return { verdict, envelope, voices: new Set([hex(signer)]) }
}

/**
 * Counts an attestation for the verdict it names.
 * @throws MeshError verify/mismatch when it is of none, or not by another coordinator
 */
export function takeAttestation(
  envelope: Uint8Array,
  federation: Federation,
  verdicts: ReadonlyMap<string, OpenedVerdict>
): void {
  const { body, signer } = opening('attestation', () =>
    openStatement('attestation', federation.network, envelope)
  )
  const what = `attestation of unit ${unitName(body.slot)} by ${hex(signer)}`
  if (!isCoordinator(federation, signer) || !equals(body.coordinator, signer)) {
    throw mismatch(what, 'is by no coordinator of the federation')
  }
  const found = verdicts.get(body.verdict.toString())
  if (found === undefined) throw mismatch(what, 'is of a verdict that is not there')
  if (!body.result.equals(found.verdict.result)) {
    throw mismatch(what, 'is of another result', body.result, found.verdict.result)
  }
  if (found.voices.has(hex(signer))) throw mismatch(what, 'counts one coordinator twice')
  found.voices.add(hex(signer))
}

/** Verdicts by the CID of their envelope. */
export const byEnvelope = (verdicts: readonly OpenedVerdict[]): Map<string, OpenedVerdict> =>
  new Map(verdicts.map((opened) => [cborCid(opened.envelope).toString(), opened]))
