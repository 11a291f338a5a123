/**
 * Gossip as the port wants it: admission before forwarding, and one receiver per topic.
 */
import { TopicValidatorResult } from '@libp2p/gossipsub'
import { GOSSIP_BYTES_MAX } from '../../protocol/limits.ts'
import { TOPIC_NAMES } from './gossip-options.ts'
import type { Host } from './host.ts'
import type { Admission, NetLog, Topic } from './net.ts'

const RESULTS: Readonly<Record<Admission, TopicValidatorResult>> = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject
}

export interface Gossip {
  publish(topic: Topic, data: Uint8Array): Promise<void>
  listen(topic: Topic, admit: (data: Uint8Array) => Admission, on: (data: Uint8Array) => void): void
}

export function openGossip(host: Host, log: NetLog): Gossip {
  const { pubsub } = host.services
  const receivers = new Map<string, (data: Uint8Array) => void>()
  pubsub.addEventListener('message', ({ detail }) => receivers.get(detail.topic)?.(detail.data))
  return {
    publish: async (topic, data) => {
      if (data.byteLength > GOSSIP_BYTES_MAX) {
        throw new RangeError(`gossip of ${data.byteLength} bytes, at most ${GOSSIP_BYTES_MAX}`)
      }
      await pubsub.publish(TOPIC_NAMES[topic], data)
    },
    listen: (topic, admit, on) => {
      const name = TOPIC_NAMES[topic]
      if (receivers.has(name)) throw new Error(`topic ${topic} has a listener already`)
      pubsub.topicValidators.set(name, (from, { data }) => {
        // [REJECT] longer than a gossip message may be
        const admission = data.byteLength > GOSSIP_BYTES_MAX ? 'reject' : admit(data)
        if (admission === 'reject') {
          log('net.message-rejected', { topic, from: from.toString(), bytes: data.byteLength })
        }
        return RESULTS[admission]
      })
      receivers.set(name, on)
      pubsub.subscribe(name)
    }
  }
}
