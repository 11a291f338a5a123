/**
 * What must hold after every event of a simulated process. A broken one throws; the run then prints
 * the story that led to it.
 */
import assert from 'node:assert/strict'
import { CID } from 'multiformats/cid'
import { equals } from 'uint8arrays/equals'
import type { Fact } from '../../../coordinator/fact.ts'
import type { CoordinatorState } from '../../../coordinator/state.ts'
import { replay } from '../../../coordinator/step.ts'
import type { VolunteerEffect } from '../../../node/worker/volunteer/effect.ts'
import type { VolunteerRecord } from '../../../node/worker/volunteer/record.ts'
import type { VolunteerState } from '../../../node/worker/volunteer/state.ts'
import { replay as replayVolunteer } from '../../../node/worker/volunteer/step.ts'
import { encode } from '../../../protocol/canonical.ts'
import { toHex } from '../../../protocol/hex.ts'
import { bodyOf } from '../../../protocol/signed.ts'

/** Maps and sets as lists, so that a whole state has canonical bytes. */
function plain(value: unknown): unknown {
  if (value instanceof Map) return [...value].map(plain)
  if (value instanceof Set) return [...value].map(plain)
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Uint8Array || CID.asCID(value) !== null) return value
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).filter(([, inner]) => inner !== undefined)
  return Object.fromEntries(fields.map(([name, inner]) => [name, plain(inner)]))
}

function assertSame(again: unknown, state: unknown, what: string): void {
  const isEqual = equals(encode(plain(again)), encode(plain(state)))
  if (!isEqual) assert.deepEqual(plain(again), plain(state))
  assert.ok(isEqual, what)
}

/** Nothing is lost on replay: the ledger gives the durable state again. */
export function checkReplay(state: CoordinatorState, ledger: readonly Fact[]): void {
  const again = replay(state.setup, ledger)
  assertSame(again.durable, state.durable, 'the replayed ledger gives another state')
}

export function checkVolunteerReplay(
  state: VolunteerState,
  records: readonly VolunteerRecord[]
): void {
  const again = replayVolunteer(state.setup, records)
  assertSame(again.durable, state.durable, 'the replayed records give another state')
}

/** What is stored goes first, in one effect. */
export function checkStoreFirst(effects: readonly { readonly kind: string }[]): void {
  for (let index = 1; index < effects.length; index += 1) {
    assert.notEqual(effects[index]?.kind, 'append', 'facts are not stored before anything is sent')
  }
}

export function checkPersistFirst(effects: readonly VolunteerEffect[]): void {
  for (let index = 1; index < effects.length; index += 1) {
    assert.notEqual(effects[index]?.kind, 'persist', 'records are not stored first')
  }
}

/** A commit is sent only when what opens it is on disk. */
export class SaltWatch {
  readonly #stored = new Set<string>()

  onRecord(record: VolunteerRecord): void {
    if (record.kind === 'computed') this.#stored.add(toHex(record.lease))
    if (record.kind === 'ended') this.#stored.delete(toHex(record.lease))
  }

  onCommit(envelope: Uint8Array): void {
    const { lease } = bodyOf('commit', envelope)
    assert.ok(this.#stored.has(toHex(lease)), 'a commit is sent before its salt is stored')
  }
}
