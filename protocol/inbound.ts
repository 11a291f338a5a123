/**
 * Frames of the streams, opened: every signature in them is checked here, those of statements
 * inside statements included, so that a core never meets an envelope it would have to verify.
 */
import { decode } from './canonical.ts'
import {
  type Acknowledgement,
  type Binding,
  type Commit,
  type Cosignature,
  type Directive,
  type ForecastBody,
  type ForecastProposal,
  forecastBody,
  type GapNotice,
  type Heartbeat,
  type LeaseGrant,
  type LeaseRequest,
  type PlanProposal,
  type Publication,
  type Refusal,
  type Release,
  type Reveal,
  type Verdict,
  type VerdictNotice
} from './message.ts'
import { ShapeError } from './shape.ts'
import { type Authentic, type Curve, claimedKind, ed25519, openStatement } from './signed.ts'

/** A replica that a verdict counts, with the statements that prove it. */
export interface OpenedVoter {
  readonly binding: Authentic<Binding>
  readonly reveal: Authentic<Reveal>
}

/** What a coordinator can be asked, by volunteers and by other coordinators. */
export type Inbound =
  | {
      readonly kind: 'lease-request'
      readonly said: Authentic<LeaseRequest>
      readonly binding: Authentic<Binding>
    }
  | { readonly kind: 'heartbeat'; readonly said: Authentic<Heartbeat> }
  | { readonly kind: 'release'; readonly said: Authentic<Release> }
  | { readonly kind: 'commit'; readonly said: Authentic<Commit> }
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

/** What a volunteer can be answered. */
export type LeaseAnswer =
  | { readonly kind: 'lease-grant'; readonly said: Authentic<LeaseGrant> }
  | { readonly kind: 'refusal'; readonly said: Authentic<Refusal> }
  | { readonly kind: 'directive'; readonly said: Authentic<Directive> }

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

/**
 * Opens a request frame that arrived at a coordinator.
 * @throws ShapeError when any form or signature in it is wrong
 */
export function openInbound(network: string, frame: Uint8Array, curve: Curve = ed25519): Inbound {
  const kind = claimedKind(frame)
  switch (kind) {
    case 'lease-request': {
      const said = openStatement(kind, network, frame, curve)
      return { kind, said, binding: openStatement('binding', network, said.body.binding, curve) }
    }
    case 'heartbeat':
      return { kind, said: openStatement(kind, network, frame, curve) }
    case 'release':
      return { kind, said: openStatement(kind, network, frame, curve) }
    case 'commit':
      return { kind, said: openStatement(kind, network, frame, curve) }
    case 'reveal':
      return { kind, said: openStatement(kind, network, frame, curve) }
    case 'plan-proposal':
      return { kind, said: openStatement(kind, network, frame, curve) }
    case 'verdict-notice': {
      const said = openStatement(kind, network, frame, curve)
      const verdict = openStatement('verdict', network, said.body.verdict, curve)
      const agreeing = verdict.body.agreeing.map(({ binding, reveal }) => ({
        binding: openStatement('binding', network, binding, curve),
        reveal: openStatement('reveal', network, reveal, curve)
      }))
      return { kind, said, verdict, agreeing }
    }
    case 'gap-notice':
      return { kind, said: openStatement(kind, network, frame, curve) }
    case 'publication':
      return { kind, said: openStatement(kind, network, frame, curve) }
    case 'forecast-proposal': {
      const said = openStatement(kind, network, frame, curve)
      return { kind, said, forecast: decode(forecastBody, said.body.body) }
    }
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
