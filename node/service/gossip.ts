/**
 * Gossip on its way to the cores: judged by the protocol's admission rules before it is passed on,
 * and handed to the core as the statement that was judged.
 */
import {
  type Admission,
  type Admitting,
  admitAnnouncement,
  admitPublication
} from '../../protocol/admission.ts'
import type { Federation } from '../../protocol/federation.ts'
import type { Announcement, Publication } from '../../protocol/message.ts'
import type { Authentic } from '../../protocol/signed.ts'
import type { Net, Topic } from '../net/net.ts'
import type { Log } from '../telemetry/log.ts'

interface GossipDeps {
  readonly net: Net
  readonly log: Log
  readonly federation: Federation
}

function listenTo<T>(
  topic: Topic,
  judge: (bytes: Uint8Array, context: Admitting) => Admission<T>,
  { net, log, federation }: GossipDeps,
  on: (said: Authentic<T>) => void
): void {
  // The net hands over the very bytes that it had judged, so the statement is opened once.
  const admitted = new WeakMap<Uint8Array, Authentic<T>>()
  net.listen(
    topic,
    (bytes) => {
      const admission = judge(bytes, { federation, atMs: Date.now() })
      if (admission.action === 'accept') admitted.set(bytes, admission.said)
      else log.debug('gossip.not-admitted', { topic, ...admission })
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
