/** protocol/hex.ts by the host, for the simulator alone. */
export const toHex = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')

export { fromHex } from '../../../protocol/hex.ts'
