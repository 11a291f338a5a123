/**
 * Streams that wait for the core's answer: a token for each, and a limit on how many and how long,
 * so that a core that refuses to answer costs no memory.
 */
import { MeshError } from '../mesh-error.ts'

/** Streams waiting at once: more than the libp2p limits let through means a stuck core. */
const WAITING_MAX = 4096
/** A core answers within one batch; later than this it will not. */
const ANSWER_MS = 30_000

export interface WaitingReplies<Answer> {
  /** Opens a place; the promise is the answer. @throws MeshError net/unreachable when full */
  open(): { token: string; answer: Promise<Answer> }
  /** Answers a place; one that is gone is no error. */
  settle(token: string, answer: Answer): void
  /** Ends a place without an answer. */
  refuse(token: string, reason: unknown): void
}

interface Place<Answer> {
  readonly resolve: (answer: Answer) => void
  readonly reject: (reason: unknown) => void
  readonly timer: NodeJS.Timeout
}

export function waitingReplies<Answer>(answerMs = ANSWER_MS): WaitingReplies<Answer> {
  const places = new Map<string, Place<Answer>>()
  let count = 0
  const take = (token: string): Place<Answer> | undefined => {
    const place = places.get(token)
    if (place !== undefined) clearTimeout(place.timer)
    places.delete(token)
    return place
  }
  const refuse = (token: string, reason: unknown): void => take(token)?.reject(reason)
  return {
    open: () => {
      if (places.size >= WAITING_MAX) throw new MeshError('net/unreachable', 'too many requests')
      count += 1
      const token = String(count)
      const { promise, resolve, reject } = Promise.withResolvers<Answer>()
      const late = (): void => refuse(token, new MeshError('net/unreachable', 'no answer in time'))
      places.set(token, { resolve, reject, timer: setTimeout(late, answerMs).unref() })
      return { token, answer: promise }
    },
    settle: (token, answer) => take(token)?.resolve(answer),
    refuse
  }
}
