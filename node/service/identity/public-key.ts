/** Public keys as a person types them. */
import { fromHex } from '../../../protocol/hex.ts'
import { MeshError } from '../../mesh-error.ts'

/** @throws MeshError cli/usage unless it is 64 hex digits */
export function parseKey(text: string): Uint8Array {
  if (/^[0-9a-f]{64}$/i.test(text)) return fromHex(text.toLowerCase())
  throw new MeshError('cli/usage', `${text} is not a public key (64 hex digits)`)
}
