/** Does a verdict of another owner prove itself? Its voters' own statements have to say it all. */
import { equals } from 'uint8arrays/equals'
import { toHex } from '../../protocol/hex.ts'
import type { OpenedVoter } from '../../protocol/inbound.ts'
import type { Verdict } from '../../protocol/message/result.ts'
import type { Plan } from '../../protocol/plan.ts'
import { THROUGHPUT_QUORUM } from '../replicas.ts'
import type { CoordinatorState } from '../state.ts'
import { isSpared } from '../trust/lottery.ts'
import { isWitnessed } from './witness.ts'

function isVote(body: Verdict, index: number, { binding, reveal }: OpenedVoter): boolean {
  const voter = body.agreeing[index]
  return (
    voter !== undefined &&
    equals(binding.signer, voter.operator) &&
    equals(binding.body.operator, voter.operator) &&
    equals(binding.body.peer, voter.peer) &&
    equals(reveal.signer, voter.peer) &&
    equals(reveal.body.operator, voter.operator) &&
    equals(reveal.body.traceRoot, body.traceRoot) &&
    reveal.body.unit.equals(body.unit) &&
    reveal.body.result.equals(body.result) &&
    reveal.body.fuel === body.fuel
  )
}

/** A quorum of distinct operators, each bound, revealed and sealed by a witness before. */
export function isProven(
  known: CoordinatorState,
  body: Verdict,
  agreeing: readonly OpenedVoter[],
  { policy, quorum: wanted }: Plan['mesh']
): boolean {
  const isThroughput = policy === 'throughput'
  const quorum = isThroughput ? THROUGHPUT_QUORUM : wanted
  const operators = new Set(body.agreeing.map(({ operator }) => toHex(operator)))
  return (
    operators.size === agreeing.length &&
    (operators.size >= quorum || (isThroughput && isSpared(known.rules, body, agreeing))) &&
    agreeing.every((voter, index) => isVote(body, index, voter) && isWitnessed(known, voter))
  )
}
