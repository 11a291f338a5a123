/**
 * What must hold after every event of a simulated world. A broken one throws; the spec prints the
 * story that led to it.
 */
import assert from 'node:assert/strict'
import { CID } from 'multiformats/cid'
import { equals } from 'uint8arrays/equals'
import type { CoordinatorEffect } from '../../coordinator/effect.ts'
import { decodeFact, encodeFact, type Fact } from '../../coordinator/fact.ts'
import type { CoordinatorState } from '../../coordinator/state.ts'
import { replay } from '../../coordinator/step.ts'
import type { VolunteerEffect } from '../../node/worker/volunteer/effect.ts'
import {
  decodeRecord,
  encodeRecord,
  type VolunteerRecord
} from '../../node/worker/volunteer/record.ts'
import type { VolunteerState } from '../../node/worker/volunteer/state.ts'
import { replay as replayVolunteer } from '../../node/worker/volunteer/step.ts'
import { encode } from '../../protocol/canonical.ts'
import { toHex } from '../../protocol/hex.ts'
import { bodyOf, claimedKind } from '../../protocol/signed.ts'

/** Maps and sets as lists, so that a whole state has canonical bytes. */
function plain(value: unknown): unknown {
  if (value instanceof Map) return [...value].map(plain)
  if (value instanceof Set) return [...value].map(plain)
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Uint8Array || CID.asCID(value) !== null) return value
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]))
}

/** Nothing is lost on replay: the ledger gives the durable state again. */
export function checkReplay(state: CoordinatorState, ledger: readonly Uint8Array[]): void {
  const again = replay(state.setup, ledger.map(decodeFact))
  const isEqual = equals(encode(plain(again.durable)), encode(plain(state.durable)))
  if (!isEqual) assert.deepEqual(plain(again.durable), plain(state.durable))
  assert.ok(isEqual, 'the replayed ledger gives another state')
}

export function checkVolunteerReplay(state: VolunteerState, records: readonly Uint8Array[]): void {
  const again = replayVolunteer(state.setup, records.map(decodeRecord))
  const isEqual = equals(encode(plain(again.durable)), encode(plain(state.durable)))
  if (!isEqual) assert.deepEqual(plain(again.durable), plain(state.durable))
  assert.ok(isEqual, 'the replayed records give another state')
}

/** Facts go first, in one effect; a fact survives its own encoding. */
export function checkStoreFirst(effects: readonly CoordinatorEffect[]): void {
  for (const [index, effect] of effects.entries()) {
    if (effect.kind !== 'append') continue
    assert.equal(index, 0, 'facts are not stored before anything is sent')
    for (const fact of effect.facts)
      assert.deepEqual(encodeFact(decodeFact(encodeFact(fact))), encodeFact(fact))
  }
}

export function checkPersistFirst(effects: readonly VolunteerEffect[]): void {
  for (const [index, effect] of effects.entries()) {
    if (effect.kind === 'persist') assert.equal(index, 0, 'records are not stored first')
  }
}

/** The verdicts of the whole world: a slot has one, with a quorum of distinct operators. */
export class Verdicts {
  readonly bySlot = new Map<string, Uint8Array>()
  readonly #logged = new Map<string, Set<string>>()

  onFact(ledger: string, fact: Fact): void {
    const logged = this.#logged.get(ledger) ?? new Set<string>()
    this.#logged.set(ledger, logged)
    if (fact.kind === 'lease-granted') {
      const request = `request ${toHex(fact.request)}`
      assert.ok(!logged.has(request), 'one request has two leases')
      logged.add(request)
    }
    if (fact.kind === 'commit-logged') logged.add(`commit ${toHex(fact.lease)}`)
    if (fact.kind === 'reveal-asked') {
      for (const lease of fact.leases) {
        assert.ok(logged.has(`commit ${toHex(lease)}`), 'a reveal is asked for without a commit')
        logged.add(`asked ${toHex(lease)}`)
      }
    }
    if (fact.kind === 'reveal-logged') {
      assert.ok(
        logged.has(`asked ${toHex(fact.lease)}`),
        'a reveal is taken before it is asked for'
      )
    }
    if (fact.kind === 'slot-settled' || fact.kind === 'verdict-noted') this.#onVerdict(fact.verdict)
  }

  #onVerdict(envelope: Uint8Array): void {
    const { slot, agreeing } = bodyOf('verdict', envelope)
    const key = `${slot.plan} ${slot.member}/${slot.block}/${slot.window}`
    const known = this.bySlot.get(key)
    assert.ok(known === undefined || equals(known, envelope), `slot ${key} has two verdicts`)
    this.bySlot.set(key, envelope)
    const operators = new Set(agreeing.map(({ operator }) => toHex(operator)))
    assert.ok(operators.size >= 2, `slot ${key} is settled by ${operators.size} operator`)
  }

  /** What a coordinator says to a volunteer is in its ledger. */
  onReply(ledger: string, envelope: Uint8Array): void {
    if (claimedKind(envelope) !== 'directive') return
    const { lease, action } = bodyOf('directive', envelope)
    if (action !== 'reveal') return
    const isLogged = this.#logged.get(ledger)?.has(`asked ${toHex(lease)}`) === true
    assert.ok(isLogged, 'a reveal is asked for before the commit set is logged')
  }
}

/** A commit is sent only when what opens it is on disk. */
export function checkCommit(records: readonly Uint8Array[], envelope: Uint8Array): void {
  if (claimedKind(envelope) !== 'commit') return
  const { lease } = bodyOf('commit', envelope)
  const isStored = records
    .map((entry): VolunteerRecord => decodeRecord(entry))
    .some((entry) => entry.kind === 'computed' && equals(entry.lease, lease))
  assert.ok(isStored, 'a commit is sent before its salt is stored')
}

export const encodeAll = (records: readonly VolunteerRecord[]): Uint8Array[] =>
  records.map(encodeRecord)
