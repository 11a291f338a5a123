/**
 * The ledger: an append-only, hash-chained log in level. What `append` resolved survives kill -9
 * and power loss; a chain that does not close is refused, never repaired.
 */

export interface Ledger {
  /** Entries so far. */
  readonly length: number
  /** Hash of the last entry (32 bytes), zeros when empty. */
  readonly head: Uint8Array
  /** All or none of the entries, on disk when it resolves. Calls are queued in order. */
  append(entries: readonly Uint8Array[]): Promise<void>
  /** Every entry in order. */
  entries(): AsyncIterable<Uint8Array>
  close(): Promise<void>
}

/** @throws MeshError `store/locked` (another process has it), `store/failed` (chain is broken) */
export async function openLedger(_dir: string): Promise<Ledger> {
  throw new Error('not written yet')
}
