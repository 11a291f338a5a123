/** Result blocks of a simulated world: what each CID holds and who has it. */
import type { UnitResult } from '../../../protocol/result.ts'

/** Somebody who may hold blocks. */
export interface Holder {
  readonly name: string
  readonly isUp: boolean
}

export class Blocks {
  readonly #results = new Map<string, UnitResult>()
  readonly #holders = new Map<string, Set<Holder>>()

  /** Blocks of a result are where this holder is. */
  hold(cid: string, result: UnitResult, holder: Holder): void {
    this.#results.set(cid, result)
    const holders = this.#holders.get(cid)
    if (holders === undefined) this.#holders.set(cid, new Set([holder]))
    else holders.add(holder)
  }

  drop(cid: string, holder: Holder): void {
    const holders = this.#holders.get(cid)
    holders?.delete(holder)
    if (holders?.size !== 0) return
    this.#holders.delete(cid)
    this.#results.delete(cid)
  }

  /** The result, if anybody who holds it is up and can be reached. */
  find(cid: string, canReach: (holder: Holder) => boolean): UnitResult | undefined {
    for (const holder of this.#holders.get(cid) ?? []) {
      if (holder.isUp && canReach(holder)) return this.#results.get(cid)
    }
    return undefined
  }
}
