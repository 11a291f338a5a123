/**
 * A small map on disk for the volunteer core: what it must still know after a kill. A put or
 * delete that resolved is on disk.
 */

export interface Records {
  put(key: string, value: Uint8Array): Promise<void>
  delete(key: string): Promise<void>
  /** Every record, ordered by key. */
  all(): AsyncIterable<{ readonly key: string; readonly value: Uint8Array }>
  close(): Promise<void>
}

/** @throws MeshError `store/locked` when another process has it */
export async function openRecords(_dir: string): Promise<Records> {
  throw new Error('not written yet')
}
