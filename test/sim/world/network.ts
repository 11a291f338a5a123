/**
 * The network of a simulated world: messages are late, lost, repeated and out of order, and groups
 * of nodes can be cut from each other, one way or both.
 */
import type { Agenda } from './agenda.ts'
import type { Faults } from './faults.ts'
import type { Random } from './random.ts'

export type Topic = 'announce' | 'forecast' | 'control' | 'heads' | 'proofs'

/** Whoever has a place in the network. */
export interface Station {
  readonly name: string
  readonly isUp: boolean
  /** Does it give this state to whoever audits a run? */
  hasState?(state: string): boolean
  /** What it hears by gossip: it subscribed to these topics and no others. */
  readonly topics: ReadonlySet<Topic>
  hear(topic: Topic, bytes: Uint8Array): void
  /** A coordinator says something unasked. */
  told?(frame: Uint8Array): void
}

/** Whoever can be asked over a stream. */
export interface Listener extends Station {
  ask(frame: Uint8Array, answer: (frame: Uint8Array) => void): void
}

/** What travelled, by way of travelling. */
export interface Traffic {
  requests: number
  answers: number
  gossips: number
  /** Copies of gossip that arrived. */
  deliveries: number
  bytes: number
}

/** A stream that is not answered in this time is given up, as the shells do. */
const ASK_MS = 5_000

interface Clock {
  readonly nowMs: number
}

export class Network {
  readonly traffic: Traffic = { requests: 0, answers: 0, gossips: 0, deliveries: 0, bytes: 0 }
  /** Coordinators by hex key. */
  readonly listeners = new Map<string, Listener>()
  readonly stations: Station[] = []
  /** Peers that hold states, by hex key. */
  readonly openers = new Map<string, Station>()
  readonly #agenda: Agenda
  readonly #random: Random
  readonly #clock: Clock
  readonly #faults: Faults
  /** Who cannot reach whom, as two sets of names. */
  readonly #cuts = new Set<{
    readonly from: ReadonlySet<string>
    readonly to: ReadonlySet<string>
  }>()

  constructor(agenda: Agenda, random: Random, clock: Clock, faults: Faults) {
    this.#agenda = agenda
    this.#random = random
    this.#clock = clock
    this.#faults = faults
  }

  /** Cuts the way from one group to another. @returns what joins them again */
  cut(from: Iterable<string>, to: Iterable<string>): () => void {
    const cut = { from: new Set(from), to: new Set(to) }
    this.#cuts.add(cut)
    return () => this.#cuts.delete(cut)
  }

  /** This station is gone for good. */
  leave(station: Station): void {
    const index = this.stations.indexOf(station)
    if (index >= 0) this.stations.splice(index, 1)
  }

  /** Does this peer give a state to whoever audits a run? */
  opens(peer: string, auditor: string, state: string): boolean {
    const opener = this.openers.get(peer)
    if (opener?.isUp !== true || opener.hasState?.(state) !== true) return false
    return !this.isCut(opener.name, auditor) && !this.#random.isBelow(this.#faults.missing)
  }

  isCut(from: string, to: string): boolean {
    for (const cut of this.#cuts) if (cut.from.has(from) && cut.to.has(to)) return true
    return false
  }

  #after(delayMs: number, run: () => void): void {
    this.#agenda.push(this.#clock.nowMs + Math.ceil(delayMs), run)
  }

  /** A message on its way: late, perhaps twice, perhaps never, and not in order. */
  #deliver(from: string, to: string, run: () => void): void {
    const { loss, repeat, delayMsMax } = this.#faults
    if (this.#random.isBelow(loss)) return
    if (this.#cuts.size > 0 && this.isCut(from, to)) return
    this.#after(this.#random.between(1, delayMsMax), run)
    if (this.#random.isBelow(repeat)) this.#after(this.#random.between(1, delayMsMax * 4), run)
  }

  /** One request on a stream: exactly one of the answer or undefined comes back. */
  request(
    from: string,
    to: string,
    frame: Uint8Array,
    done: (answer: Uint8Array | undefined) => void
  ): void {
    let isOver = false
    const finish = (answer: Uint8Array | undefined): void => {
      if (isOver) return
      isOver = true
      done(answer)
    }
    this.traffic.requests += 1
    this.traffic.bytes += frame.length
    const listener = this.listeners.get(to)
    const name = listener?.name ?? ''
    this.#deliver(from, name, () => {
      if (!listener?.isUp) return
      listener.ask(frame, (answer) => {
        this.traffic.answers += 1
        this.traffic.bytes += answer.length
        this.#deliver(name, from, () => finish(answer))
      })
    })
    this.#after(ASK_MS, () => finish(undefined))
  }

  /** A coordinator to a volunteer, by hex key; nobody answers. */
  tell(from: string, to: string, frame: Uint8Array): void {
    const station = this.openers.get(to)
    if (station === undefined) return
    this.traffic.requests += 1
    this.traffic.bytes += frame.length
    this.#deliver(from, station.name, () => {
      if (station.isUp) station.told?.(frame)
    })
  }

  gossip(from: string, topic: Topic, bytes: Uint8Array): void {
    this.traffic.gossips += 1
    for (const station of [...this.stations]) {
      if (!station.topics.has(topic) || station.name === from) continue
      this.traffic.deliveries += 1
      this.#deliver(from, station.name, () => station.hear(topic, bytes))
    }
  }
}
