/** What every conversation between coordinators begins and ends with: who they are, "received". */
import type { CID } from 'multiformats/cid'
import { reply, type Turn } from '../turn.ts'

/** The coordinators of the federation other than this one. */
export const othersOf = ({ state }: Pick<Turn, 'state'>) => state.others

/** Says "received" to another coordinator. */
export function acknowledge(turn: Turn, replyTo: string, of: CID, cosignature?: Uint8Array): void {
  const answer = { kind: 'acknowledgement' as const, of }
  const body = cosignature === undefined ? answer : { ...answer, cosignature }
  reply(turn, replyTo, turn.keyring.sign('acknowledgement', body))
}
