/** Results of replicas: fetched when they are revealed, and again where they were forgotten. */
import type { LeaseCase } from '../lease.ts'
import { outputBytesMaxOf } from '../slots.ts'
import { act, mayAsk, type Turn } from '../turn.ts'

/** Prefix of the fetches of replicas' results. */
export const LEASE_FETCH = 'lease:'

/** Asks the shell for the blocks of a revealed result. */
export function fetchReplica(turn: Turn, { plan, slot, replica }: LeaseCase): void {
  const { fetchMs, resendMs } = turn.state.timers
  const fetch = `${LEASE_FETCH}${replica.lease}`
  const isWanted =
    replica.phase === 'revealed' ||
    (replica.phase === 'checked' && !turn.state.live.results.has(replica.lease))
  if (!isWanted || replica.revealed === undefined) return
  if (!mayAsk(turn, fetch, fetchMs + resendMs)) return
  act(turn, {
    kind: 'fetch',
    fetch,
    result: replica.revealed.result,
    outputBytesMax: outputBytesMaxOf(plan.body, slot.place),
    peers: [replica.peer],
    withinMs: fetchMs
  })
}
