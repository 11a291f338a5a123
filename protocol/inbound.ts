/**
 * Frames of the streams, opened: every signature in them is checked here, those of statements
 * inside statements included, so that a core never meets an envelope it would have to verify.
 */
import { equals } from 'uint8arrays/equals'
import { decode } from './canonical.ts'
import {
  type Cosignature,
  type ForecastBody,
  type ForecastProposal,
  forecastBody,
  type Publication
} from './message/forecast.ts'
import type { FraudProof, GarbageProof, MismatchProof } from './message/fraud.ts'
import type {
  Directive,
  Heartbeat,
  LeaseGrant,
  LeaseRequest,
  Refusal,
  Release
} from './message/lease.ts'
import type {
  Acknowledgement,
  Attestation,
  GapNotice,
  PlanProposal,
  VerdictNotice
} from './message/notice.ts'
import type { Admission, Binding, Vouch } from './message/operator.ts'
import type { Commit, Reveal, Verdict, Witnessing, WitnessRequest } from './message/result.ts'
import type { Deposition, Equivocation, EquivocationProof, Head, Silence } from './message/watch.ts'
import type { StatementOf } from './message.ts'
import {
  type OpenedFraud,
  type OpenedMismatch,
  openFraudProof,
  openMismatchProof
} from './proof/fraud.ts'
import { type OpenedGarbage, openGarbageProof } from './proof/garbage.ts'
import { ShapeError } from './shape.ts'
import { type Authentic, type Curve, claimedKind, ed25519, openStatement } from './signed.ts'

/** A replica that a verdict counts, with the statements that prove it. */
export interface OpenedVoter {
  readonly binding: Authentic<Binding>
  readonly reveal: Authentic<Reveal>
  readonly witness?: Authentic<Witnessing>
}

/** A proof of equivocation with the two statements it is about, both by one signer. */
export interface OpenedProof {
  readonly kind: 'equivocation-proof'
  readonly said: Authentic<EquivocationProof>
  readonly first: Authentic<StatementOf<Equivocation>>
  readonly second: Authentic<StatementOf<Equivocation>>
}

/** What a coordinator can be asked, by volunteers and by other coordinators. */
export type Inbound =
  | {
      readonly kind: 'lease-request'
      readonly said: Authentic<LeaseRequest>
      readonly binding: Authentic<Binding>
      readonly admission?: Authentic<Admission> | Authentic<Vouch>
    }
  | { readonly kind: 'heartbeat'; readonly said: Authentic<Heartbeat> }
  | { readonly kind: 'release'; readonly said: Authentic<Release> }
  | {
      readonly kind: 'commit'
      readonly said: Authentic<Commit>
      readonly witness?: Authentic<Witnessing>
    }
  | {
      readonly kind: 'witness-request'
      readonly said: Authentic<WitnessRequest>
      readonly grant: Authentic<LeaseGrant>
    }
  | { readonly kind: 'reveal'; readonly said: Authentic<Reveal> }
  | { readonly kind: 'plan-proposal'; readonly said: Authentic<PlanProposal> }
  | {
      readonly kind: 'verdict-notice'
      readonly said: Authentic<VerdictNotice>
      readonly verdict: Authentic<Verdict>
      /** Opened `agreeing` of the verdict, in its order. */
      readonly agreeing: readonly OpenedVoter[]
    }
  | { readonly kind: 'gap-notice'; readonly said: Authentic<GapNotice> }
  | {
      readonly kind: 'forecast-proposal'
      readonly said: Authentic<ForecastProposal>
      readonly forecast: ForecastBody
    }
  | { readonly kind: 'publication'; readonly said: Authentic<Publication> }
  | { readonly kind: 'attestation'; readonly said: Authentic<Attestation> }
  | { readonly kind: 'head'; readonly said: Authentic<Head> }
  | { readonly kind: 'silence'; readonly said: Authentic<Silence> }
  | {
      readonly kind: 'deposition'
      readonly said: Authentic<Deposition>
      readonly silences: readonly Authentic<Silence>[]
    }
  | OpenedProof
  | (OpenedFraud & { readonly said: Authentic<FraudProof> })
  | (OpenedMismatch & { readonly said: Authentic<MismatchProof> })
  | (OpenedGarbage & { readonly said: Authentic<GarbageProof> })

/** What a volunteer can be answered. */
export type LeaseAnswer =
  | { readonly kind: 'lease-grant'; readonly said: Authentic<LeaseGrant> }
  | { readonly kind: 'refusal'; readonly said: Authentic<Refusal> }
  | { readonly kind: 'directive'; readonly said: Authentic<Directive> }
  | { readonly kind: 'witnessing'; readonly said: Authentic<Witnessing> }

/** What a coordinator can be answered by another one. */
export type NoticeAnswer =
  | {
      readonly kind: 'acknowledgement'
      readonly said: Authentic<Acknowledgement>
      readonly cosignature?: Authentic<Cosignature>
    }
  | { readonly kind: 'refusal'; readonly said: Authentic<Refusal> }

const unexpected = (kind: string): never => {
  throw new ShapeError('type', `${kind.slice(0, 32)} is not expected here`)
}

