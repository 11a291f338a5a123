/**
 * How far a field can be trusted: how much of what should be counted has a result, and how far the
 * members agree.
 */
import { STATUSES } from '../../protocol/result.ts'

/** Share of the particles of all members that have a result, per time; `statuses` by member. */
export function presentShares(
  statuses: Uint32Array,
  { memberCount, particleCount }: { readonly memberCount: number; readonly particleCount: number }
): number[] {
  const perMember = statuses.length / memberCount
  return Array.from({ length: perMember / STATUSES.length }, (_, time) => {
    let present = 0
    for (let member = 0; member < memberCount; member += 1) {
      const from = member * perMember + time * STATUSES.length
      for (let at = from; at < from + STATUSES.length; at += 1) present += statuses[at] ?? 0
    }
    return present / (memberCount * particleCount)
  })
}

/** Share times agreement, [time][cell], in place. */
export function withShares(agreement: Float32Array, shares: readonly number[]): Float32Array {
  const cells = agreement.length / shares.length
  for (const [time, share] of shares.entries()) {
    if (share === 1) continue
    for (let index = time * cells; index < (time + 1) * cells; index += 1) {
      agreement[index] = share * (agreement[index] ?? 0)
    }
  }
  return agreement
}
