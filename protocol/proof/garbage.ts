/**
 * A signed reveal and the block that it names, which is no result of its unit: proven by reading,
 * without running anything. What cannot be told from an honest result without a run is no garbage.
 */
import { equals } from 'uint8arrays/equals'
import { cborCid, decode } from '../canonical.ts'
import type { Reveal } from '../message/result.ts'
import { unitResult } from '../result.ts'
import { ShapeError } from '../shape.ts'
import { type Curve, ed25519, openStatement } from '../signed.ts'
import { traceRootOf } from '../trace.ts'
import { checkBinding } from './fraud.ts'

export interface OpenedGarbage {
  readonly kind: 'garbage-proof'
  /** Key of the operator that is accused. */
  readonly operator: Uint8Array
}

/** Is this the block that the reveal names, and not the result that the reveal describes? */
export function isGarbage(reveal: Reveal, block: Uint8Array): boolean {
  if (!equals(cborCid(block).multihash.bytes, reveal.result.multihash.bytes)) return false
  try {
    const result = decode(unitResult, block)
    return !(
      result.unit.equals(reveal.unit) &&
      result.fuel === reveal.fuel &&
      result.states.length === result.segments.length &&
      equals(result.traceRoot, reveal.traceRoot) &&
      equals(traceRootOf(result), reveal.traceRoot)
    )
  } catch (error) {
    if (error instanceof ShapeError) return true
    throw error
  }
}

/** @throws ShapeError when the block is not the one revealed, or is what the reveal says */
export function openGarbageProof(
  network: string,
  envelope: Uint8Array,
  curve: Curve = ed25519
): OpenedGarbage {
  const { body } = openStatement('garbage-proof', network, envelope, curve)
  const binding = openStatement('binding', network, body.binding, curve)
  const reveal = openStatement('reveal', network, body.reveal, curve)
  checkBinding(binding, reveal)
  if (!isGarbage(reveal.body, body.block)) {
    throw new ShapeError('block', 'does not contradict the reveal')
  }
  return { kind: 'garbage-proof', operator: binding.signer }
}
