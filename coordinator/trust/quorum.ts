/**
 * The quorum rule, alone: votes of replicas in, standing out. A vote is bit equality of (result,
 * trace root, fuel), and only distinct operators count.
 */
import { DISTINCT_MAX, ERRORS_MAX, REPLICAS_MAX } from '../../protocol/limits.ts'
import type { GapReason } from '../../protocol/message/notice.ts'

export interface Vote {
  /** Names the replica. */
  readonly replica: string
  readonly operator: string
  /** Text of (result, trace root, fuel). */
  readonly value: string
}

export interface Tally {
  /** Votes that agree before a slot is settled. */
  readonly quorum: number
  /** Replicas under way or committed. */
  readonly replicas: number
  /** Leases that expired or failed, and faults. */
  readonly errors: number
  /** Is there an end to trying? */
  readonly hasCaps: boolean
}

export type Standing =
  | {
      readonly kind: 'settled'
      readonly agreeing: readonly string[]
      readonly dissenting: readonly string[]
    }
  /** So many more equal votes would settle it. */
  | { readonly kind: 'need-more'; readonly count: number }
  | { readonly kind: 'failed'; readonly reason: GapReason }

/** Replicas of equal votes, the largest group first. */
function groupsOf(votes: readonly Vote[]): readonly (readonly string[])[] {
  if (votes.length === 0) return []
  const groups = new Map<string, string[]>()
  for (const { replica, value } of votes) {
    const group = groups.get(value)
    if (group === undefined) groups.set(value, [replica])
    else group.push(replica)
  }
  return [...groups.values()].sort((a, b) => b.length - a.length)
}

/**
 * Settled by the one largest group with at least `quorum` operators; two groups of that size tie
 * and need one more vote. Caps end a slot that does not settle.
 * @throws Error when an operator has two votes: the grant rule forbids it
 */
export function standingOf(tally: Tally, votes: readonly Vote[]): Standing {
  if (votes.length > 1 && new Set(votes.map(({ operator }) => operator)).size !== votes.length) {
    throw new Error('defect: an operator has two votes on one slot')
  }
  const groups = groupsOf(votes)
  const [first = [], second = []] = groups
  if (first.length >= tally.quorum && first.length > second.length) {
    const isAgreeing = new Set(first)
    return {
      kind: 'settled',
      agreeing: votes.map(({ replica }) => replica).filter((replica) => isAgreeing.has(replica)),
      dissenting: votes.map(({ replica }) => replica).filter((replica) => !isAgreeing.has(replica))
    }
  }
  const count = Math.max(1, tally.quorum - first.length)
  if (!tally.hasCaps) return { kind: 'need-more', count }
  if (groups.length >= DISTINCT_MAX) return { kind: 'failed', reason: 'distinct' }
  if (tally.errors >= ERRORS_MAX) return { kind: 'failed', reason: 'errors' }
  if (tally.replicas + count > REPLICAS_MAX) return { kind: 'failed', reason: 'replicas' }
  return { kind: 'need-more', count }
}
