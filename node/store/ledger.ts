/**
 * The ledger: an append-only, hash-chained log in level. What `append` resolved survives kill -9
 * and power loss; a chain that does not close is refused, never repaired.
 */
import { hash } from 'node:crypto'
import { concat } from 'uint8arrays/concat'
import { equals } from 'uint8arrays/equals'
import { MeshError } from '../mesh-error.ts'
import { type LevelFolder, openLevel, storeFailure } from './level-folder.ts'

const HASH_BYTES = 32
/** Twelve digits of index keep level's order: a thousand entries a second for thirty years. */
const INDEX_DIGITS = 12
const FIRST = 'e'
const AFTER_LAST = 'f'
/** Names the last entry, so that a cut-off tail is noticed. */
const HEAD = 'head'

export interface Ledger {
  /** Entries so far. */
  readonly length: number
  /** Hash of the last entry (32 bytes), zeros when empty. */
  readonly head: Uint8Array
  /**
   * All or none of the entries, on disk when it resolves. Calls are queued in order.
   * @throws MeshError `store/full`, `store/failed`; nothing was appended then
   */
  append(entries: readonly Uint8Array[]): Promise<void>
  /** Every entry in order. */
  entries(): AsyncIterable<Uint8Array>
  /** Entries [from, to), as far as there are, and the hash of the one before them. */
  read(
    from: number,
    to: number
  ): Promise<{ readonly before: Uint8Array; readonly entries: readonly Uint8Array[] }>
  close(): Promise<void>
}

const keyOf = (index: number): string => FIRST + `${index}`.padStart(INDEX_DIGITS, '0')
const chain = (previous: Uint8Array, entry: Uint8Array): Uint8Array =>
  hash('sha256', concat([previous, entry]), 'buffer')

/** @throws MeshError `store/locked` (another process has it), `store/failed` (chain is broken) */
export async function openLedger(dir: string): Promise<Ledger> {
  const level = await openLevel(dir)
  let { length, head } = await checkChain(level, dir).catch(async (error: unknown) => {
    await level.close()
    throw error
  })
  let appending: Promise<void> = Promise.resolve()

  const write = async (entries: readonly Uint8Array[]) => {
    let nextHead = head
    const puts = entries.map((entry, offset) => {
      nextHead = chain(nextHead, entry)
      const value = concat([nextHead, entry])
      return { type: 'put' as const, key: keyOf(length + offset), value }
    })
    const last = { type: 'put' as const, key: HEAD, value: nextHead }
    try {
      await level.batch([...puts, last], { sync: true })
    } catch (cause) {
      throw storeFailure(`the ledger ${dir} cannot be written`, cause, { dir })
    }
    head = nextHead
    length += entries.length
  }
  return {
    get length() {
      return length
    },
    get head() {
      return head
    },
    append: (entries) => {
      if (entries.length === 0) return appending
      const appended = appending.then(() => write(entries))
      // a failed append fails its caller; the next one stands on the same head
      appending = appended.catch(() => {})
      return appended
    },
    entries: async function* () {
      for await (const value of level.values({ gte: FIRST, lt: AFTER_LAST })) {
        yield value.subarray(HASH_BYTES)
      }
    },
    read: async (from, to) => {
      const previous = from === 0 ? undefined : await level.get(keyOf(from - 1))
      const values = level.values({ gte: keyOf(from), lt: keyOf(Math.min(to, length)) })
      const entries: Uint8Array[] = []
      for await (const value of values) entries.push(value.subarray(HASH_BYTES))
      return { before: previous?.slice(0, HASH_BYTES) ?? new Uint8Array(HASH_BYTES), entries }
    },
    close: async () => {
      await appending
      await level.close()
    }
  }
}

async function checkChain(level: LevelFolder, dir: string) {
  let head: Uint8Array = new Uint8Array(HASH_BYTES)
  let length = 0
  const broken = (what: string) =>
    new MeshError('store/failed', `the ledger ${dir} is damaged: ${what}; restore a backup`, {
      detail: { dir, length }
    })
  for await (const [key, value] of level.iterator({ gte: FIRST, lt: AFTER_LAST })) {
    if (key !== keyOf(length)) throw broken(`entry ${length} is missing`)
    const next = chain(head, value.subarray(HASH_BYTES))
    if (!equals(next, value.subarray(0, HASH_BYTES))) throw broken(`entry ${length} was changed`)
    head = next
    length += 1
  }
  const said = await level.get(HEAD)
  const isWhole = said === undefined ? length === 0 : equals(said, head)
  if (!isWhole) throw broken(`entries after ${length} are missing`)
  return { length, head }
}
