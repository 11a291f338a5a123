/**
 * Policy throughput: one replica, and a second one where the lottery says so. The draw follows the
 * commit, so that no volunteer sees whether it is checked before it has to say its result.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { concat } from 'uint8arrays/concat'
import { equals } from 'uint8arrays/equals'
import { fromString } from 'uint8arrays/from-string'
import type { OpenedVoter } from '../../protocol/inbound.ts'
import { LOTTERY_SHARE_MIN, lotteryDraw, lotterySeal } from '../../protocol/message/lottery.ts'
import type { Verdict } from '../../protocol/message/result.ts'
import { bodyOf } from '../../protocol/signed.ts'
import { underWayOf } from '../replicas.ts'
import type { Rules } from '../rules.ts'
import type { PlanState, Replica, SlotState } from '../state.ts'
import { note, record, type Turn } from '../turn.ts'
import { isEstablished, type OperatorState, standingOfOperator } from './reputation.ts'

const SECRET_DOMAIN = fromString('driftmesh/lottery-secret/v1\0')

export const isLottery = ({ body }: PlanState): boolean => body.mesh.policy === 'throughput'

/** The secret of a lease; our entropy is known to nobody. */
export const secretOf = (turn: Turn, lease: Uint8Array): Uint8Array =>
  sha256(concat([SECRET_DOMAIN, turn.entropy, lease]))

/**
 * What a grant shows of the secret. With the rule off it is the secret itself, so that the
 * volunteer can see whether it will be checked: what that costs is for the simulator to show.
 */
export const sealOf = ({ state }: Turn, secret: Uint8Array): Uint8Array =>
  state.rules.lotteryAfterCommit ? lotterySeal(secret) : secret

/** How likely a second replica is: certain for newcomers, ever less with every valid result. */
function shareFor(turn: Turn, operator: OperatorState): number {
  if (turn.state.rules.probation && !isEstablished(operator)) return 1
  return Math.max(1 / Math.max(operator.streak, 1), LOTTERY_SHARE_MIN)
}

const NO_NONCE = new Uint8Array(0)

/** The nonce of the witness; with the rule off the draw was fixed before the commit. */
function nonceOf(turn: Turn, { witness }: Replica): Uint8Array {
  if (witness === undefined || !turn.state.rules.lotteryAfterCommit) return NO_NONCE
  return bodyOf('witnessing', witness).nonce
}

/** Draws once a commit is logged; again when that replica came to nothing. */
export function drawLottery(turn: Turn, plan: PlanState, slot: SlotState): void {
  if (!isLottery(plan)) return
  const sealed = underWayOf(slot).filter(({ phase }) => phase !== 'leased')
  const [first] = sealed
  const secret = first?.lotterySecret
  if (first === undefined || secret === undefined) return
  if (sealed.some(({ lease }) => lease === slot.lottery?.lease)) return
  const { operator } = first
  const share = shareFor(turn, standingOfOperator(turn.state, operator))
  const isReplicated = lotteryDraw(secret, nonceOf(turn, first)) < share
  const about = { plan: plan.cid, slot: slot.place, lease: first.id }
  record(turn, { kind: 'lottery-drawn', ...about, isReplicated })
  note(turn, 'lottery.drawn', { lease: first.lease, isReplicated })
}

/** Did the lottery of a verdict with one voter really spare the second one? */
export function isSpared(
  { witness: isWitnessed, lotteryAfterCommit }: Rules,
  verdict: Verdict,
  [voter]: readonly OpenedVoter[]
): boolean {
  const { lotterySecret: secret } = verdict
  const witness = voter?.witness?.body
  if (secret === undefined) return false
  if (!isWitnessed || !lotteryAfterCommit) return lotteryDraw(secret, NO_NONCE) >= LOTTERY_SHARE_MIN
  if (witness?.lotterySeal === undefined) return false
  return (
    equals(lotterySeal(secret), witness.lotterySeal) &&
    lotteryDraw(secret, witness.nonce) >= LOTTERY_SHARE_MIN
  )
}
