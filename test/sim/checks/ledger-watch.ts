/**
 * The order of one coordinator's ledger: one lease per request, commits before reveals, reveals
 * only after they were asked for, and nothing said to a volunteer that is not logged.
 */
import assert from 'node:assert/strict'
import type { Fact } from '../../../coordinator/fact.ts'
import { toHex } from '../../../protocol/hex.ts'
import { bodyOf, claimedKind } from '../../../protocol/signed.ts'

export class LedgerWatch {
  readonly #requests = new Set<string>()
  readonly #committed = new Set<string>()
  readonly #asked = new Set<string>()

  onFact(fact: Fact): void {
    switch (fact.kind) {
      case 'lease-granted': {
        const request = toHex(fact.request)
        assert.ok(!this.#requests.has(request), 'one request has two leases')
        this.#requests.add(request)
        return
      }
      case 'commit-logged':
        this.#committed.add(toHex(fact.lease))
        return
      case 'reveal-asked':
        for (const lease of fact.leases.map(toHex)) {
          assert.ok(this.#committed.has(lease), 'a reveal is asked for without a commit')
          this.#asked.add(lease)
        }
        return
      case 'reveal-logged':
        assert.ok(this.#asked.has(toHex(fact.lease)), 'a reveal is taken before it is asked for')
    }
  }

  /** What a coordinator says to a volunteer is in its ledger. */
  onReply(envelope: Uint8Array): void {
    if (claimedKind(envelope) !== 'directive') return
    const { lease, action } = bodyOf('directive', envelope)
    if (action !== 'reveal') return
    assert.ok(this.#asked.has(toHex(lease)), 'a reveal is asked for before the set is logged')
  }
}
