/** Ledgers of coordinators that are killed: each must continue what it was at the kill before. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { encodeFact } from '../../../coordinator/fact.ts'
import { readLedger } from '../running-mesh.ts'

const digestOf = (entry: Uint8Array): string => createHash('sha256').update(entry).digest('base64')

export class Ledgers {
  readonly #seen = new Map<string, readonly string[]>()

  /** A coordinator that is not running: nothing it had logged is gone. */
  async check(home: string): Promise<void> {
    const before = this.#seen.get(home) ?? []
    const now = (await readLedger(home)).map((fact) => digestOf(encodeFact(fact)))
    assert.deepEqual(now.slice(0, before.length), before, `${home}: a logged fact is gone`)
    this.#seen.set(home, now)
  }
}

/** Every slot was accepted once, by one coordinator. @returns facts in all */
export async function checkSettledOnce(homes: readonly string[]): Promise<number> {
  const settled = new Set<string>()
  let facts = 0
  for (const home of homes) {
    for (const fact of await readLedger(home)) {
      facts += 1
      if (fact.kind !== 'slot-settled') continue
      const { member, block, window } = fact.slot
      const slot = `${fact.plan} ${member}/${block}/${window}`
      assert.ok(!settled.has(slot), `${slot} was settled twice`)
      settled.add(slot)
    }
  }
  return facts
}
