/**
 * How long the mesh takes, read from ledgers: from a plan that is opened (and announced in the same
 * step) to each peer's first lease of it, and from the commit that completes a quorum's worth of
 * work to the verdict.
 */
import type { Fact } from '../../coordinator/fact.ts'
import { toHex } from '../../protocol/hex.ts'

export interface Quantiles {
  readonly count: number
  readonly p50: number
  readonly p95: number
  readonly most: number
}

export interface Latencies {
  /** Milliseconds from a plan's announcement to the first lease of each peer that got one. */
  readonly announceToLease: Quantiles
  /** Milliseconds from the last commit that a verdict waited for to that verdict. */
  readonly commitToVerdict: Quantiles
  readonly leases: number
}

export function quantilesOf(values: readonly number[]): Quantiles {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), most: sorted.at(-1) ?? 0 }
}

/** All ledgers of a run, each in its order. A peer's first lease may be of any of the owners. */
export function latenciesOf(ledgers: readonly (readonly Fact[])[]): Latencies {
  const firstLeases = new Map<string, number>()
  const verdicts: number[] = []
  let leases = 0
  for (const facts of ledgers) {
    const opened = new Map<string, number>()
    const committed = new Map<string, number>()
    for (const fact of facts) {
      if (fact.kind === 'plan-opened') opened.set(`${fact.plan}`, fact.submittedAtMs)
      if (fact.kind === 'lease-granted') {
        leases += 1
        const who = `${fact.plan} ${toHex(fact.peer)}`
        const afterMs = fact.atMs - (opened.get(`${fact.plan}`) ?? fact.atMs)
        firstLeases.set(who, Math.min(afterMs, firstLeases.get(who) ?? afterMs))
      }
      if (fact.kind === 'commit-logged') committed.set(toHex(fact.lease), fact.atMs)
      if (fact.kind === 'slot-settled') {
        const last = Math.max(...fact.agreeing.map((lease) => committed.get(toHex(lease)) ?? 0))
        verdicts.push(fact.atMs - last)
      }
    }
  }
  return {
    announceToLease: quantilesOf([...firstLeases.values()]),
    commitToVerdict: quantilesOf(verdicts),
    leases
  }
}
