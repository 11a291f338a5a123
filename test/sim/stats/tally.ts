/** Counts over the facts of a world: what was settled, by whom, and whether it is true. */
import type { Fact } from '../../../coordinator/fact.ts'
import { toHex } from '../../../protocol/hex.ts'
import { bodyOf } from '../../../protocol/signed.ts'
import type { FactListener } from '../checks/checks.ts'
import type { World } from '../world/world.ts'

export interface Count {
  readonly units: number
  readonly failed: number
  /** Leases whose volunteer committed. */
  readonly executions: number
  /** Leases granted: what was begun, finished or not. */
  readonly leases: number
  readonly wrongAtPublication: number
  readonly wrongAtEnd: number
  readonly convictions: number
  readonly honestConvictions: number
}

export class Tally implements FactListener {
  leases = 0
  failed = 0
  executions = 0
  wrongAtPublication = 0
  readonly convicted = new Set<string>()
  readonly #world: World
  readonly #wrong = new Map<string, boolean>()
  readonly #published = new Set<string>()

  constructor(world: World) {
    this.#world = world
  }

  onFact(_ledger: string, fact: Fact) {
    switch (fact.kind) {
      case 'lease-granted':
        this.leases += 1
        return
      case 'commit-logged':
        this.executions += 1
        return
      case 'slot-failed':
        this.failed += 1
        return
      case 'operator-convicted':
        this.convicted.add(toHex(fact.operator))
        return
      case 'forecast-published':
        return this.#onPublished(fact.plan.toString())
      default:
        if ('verdict' in fact && fact.verdict instanceof Uint8Array) this.#onVerdict(fact.verdict)
    }
  }

  #onVerdict(envelope: Uint8Array): void {
    const { slot, unit, result } = bodyOf('verdict', envelope)
    const truth = this.#world.truths.get(unit.toString())
    const key = `${slot.plan} ${slot.member}/${slot.block}/${slot.window}`
    this.#wrong.set(key, truth !== result.toString())
  }

  #onPublished(plan: string): void {
    if (this.#published.has(plan)) return
    this.#published.add(plan)
    for (const [key, isWrong] of this.#wrong) {
      if (isWrong && key.startsWith(plan)) this.wrongAtPublication += 1
    }
  }

  get progress(): Pick<Count, 'units' | 'executions'> {
    return { units: this.#wrong.size, executions: this.executions }
  }

  count(isHonest: (operator: string) => boolean): Count {
    const { leases, failed, executions, wrongAtPublication } = this
    return {
      units: this.#wrong.size,
      failed,
      executions,
      leases,
      wrongAtPublication,
      wrongAtEnd: [...this.#wrong.values()].filter(Boolean).length,
      convictions: this.convicted.size,
      honestConvictions: [...this.convicted].filter(isHonest).length
    }
  }
}
