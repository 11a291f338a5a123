/** Keys as people and JSON see them: lower-case hex. */
import { fromString } from 'uint8arrays/from-string'
import { toString as encodeText } from 'uint8arrays/to-string'

export const toHex = (bytes: Uint8Array): string => encodeText(bytes, 'base16')

/** Bytes of lower-case hex text. @throws Error when it is not hex */
export const fromHex = (text: string): Uint8Array => fromString(text, 'base16')
