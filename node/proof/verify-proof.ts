/**
 * Checks a proof that somebody lied, for a reader who trusts nobody: signatures and hashes by
 * protocol/proof/fraud.ts, and the one segment that decides by running it here.
 */
import type { CID } from 'multiformats/cid'
import { toHex } from '../../protocol/hex.ts'
import { openProof } from '../../protocol/inbound.ts'
import { conflicts } from '../../protocol/proof/equivocation.ts'
import { openFraudProof, openMismatchProof } from '../../protocol/proof/fraud.ts'
import { openGarbageProof } from '../../protocol/proof/garbage.ts'
import { ShapeError } from '../../protocol/shape.ts'
import { claimedKind } from '../../protocol/signed.ts'
import { claims } from '../../protocol/trace.ts'
import { MeshError } from '../mesh-error.ts'
import type { Blocks } from '../store/blocks.ts'
import type { ComputeUnit } from '../worker/kernel-pool.ts'
import { runSegment } from '../worker/segment.ts'

export interface ProofInput {
  readonly cid: CID
  readonly blocks: Pick<Blocks, 'get'>
  /** Name of the mesh in which it was signed. */
  readonly network: string
  readonly compute: ComputeUnit
  readonly signal?: AbortSignal
}

/** JSON-able: what was proven of whom. */
export interface ProofReport {
  readonly proof: string
  readonly kind: string
  /** Hex key of who lied. */
  readonly accused: string
  /** What was found, one sentence. */
  readonly finding: string
}

const PROOF_KINDS: ReadonlySet<string> = new Set([
  'fraud-proof',
  'mismatch-proof',
  'garbage-proof',
  'equivocation-proof'
])

/** Is this block a proof (and not a forecast)? */
export function isProof(block: Uint8Array): boolean {
  try {
    return PROOF_KINDS.has(claimedKind(block))
  } catch (error) {
    if (error instanceof ShapeError) return false
    throw error
  }
}

async function runFraud(
  envelope: Uint8Array,
  { cid, network, compute, signal }: ProofInput
): Promise<Omit<ProofReport, 'proof'>> {
  const { operator, unit, result, segment, before } = openFraudProof(network, envelope)
  const options = signal === undefined ? {} : { signal }
  const { state, outputs } = await runSegment(compute, unit, segment, before, options)
  if (claims(result, segment, { state, outputs })) {
    throw new MeshError(
      'verify/mismatch',
      `proof ${cid} proves nothing: segment ${segment} gives what the accused said`
    )
  }
  const signed = result.states[segment]
  const finding = `segment ${segment} of its result gives ${state}, it signed ${signed}`
  return { kind: 'fraud-proof', accused: toHex(operator), finding }
}

/** Proofs that speak for themselves. @throws ShapeError when one does not */
function readProof(network: string, envelope: Uint8Array): Omit<ProofReport, 'proof'> {
  const kind = claimedKind(envelope)
  if (kind === 'equivocation-proof') {
    const { said, first, second } = openProof(network, envelope)
    const { about } = said.body
    if (!conflicts(about, first.body, second.body)) {
      throw new ShapeError('second', 'does not contradict the first')
    }
    const finding = `it signed two statements of kind ${about}, of which it may sign one`
    return { kind, accused: toHex(first.signer), finding }
  }
  if (kind === 'garbage-proof') {
    const { operator } = openGarbageProof(network, envelope)
    return { kind, accused: toHex(operator), finding: 'the block it revealed is no result' }
  }
  const { operator } = openMismatchProof(network, envelope)
  const finding = 'it committed to one thing and had another sealed or revealed another'
  return { kind: 'mismatch-proof', accused: toHex(operator), finding }
}

/** @throws MeshError `verify/mismatch` when it proves nothing, net/* when it cannot be read */
export async function verifyProof(input: ProofInput): Promise<ProofReport> {
  const { cid, blocks, network, signal } = input
  const envelope = await blocks.get(cid, signal === undefined ? {} : { signal })
  try {
    const isRun = claimedKind(envelope) === 'fraud-proof'
    const found = isRun ? await runFraud(envelope, input) : readProof(network, envelope)
    return { proof: cid.toString(), ...found }
  } catch (cause) {
    if (!(cause instanceof ShapeError)) throw cause
    const message = `proof ${cid} proves nothing in mesh ${network}: ${cause.message}`
    throw new MeshError('verify/mismatch', message, { cause })
  }
}
