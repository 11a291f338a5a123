/**
 * Gossip on its way to the cores: judged by the protocol's admission rules before it is passed on,
 * and handed to the core as the statement that was judged.
 */
import {
  type Admitting,
  admitAnnouncement,
  admitHead,
  admitProof,
  admitPublication,
  type GossipedProof,
  type Judgement
} from '../../protocol/admission.ts'
import type { Federation } from '../../protocol/federation.ts'
import type { Publication } from '../../protocol/message/forecast.ts'
import type { Announcement } from '../../protocol/message/lease.ts'
import type { Head } from '../../protocol/message/watch.ts'
import type { Authentic, Curve } from '../../protocol/signed.ts'
import type { Net, Topic } from '../net/net.ts'
import type { Log } from '../telemetry/log.ts'

interface GossipDeps {
  readonly net: Net
  readonly log: Log
  readonly federation: Federation
  readonly curve: Curve
}

function listenTo<S>(
  topic: Topic,
  judge: (bytes: Uint8Array, context: Admitting) => Judgement<S>,
  { net, log, federation, curve }: GossipDeps,
  on: (said: S) => void
): void {
  // The net hands over the very bytes that it had judged, so the statement is opened once.
  const admitted = new WeakMap<Uint8Array, S>()
  net.listen(
    topic,
    (bytes) => {
      const admission = judge(bytes, { federation, curve, atMs: Date.now() })
      if (admission.action === 'accept') admitted.set(bytes, admission.said)
      else {
        const { action, reason } = admission
        log.debug('gossip.not-admitted', { topic, action, reason })
      }
      return admission.action
    },
    (bytes) => {
      const said = admitted.get(bytes)
      if (said !== undefined) on(said)
    }
  )
}

/** Topic `announce`. */
export const listenToAnnouncements = (
  deps: GossipDeps,
  on: (said: Authentic<Announcement>) => void
): void => listenTo('announce', admitAnnouncement, deps, on)

/** Topic `forecast`. */
export const listenToPublications = (
  deps: GossipDeps,
  on: (said: Authentic<Publication>) => void
): void => listenTo('forecast', admitPublication, deps, on)

/** Topic `heads`. */
export const listenToHeads = (deps: GossipDeps, on: (said: Authentic<Head>) => void): void =>
  listenTo('heads', admitHead, deps, on)

/** Topic `proofs`. */
export const listenToProofs = (deps: GossipDeps, on: (proof: GossipedProof) => void): void =>
  listenTo('proofs', admitProof, deps, on)
