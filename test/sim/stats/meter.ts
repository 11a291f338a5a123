/** Virtual time that volunteers computed, and how much of it came to count. */
import type { Fact } from '../../../coordinator/fact.ts'
import { toHex } from '../../../protocol/hex.ts'
import type { FactListener } from '../checks/checks.ts'

export class Meter implements FactListener {
  /** Of all runs, finished or left. */
  spentMs = 0
  /** Of runs that a verdict stands on. */
  usefulMs = 0
  readonly #byLease = new Map<string, number>()

  /** A run ended, or was left. */
  spent(lease: string, ms: number): void {
    this.spentMs += ms
    this.#byLease.set(lease, ms)
  }

  onFact(_ledger: string, fact: Fact): void {
    if (!('agreeing' in fact)) return
    for (const lease of fact.agreeing) {
      const name = toHex(lease)
      this.usefulMs += this.#byLease.get(name) ?? 0
      this.#byLease.delete(name)
    }
  }
}
