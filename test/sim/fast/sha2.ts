/** SHA-2 of the host in place of noble's, for the simulator alone. */
import { hash } from 'node:crypto'

const plain = (name: string, data: Uint8Array): Uint8Array =>
  new Uint8Array(hash(name, data, 'buffer'))

export const sha256 = (data: Uint8Array): Uint8Array => plain('sha256', data)
export const sha512 = (data: Uint8Array): Uint8Array => plain('sha512', data)
