/**
 * Every statement peers exchange. Each travels as the body of a Signed envelope (signed.ts) under
 * the domain `driftmesh/<kind>/v1`; who must sign it is written beside it. Requests are idempotent:
 * a repeated one gets the answer of the first, so a lost answer or a killed process costs a retry.
 */
import { federation } from './federation.ts'
import { cosignature, forecastBody, forecastProposal, publication } from './message/forecast.ts'
import { fraudProof, garbageProof, mismatchProof } from './message/fraud.ts'
import {
  announcement,
  directive,
  heartbeat,
  leaseGrant,
  leaseRequest,
  refusal,
  release
} from './message/lease.ts'
import {
  acknowledgement,
  attestation,
  gapNotice,
  planProposal,
  verdictNotice
} from './message/notice.ts'
import { admission, binding, vouch } from './message/operator.ts'
import { commit, receipt, reveal, verdict, witnessing, witnessRequest } from './message/result.ts'
import {
  deposition,
  equivocationProof,
  head,
  logEntries,
  logRequest,
  silence
} from './message/watch.ts'
import { type Infer, union } from './shape.ts'

/** All statements by kind. */
export const statements = {
  /** Signed by the federation's root key. */
  federation,
  binding,
  admission,
  vouch,
  announcement,
  'lease-request': leaseRequest,
  'lease-grant': leaseGrant,
  refusal,
  heartbeat,
  directive,
  release,
  commit,
  'witness-request': witnessRequest,
  witnessing,
  reveal,
  verdict,
  receipt,
  'plan-proposal': planProposal,
  'verdict-notice': verdictNotice,
  attestation,
  'gap-notice': gapNotice,
  forecast: forecastBody,
  cosignature,
  'forecast-proposal': forecastProposal,
  acknowledgement,
  publication,
  head,
  silence,
  deposition,
  'equivocation-proof': equivocationProof,
  'fraud-proof': fraudProof,
  'mismatch-proof': mismatchProof,
  'garbage-proof': garbageProof,
  'log-request': logRequest,
  'log-entries': logEntries
}
export const statement = union(statements)
export type StatementKind = keyof typeof statements
/** The statement of one kind. */
export type StatementOf<K extends StatementKind> = Infer<(typeof statements)[K]>
