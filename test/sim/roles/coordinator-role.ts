/** What a hostile coordinator does around an honest core. */
import type { Inbound } from '../../../protocol/inbound.ts'
import type { Keyring } from '../../../protocol/signed.ts'

export interface CoordinatorRole {
  readonly name: string
  /** It does not even look at this question. */
  ignores?(inbound: Inbound): boolean
  /** What it sends to another coordinator (hex key) instead; undefined: what its core says. */
  tamper?(keyring: Keyring, to: string, envelope: Uint8Array): Uint8Array | undefined
}

export const HONEST_COORDINATOR: CoordinatorRole = { name: 'honest' }
