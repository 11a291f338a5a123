/** What a hostile coordinator does around an honest core; for itself it may switch off rules. */
import type { Fact } from '../../../coordinator/fact.ts'
import type { Rules } from '../../../coordinator/rules.ts'
import type { Inbound } from '../../../protocol/inbound.ts'
import type { Plan } from '../../../protocol/plan.ts'
import type { Keyring } from '../../../protocol/signed.ts'

export interface CoordinatorRole {
  readonly name: string
  /** Rules that it does not keep. */
  readonly rules?: Partial<Rules>
  /** It does not even look at this question. */
  ignores?(inbound: Inbound): boolean
  /** It answers this question itself, and its core never hears of it. */
  answers?(keyring: Keyring, inbound: Inbound): Uint8Array | undefined
  /** The plan by which it mints units, under the CID of the true one. */
  bends?(plan: Plan): Plan
  /** It lets somebody read its ledger. */
  leaks?(fact: Fact): void
  /** What it sends to another coordinator (hex key) instead; undefined: what its core says. */
  tamper?(keyring: Keyring, to: string, envelope: Uint8Array): Uint8Array | undefined
}

export const HONEST_COORDINATOR: CoordinatorRole = { name: 'honest' }
