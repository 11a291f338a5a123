/** Decoding as protocol/canonical.ts does it, for bytes that this process did not encode. */
import * as dagCbor from '@ipld/dag-cbor'
import { equals } from 'uint8arrays/equals'
import { type Shape, ShapeError } from '../../../protocol/shape.ts'

export function decodeTruly<T>(shape: Shape<T>, bytes: Uint8Array): T {
  let value: unknown
  try {
    value = dagCbor.decode(bytes)
  } catch (cause) {
    throw new ShapeError('', `is not dag-cbor (${cause instanceof Error ? cause.message : ''})`)
  }
  if (!equals(dagCbor.encode(value), bytes)) throw new ShapeError('', 'is not in canonical form')
  return shape(value)
}
