/**
 * The simulated world: virtual time, one seed, a network, result blocks, and the last events for
 * whoever has to find out what went wrong.
 */
import type { Rules } from '../../../coordinator/rules.ts'
import { DEFAULT_TIMERS, type Federation } from '../../../protocol/federation.ts'
import {
  type Authentic,
  type Curve,
  type Keyring,
  keyringOf,
  openStatement,
  signStatement
} from '../../../protocol/signed.ts'
import { KERNEL } from '../../fixtures/plans/small-plan.ts'
import { Agenda } from './agenda.ts'
import { Blocks } from './blocks.ts'
import type { Faults } from './faults.ts'
import { Network } from './network.ts'
import { Random } from './random.ts'

export interface WorldOptions {
  readonly rngSeed: number
  readonly coordinators: number
  readonly curve: Curve
  readonly faults: Faults
  /** Of the manifest; 1 is real time. */
  readonly timeScale?: number
  /** Entries go through their encoding on the way to disk, as they do in life. */
  readonly isExact: boolean
  /** Work that an operator pays for its admission. */
  readonly admissionBits?: number
  /** Rules switched off to show what they are worth. */
  readonly rules?: Partial<Rules>
}

const EVENTS_KEPT = 60
const START_MS = 1_700_000_000_000
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
export const NETWORK = 'sim'

/** Co-signatures a forecast needs of so many coordinators (PROTOCOL §4). */
const signaturesOf = (coordinators: number): number => {
  if (coordinators < 4) return Math.min(coordinators, 2)
  return Math.floor((2 * coordinators) / 3) + 1
}

export const secretOf = (name: string): Uint8Array =>
  Uint8Array.from(
    { length: 32 },
    (_, index) => name.charCodeAt(index % name.length) + index + name.length * 7
  )

export class World {
  readonly options: WorldOptions
  readonly random: Random
  readonly federation: Authentic<Federation>
  readonly curve: Curve
  readonly network: Network
  readonly blocks = new Blocks()
  /** Honest result of every unit that was run, as CID texts. */
  readonly truths = new Map<string, string>()
  nowMs = START_MS
  eventCount = 0
  readonly #agenda = new Agenda()
  readonly #keyrings = new Map<string, Keyring>()
  readonly #skews = new Map<string, number>()
  readonly #last: (readonly [number, string, string, unknown])[] = []

  constructor(options: WorldOptions) {
    this.options = options
    this.random = new Random(options.rngSeed)
    this.curve = options.curve
    this.network = new Network(this.#agenda, this.random, this, options.faults)
    const names = Array.from({ length: options.coordinators }, (_, index) => `coordinator-${index}`)
    const coordinators = names.map((name) => ({
      key: options.curve.publicKeyOf(secretOf(name)),
      institution: name,
      addresses: []
    }))
    const manifest: Federation = {
      kind: 'federation',
      network: NETWORK,
      epoch: 1,
      coordinators,
      signaturesNeeded: signaturesOf(coordinators.length),
      kernels: [KERNEL],
      roots: [new Uint8Array(32)],
      rootsNeeded: 1,
      admissionBits: options.admissionBits ?? 0,
      timers: DEFAULT_TIMERS,
      timeScale: options.timeScale ?? 30
    }
    const envelope = signStatement('federation', NETWORK, manifest, secretOf('root'), this.curve)
    this.federation = openStatement('federation', NETWORK, envelope, this.curve)
    this.#partition()
  }

  keyring(name: string): Keyring {
    const known = this.#keyrings.get(name)
    if (known !== undefined) return known
    const keyring = keyringOf(secretOf(name), NETWORK, this.curve)
    this.#keyrings.set(name, keyring)
    return keyring
  }

  /** What the clock of a node shows: wrong by its skew, which jumps now and then. */
  clockOf(name: string): number {
    if (this.options.faults.skewMsMax === 0) return this.nowMs
    return this.nowMs + (this.#skews.get(name) ?? this.#skew(name))
  }

  #skew(name: string): number {
    const { skewMsMax, jumpPerMinute } = this.options.faults
    const skewMs = Math.round(this.random.between(-skewMsMax, skewMsMax))
    this.#skews.set(name, skewMs)
    if (jumpPerMinute > 0) {
      this.after((MINUTE_MS / jumpPerMinute) * this.random.between(0.5, 1.5), () => {
        this.#skews.delete(name)
      })
    }
    return skewMs
  }

  /** Cuts a random group of stations from the others, again and again. */
  #partition(): void {
    const { partitionsPerHour, partitionMsMax } = this.options.faults
    if (partitionsPerHour === 0) return
    this.after((HOUR_MS / partitionsPerHour) * this.random.between(0.5, 1.5), () => {
      const names = this.network.stations.map(({ name }) => name)
      const away = names.filter(() => this.random.isBelow(0.4))
      const rest = names.filter((name) => !away.includes(name))
      const isOneWay = this.random.isBelow(0.5)
      const heals = [this.network.cut(away, rest)]
      if (!isOneWay) heals.push(this.network.cut(rest, away))
      this.note('network', isOneWay ? 'is cut one way' : 'is cut', away)
      this.after(this.random.between(0, partitionMsMax), () => {
        for (const heal of heals) heal()
        this.note('network', 'is whole')
      })
      this.#partition()
    })
  }

  note(who: string, what: string, more?: unknown): void {
    this.eventCount += 1
    this.#last[this.eventCount % EVENTS_KEPT] = [this.nowMs, who, what, more]
  }

  get story(): string {
    const from = (this.eventCount % EVENTS_KEPT) + 1
    const entries = [...this.#last.slice(from), ...this.#last.slice(0, from)]
    const lines = entries.flatMap((entry) => {
      if (entry === undefined) return []
      const [atMs, who, what, more] = entry
      const text = more === undefined ? '' : ` ${JSON.stringify(more)}`
      return [`${((atMs - START_MS) / 1000).toFixed(3)} s  ${who} ${what}${text}`]
    })
    return lines.join('\n')
  }

  get elapsedMs(): number {
    return this.nowMs - START_MS
  }

  after(delayMs: number, run: () => void): void {
    this.#agenda.push(this.nowMs + Math.ceil(delayMs), run)
  }

  /** Runs until `isDone` (asked now and then) or the virtual limit. @returns was it done? */
  run(isDone: () => boolean, limitMs: number, everyMs = 500): boolean {
    let nextMs = this.elapsedMs
    while (this.elapsedMs < limitMs) {
      if (this.elapsedMs >= nextMs) {
        if (isDone()) return true
        nextMs = this.elapsedMs + everyMs
      }
      const due = this.#agenda.pop()
      if (due === undefined) return isDone()
      this.nowMs = Math.max(this.nowMs, due.atMs)
      due.run()
    }
    return isDone()
  }
}
