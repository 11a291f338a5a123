/** Keys as people and JSON see them: lower-case hex. */
import { bytesToHex } from '@noble/hashes/utils.js'
import { fromString } from 'uint8arrays/from-string'

export const toHex = bytesToHex

/** Bytes of lower-case hex text. @throws Error when it is not hex */
export const fromHex = (text: string): Uint8Array => fromString(text, 'base16')
