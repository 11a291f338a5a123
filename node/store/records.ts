/**
 * A small map on disk for the volunteer core: what it must still know after a kill. A put or
 * delete that resolved is on disk.
 */
import { openLevel, storeFailure } from './level-folder.ts'

export interface Records {
  /** @throws MeshError `store/full`, `store/failed` */
  put(key: string, value: Uint8Array): Promise<void>
  delete(key: string): Promise<void>
  /** Every record, ordered by key. */
  all(): AsyncIterable<{ readonly key: string; readonly value: Uint8Array }>
  close(): Promise<void>
}

/** @throws MeshError `store/locked` when another process has it */
export async function openRecords(dir: string): Promise<Records> {
  const level = await openLevel(dir)
  const orFail = async (written: Promise<void>) => {
    try {
      await written
    } catch (cause) {
      throw storeFailure(`the records ${dir} cannot be written`, cause, { dir })
    }
  }
  return {
    put: (key, value) => orFail(level.put(key, value, { sync: true })),
    delete: (key) => orFail(level.del(key, { sync: true })),
    all: async function* () {
      for await (const [key, value] of level.iterator()) yield { key, value }
    },
    close: () => level.close()
  }
}