function openWitness(network: string, envelope: Uint8Array | undefined, curve: Curve) {
  if (envelope === undefined) return {}
  return { witness: openStatement('witnessing', network, envelope, curve) }
}

const openAdmission = (network: string, envelope: Uint8Array, curve: Curve) =>
  claimedKind(envelope) === 'vouch'
    ? openStatement('vouch', network, envelope, curve)
    : openStatement('admission', network, envelope, curve)

/**
 * Opens a proof of equivocation, from a stream or a topic.
 * @throws ShapeError when any form or signature in it is wrong, or the signers differ
 */
export function openProof(network: string, frame: Uint8Array, curve: Curve = ed25519): OpenedProof {
  const said = openStatement('equivocation-proof', network, frame, curve)
  const { about } = said.body
  const first = openStatement(about, network, said.body.first, curve)
  const second = openStatement(about, network, said.body.second, curve)
  if (!equals(first.signer, second.signer)) throw new ShapeError('second', 'has another signer')
  return { kind: 'equivocation-proof', said, first, second }
}

/**
 * Opens a request frame that arrived at a coordinator.
 * @throws ShapeError when any form or signature in it is wrong
 */
export function openInbound(network: string, frame: Uint8Array, curve: Curve = ed25519): Inbound {
  const kind = claimedKind(frame)
  switch (kind) {
    case 'lease-request': {
      const said = openStatement(kind, network, frame, curve)
      const { binding, admission } = said.body
      const opened = openStatement('binding', network, binding, curve)
      if (admission === undefined) return { kind, said, binding: opened }
      const paid = openAdmission(network, admission, curve)
      return { kind, said, binding: opened, admission: paid }
    }
    case 'commit': {
      const said = openStatement(kind, network, frame, curve)
      return { kind, said, ...openWitness(network, said.body.witness, curve) }
    }
    case 'witness-request': {
      const said = openStatement(kind, network, frame, curve)
      return { kind, said, grant: openStatement('lease-grant', network, said.body.grant, curve) }
    }
    case 'verdict-notice': {
      const said = openStatement(kind, network, frame, curve)
      const verdict = openStatement('verdict', network, said.body.verdict, curve)
      const agreeing = verdict.body.agreeing.map(({ binding, reveal, witness }) => ({
        binding: openStatement('binding', network, binding, curve),
        reveal: openStatement('reveal', network, reveal, curve),
        ...openWitness(network, witness, curve)
      }))
      return { kind, said, verdict, agreeing }
    }
    case 'deposition': {
      const said = openStatement(kind, network, frame, curve)
      const open = (silence: Uint8Array) => openStatement('silence', network, silence, curve)
      return { kind, said, silences: said.body.silences.map(open) }
    }
    case 'fraud-proof': {
      const said = openStatement(kind, network, frame, curve)
      return { ...openFraudProof(network, frame, curve), said }
    }
    case 'mismatch-proof': {
      const said = openStatement(kind, network, frame, curve)
      return { ...openMismatchProof(network, frame, curve), said }
    }
    case 'garbage-proof': {
      const said = openStatement(kind, network, frame, curve)
      return { ...openGarbageProof(network, frame, curve), said }
    }
    case 'equivocation-proof':
      return openProof(network, frame, curve)
    case 'forecast-proposal': {
      const said = openStatement(kind, network, frame, curve)
      return { kind, said, forecast: decode(forecastBody, said.body.body) }
    }
    case 'heartbeat':
    case 'release':
    case 'reveal':
    case 'plan-proposal':
    case 'gap-notice':
    case 'publication':
    case 'attestation':
    case 'head':
    case 'silence':
      return { kind, said: openStatement(kind, network, frame, curve) } as Inbound
    default:
      return unexpected(kind)
  }
}

/**
 * Opens the answer to a volunteer's request.
 * @throws ShapeError when form or signature is wrong
 */
export function openLeaseAnswer(
  network: string,
  frame: Uint8Array,
  curve: Curve = ed25519
): LeaseAnswer {
  const kind = claimedKind(frame)
  switch (kind) {
    case 'lease-grant':
      return { kind, said: openStatement(kind, network, frame, curve) }
    case 'refusal':
      return { kind, said: openStatement(kind, network, frame, curve) }
    case 'directive':
      return { kind, said: openStatement(kind, network, frame, curve) }
    case 'witnessing':
      return { kind, said: openStatement(kind, network, frame, curve) }
    default:
      return unexpected(kind)
  }
}

/**
 * Opens the answer to a coordinator's statement.
 * @throws ShapeError when any form or signature in it is wrong
 */
export function openNoticeAnswer(
  network: string,
  frame: Uint8Array,
  curve: Curve = ed25519
): NoticeAnswer {
  const kind = claimedKind(frame)
  if (kind === 'refusal') return { kind, said: openStatement(kind, network, frame, curve) }
  if (kind !== 'acknowledgement') return unexpected(kind)
  const said = openStatement(kind, network, frame, curve)
  const { cosignature } = said.body
  if (cosignature === undefined) return { kind, said }
  return { kind, said, cosignature: openStatement('cosignature', network, cosignature, curve) }
}
