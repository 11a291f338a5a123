/**
 * Who may compute: an operator that paid with work bound to its key and the epoch, or one for which
 * a coordinator vouches. A thousand identities cost a thousand times as much.
 */
import { equals } from 'uint8arrays/equals'
import { toHex } from '../../protocol/hex.ts'
import { admissionWork } from '../../protocol/proof/admission-work.ts'
import type { CoordinatorEvent } from '../event.ts'
import { note, record, type Turn } from '../turn.ts'
import { isVoter } from './ranks.ts'

type Paid = NonNullable<Extract<CoordinatorEvent, { kind: 'lease-request' }>['admission']>

/** Until when this admits the operator; 0 when it does not. */
function admitsUntilMs(turn: Turn, operator: Uint8Array, { body, signer }: Paid): number {
  const { state } = turn
  const { network, epoch, admissionBits } = state.setup.federation.body
  if (!equals(body.operator, operator)) return 0
  if (body.kind === 'vouch') return isVoter(state, signer) ? body.expiresAtMs : 0
  const isOwn = equals(signer, operator) && body.epoch === epoch
  return isOwn && admissionWork(network, body) >= admissionBits ? Number.MAX_SAFE_INTEGER : 0
}

/** Is it admitted, by what we know or by what it shows now? */
export function isAdmitted(turn: Turn, operator: Uint8Array, paid: Paid | undefined): boolean {
  const { rules, setup, durable } = turn.state
  if (!rules.admission || setup.federation.body.admissionBits === 0) return true
  const name = toHex(operator)
  if ((durable.admitted.get(name) ?? 0) > turn.atMs) return true
  const untilMs = paid === undefined ? 0 : admitsUntilMs(turn, operator, paid)
  if (paid === undefined || untilMs <= turn.atMs) return false
  record(turn, { kind: 'operator-admitted', operator, admission: paid.envelope, untilMs })
  note(turn, 'operator.admitted', { operator: name, by: paid.body.kind })
  return true
}
