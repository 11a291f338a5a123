/** Who notes in a trial what was decided, by whom, in which term, and who vouched for it. */

import { equals } from 'uint8arrays/equals'
import type { Fact } from '../../../coordinator/fact.ts'
import { slotKey } from '../../../coordinator/state.ts'
import { bodyOf } from '../../../protocol/signed.ts'
import { Tally } from '../stats/tally.ts'
import type { World } from '../world/world.ts'

/** A tally that also knows who decided in which term. */
export class Witness extends Tally {
  /** Terms in which each slot was decided by its owner. */
  readonly #terms = new Map<string, Set<number>>()
  /** Results that each coordinator attested of each slot. */
  readonly #vouched = new Map<string, Set<string>>()
  readonly #world: World

  constructor(world: World) {
    super(world)
    this.#world = world
  }

  override onFact(ledger: string, fact: Fact): void {
    super.onFact(ledger, fact)
    if (fact.kind === 'attestation-logged') this.#onAttested(ledger, fact.attestation)
    if (fact.kind !== 'slot-settled') return
    const { slot, term } = bodyOf('verdict', fact.verdict)
    const key = `${slot.plan} ${slotKey(slot)}`
    this.#terms.set(key, (this.#terms.get(key) ?? new Set()).add(term))
  }

  #onAttested(ledger: string, attestation: Uint8Array): void {
    const { slot, coordinator, result } = bodyOf('attestation', attestation)
    if (!equals(coordinator, this.#world.keyring(ledger).key)) return
    const key = `${ledger} ${slot.plan} ${slotKey(slot)}`
    this.#vouched.set(key, (this.#vouched.get(key) ?? new Set()).add(result.toString()))
  }

  /** Slots of which somebody attested two results. */
  get vouchedTwice(): number {
    return [...this.#vouched.values()].filter(({ size }) => size > 1).length
  }

  /** Slots that two owners decided. */
  get decidedTwice(): number {
    return [...this.#terms.values()].filter(({ size }) => size > 1).length
  }
}
