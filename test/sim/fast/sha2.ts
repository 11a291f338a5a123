/** SHA-2 of the host in place of noble's, for the simulator alone. */
import { hash } from 'node:crypto'

function plain(name: string, data: Uint8Array): Uint8Array {
  const { buffer, byteOffset, length } = hash(name, data, 'buffer')
  return new Uint8Array(buffer, byteOffset, length)
}

export const sha256 = (data: Uint8Array): Uint8Array => plain('sha256', data)
export const sha512 = (data: Uint8Array): Uint8Array => plain('sha512', data)
