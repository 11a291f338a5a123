/**
 * The simulated world: virtual time, a network that delays, loses, repeats and reorders, a store of
 * results, and the last events for whoever has to find out what went wrong.
 */
import type { Federation } from '../../protocol/federation.ts'
import { DEFAULT_TIMERS } from '../../protocol/federation.ts'
import type { UnitResult } from '../../protocol/result.ts'
import {
  type Authentic,
  type Curve,
  keyringOf,
  openStatement,
  signStatement
} from '../../protocol/signed.ts'
import { KERNEL } from '../fixtures/plans/small-plan.ts'
import { Random } from './random.ts'

/** The catalogue of faults, all as probabilities per occasion. */
export interface Faults {
  readonly loss: number
  readonly repeat: number
  readonly delayMsMax: number
  /** Per event of a node: the process dies in the middle of its effects. */
  readonly crash: number
  readonly downMsMax: number
}

export interface WorldOptions {
  readonly rngSeed: number
  readonly coordinators: number
  readonly curve: Curve
  readonly faults: Faults
}

interface Due {
  readonly atMs: number
  readonly order: number
  readonly run: () => void
}

const EVENTS_KEPT = 50
const START_MS = 1_700_000_000_000
/** A stream that is not answered in this time is given up, as the shells do. */
const ASK_MS = 5_000

export const secretOf = (name: string): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, index) => name.charCodeAt(index % name.length) + index)

/** Whoever can be asked over a stream. */
export interface Listener {
  readonly isUp: boolean
  ask(frame: Uint8Array, answer: (frame: Uint8Array) => void): void
}

export class World {
  readonly options: WorldOptions
  readonly random: Random
  readonly federation: Authentic<Federation>
  readonly curve: Curve
  nowMs = START_MS
  eventCount = 0
  /** Results by CID, and who holds their blocks (name → is it up). */
  readonly results = new Map<string, UnitResult>()
  readonly holders = new Map<string, Set<{ readonly isUp: boolean }>>()
  /** Coordinators by hex key. */
  readonly listeners = new Map<string, Listener>()
  readonly gossipers: ((topic: 'announce' | 'forecast', bytes: Uint8Array) => void)[] = []
  readonly #last: string[] = []
  #heap: Due[] = []
  #order = 0

  constructor(options: WorldOptions) {
    this.options = options
    this.random = new Random(options.rngSeed)
    this.curve = options.curve
    const names = Array.from({ length: options.coordinators }, (_, index) => `coordinator-${index}`)
    const coordinators = names.map((name) => ({
      key: options.curve.publicKeyOf(secretOf(name)),
      institution: name,
      addresses: []
    }))
    const manifest: Federation = {
      kind: 'federation',
      network: 'sim',
      epoch: 1,
      coordinators,
      signaturesNeeded: coordinators.length,
      kernels: [KERNEL],
      timers: DEFAULT_TIMERS,
      timeScale: 30
    }
    const envelope = signStatement('federation', 'sim', manifest, secretOf('root'), options.curve)
    this.federation = openStatement('federation', 'sim', envelope, options.curve)
  }

  keyring(name: string) {
    return keyringOf(secretOf(name), 'sim', this.curve)
  }

  note(line: string): void {
    this.eventCount += 1
    this.#last.push(`${((this.nowMs - START_MS) / 1000).toFixed(3)} s  ${line}`)
    if (this.#last.length > EVENTS_KEPT) this.#last.shift()
  }

  get story(): string {
    return this.#last.join('\n')
  }

  get elapsedMs(): number {
    return this.nowMs - START_MS
  }

  after(delayMs: number, run: () => void): void {
    this.#order += 1
    this.#push({ atMs: this.nowMs + Math.ceil(delayMs), order: this.#order, run })
  }

  /** Runs until `isDone` or the virtual limit. @returns was it done? */
  run(isDone: () => boolean, limitMs: number): boolean {
    while (this.elapsedMs < limitMs) {
      const due = this.#pop()
      if (due === undefined) return isDone()
      this.nowMs = Math.max(this.nowMs, due.atMs)
      due.run()
      if (isDone()) return true
    }
    return false
  }

  /** A message on its way: late, perhaps twice, perhaps never, and not in order. */
  deliver(run: () => void): void {
    const { loss, repeat, delayMsMax } = this.options.faults
    if (this.random.isBelow(loss)) return
    this.after(this.random.between(1, delayMsMax), run)
    if (this.random.isBelow(repeat)) this.after(this.random.between(1, delayMsMax * 4), run)
  }

  /** One request on a stream: exactly one of the answer or undefined comes back. */
  request(to: string, frame: Uint8Array, done: (answer: Uint8Array | undefined) => void): void {
    let isOver = false
    const finish = (answer: Uint8Array | undefined): void => {
      if (isOver) return
      isOver = true
      done(answer)
    }
    const listener = this.listeners.get(to)
    this.deliver(() => {
      if (listener?.isUp) listener.ask(frame, (answer) => this.deliver(() => finish(answer)))
    })
    this.after(ASK_MS, () => finish(undefined))
  }

  gossip(topic: 'announce' | 'forecast', bytes: Uint8Array): void {
    for (const hear of this.gossipers) this.deliver(() => hear(topic, bytes))
  }

  /** Blocks of a result are where this holder is. */
  hold(cid: string, result: UnitResult, holder: { readonly isUp: boolean }): void {
    this.results.set(cid, result)
    const holders = this.holders.get(cid) ?? new Set()
    holders.add(holder)
    this.holders.set(cid, holders)
  }

  /** The result, if anybody who holds it is up. */
  find(cid: string): UnitResult | undefined {
    const isHeld = [...(this.holders.get(cid) ?? [])].some(({ isUp }) => isUp)
    return isHeld ? this.results.get(cid) : undefined
  }

  #push(due: Due): void {
    const heap = this.#heap
    heap.push(due)
    let index = heap.length - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!isBefore(due, heap[parent])) break
      heap[index] = heap[parent] as Due
      index = parent
    }
    heap[index] = due
  }

  #pop(): Due | undefined {
    const heap = this.#heap
    const [top] = heap
    const last = heap.pop()
    if (top === undefined || last === undefined || heap.length === 0) return top
    let index = 0
    for (;;) {
      let child = index * 2 + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child += 1
      if (!isBefore(heap[child], last)) break
      heap[index] = heap[child] as Due
      index = child
    }
    heap[index] = last
    return top
  }
}

const isBefore = (one: Due | undefined, other: Due | undefined): boolean =>
  one !== undefined &&
  other !== undefined &&
  (one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order))
