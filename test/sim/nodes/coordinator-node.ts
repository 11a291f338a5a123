/** A simulated coordinator process: the real core over a ledger in memory, killed at any effect. */
import type { CID } from 'multiformats/cid'
import type { CoordinatorEffect } from '../../../coordinator/effect.ts'
import type { CoordinatorEvent, Occasion } from '../../../coordinator/event.ts'
import { decodeFact, encodeFact, type Fact } from '../../../coordinator/fact.ts'
import type { CoordinatorState } from '../../../coordinator/state.ts'
import { replay, step } from '../../../coordinator/step.ts'
import { admitHead, admitProof, admitPublication } from '../../../protocol/admission.ts'
import { toBlock } from '../../../protocol/canonical.ts'
import { toHex } from '../../../protocol/hex.ts'
import { type Inbound, openInbound, openNoticeAnswer } from '../../../protocol/inbound.ts'
import type { Plan } from '../../../protocol/plan.ts'
import { ShapeError } from '../../../protocol/shape.ts'
import { tickMs } from '../../../protocol/timers.ts'
import type { Observer } from '../checks/checks.ts'
import { checkReplay } from '../checks/invariants.ts'
import { type CoordinatorRole, HONEST_COORDINATOR } from '../roles/coordinator-role.ts'
import type { Listener, Topic } from '../world/network.ts'
import { NETWORK, type World } from '../world/world.ts'
import { runSegment, runUnit } from './kernel.ts'
import { Process } from './process.ts'

type Bare<E> = E extends unknown ? Omit<E, keyof Occasion> : never
type BareEvent = Bare<CoordinatorEvent>
type Effect = Exclude<CoordinatorEffect, { kind: 'append' }>
type EffectOf<K extends CoordinatorEffect['kind']> = Extract<CoordinatorEffect, { kind: K }>

/** Pauses between the looks of a fetch for a holder that is up. */
const FETCH_POLL_MS = 400
/** The whole ledger is replayed and compared after so many events, then ever less often. */
const REPLAY_AFTER_EVENTS = 60
const REPLAY_GROWTH = 1.6

const TOPICS: ReadonlySet<Topic> = new Set(['forecast', 'heads', 'proofs'])

export interface CoordinatorInit {
  readonly name: string
  readonly checks: Observer
  /** Every plan block there is, by CID. */
  readonly plans: Map<string, Plan>
  readonly role?: CoordinatorRole
}

export class CoordinatorNode extends Process<Fact, Effect> implements Listener {
  readonly key: Uint8Array
  readonly topics = TOPICS
  /** Plans whose submission was answered. */
  readonly accepted = new Set<string>()
  readonly published = new Map<string, CID>()
  state: CoordinatorState
  readonly role: CoordinatorRole
  readonly #init: CoordinatorInit
  readonly #replies = new Map<string, (frame: Uint8Array) => void>()
  /** States that audits started from; proofs need them again. */
  readonly #states = new Set<string>()
  #tokens = 0
  #events = 0
  #replayAt = REPLAY_AFTER_EVENTS

  constructor(world: World, init: CoordinatorInit) {
    super(world, init.name)
    this.#init = init
    this.role = init.role ?? HONEST_COORDINATOR
    this.key = world.keyring(init.name).key
    this.state = replay(
      {
        federation: world.federation,
        key: this.key,
        rules: { ...world.options.rules, ...this.role.rules }
      },
      []
    )
    world.network.listeners.set(toHex(this.key), this)
    world.network.stations.push(this)
    world.network.openers.set(toHex(this.key), this)
    this.begin()
  }

  hasState(state: string): boolean {
    return this.#states.has(state)
  }

  submit(plan: Plan): void {
    const { cid } = toBlock(plan)
    this.#init.plans.set(cid.toString(), plan)
    this.handle({ kind: 'plan-submitted', plan, cid, replyTo: 'api' })
  }

  ask(frame: Uint8Array, answer: (frame: Uint8Array) => void) {
    this.#tokens += 1
    const replyTo = String(this.#tokens)
    const inbound = this.#open(frame)
    if (inbound === undefined || this.role.ignores?.(inbound)) return
    const own = this.role.answers?.(this.world.keyring(this.name), inbound)
    if (own !== undefined) return answer(own)
    this.#replies.set(replyTo, answer)
    if (inbound.kind !== 'plan-proposal') return this.handle({ ...inbound, replyTo } as BareEvent)
    const plan = this.#init.plans.get(inbound.said.body.plan.toString())
    if (plan !== undefined) this.handle({ ...inbound, plan, replyTo })
  }

  #open(frame: Uint8Array): Inbound | undefined {
    try {
      return openInbound(NETWORK, frame, this.world.curve)
    } catch (error) {
      if (error instanceof ShapeError) return undefined
      throw error
    }
  }

  handle(bare: BareEvent): void {
    if (!this.isUp) return
    const event = { ...bare, atMs: this.clockMs, entropy: this.world.random.bytes() }
    this.world.note(this.name, bare.kind)
    const keyring = this.world.keyring(this.name)
    const { effects } = step(this.state, event as CoordinatorEvent, keyring)
    if (bare.kind === 'plan-proposal') this.#bend(bare.plan)
    const [first, ...rest] = effects
    this.#init.checks.onEffects(effects)
    if (first?.kind === 'append') this.commit(first.facts.map(this.#written), rest as Effect[])
    else this.commit([], effects as Effect[])
    this.#events += 1
    if (!this.world.options.isExact) return
    if (this.#events < this.#replayAt || !this.isFlushed || !this.isUp) return
    this.#replayAt *= REPLAY_GROWTH
    this.check()
  }

  /** A hostile owner computes by another plan than everybody knows. */
  #bend(body: Plan): void {
    const plan = this.state.durable.plans.get(toBlock(body).cid.toString())
    if (plan !== undefined && this.role.bends !== undefined) {
      Object.assign(plan, { body: this.role.bends(body) })
    }
  }

  /** The ledger gives the state again. */
  check(): void {
    if (this.isUp && this.isFlushed) checkReplay(this.state, this.disk)
  }

  /** A fact as it comes back from disk. */
  readonly #written = (fact: Fact): Fact =>
    this.world.options.isExact ? decodeFact(encodeFact(fact)) : fact

  protected stored(facts: readonly Fact[]): void {
    for (const fact of facts) {
      this.role.leaks?.(fact)
      this.#init.checks.onFact(this.name, fact)
    }
  }

  protected forget(): void {
    this.#replies.clear()
  }

  protected restart(): void {
    this.state = replay(this.state.setup, this.disk)
    this.handle({ kind: 'started', addresses: [] })
  }

  protected get tickEveryMs(): number {
    return tickMs(this.world.federation.body)
  }

  protected tick(): void {
    this.handle({ kind: 'tick' })
  }

  hear(topic: Topic, bytes: Uint8Array): void {
    if (!this.isUp) return
    const { federation, curve } = this.world
    const context = { federation: federation.body, atMs: this.clockMs, curve }
    if (topic === 'forecast') {
      const admission = admitPublication(bytes, context)
      if (admission.action === 'accept') this.handle({ kind: 'publication', said: admission.said })
    } else if (topic === 'heads') {
      const admission = admitHead(bytes, context)
      if (admission.action === 'accept') this.handle({ kind: 'head', said: admission.said })
    } else if (topic === 'proofs') {
      const admission = admitProof(bytes, context)
      const proof = admission.action === 'accept' ? admission.said : undefined
      if (proof?.kind === 'equivocation-proof') this.handle(proof)
    }
  }

  protected perform(effect: Effect) {
    const { random, network } = this.world
    switch (effect.kind) {
      case 'reply': {
        this.#init.checks.onReply(this.name, effect.envelope)
        const answer = this.#replies.get(effect.replyTo)
        this.#replies.delete(effect.replyTo)
        return answer?.(effect.envelope)
      }
      case 'tell':
        return network.tell(this.name, toHex(effect.to), effect.envelope)
      case 'gossip':
        return network.gossip(this.name, effect.topic, effect.envelope)
      case 'keep':
        return
      case 'audit':
        return this.#audit(effect, effect.withinMs)
      case 'fetch':
        return this.#fetch(effect, effect.withinMs)
      case 'send':
        return this.#send(effect)
      case 'assemble': {
        const { plan, settled } = effect
        const product = toBlock({ kind: 'product', settled }).cid
        return this.#answer(() => ({ kind: 'assembled', plan, product }))
      }
      case 'recompute': {
        const { plan, slot, unit } = effect
        const { cid: result, result: trace } = runUnit(unit)
        return this.#answer(() => ({ kind: 'recomputed', plan, slot, result, trace }))
      }
      case 'publish': {
        const { plan, forecast, cosignatures } = effect
        const folder = toBlock({ kind: 'folder', forecast, cosignatures }).cid
        return this.later(random.between(50, 500), () => {
          this.published.set(plan.toString(), folder)
          this.handle({ kind: 'published', plan, forecast: folder })
        })
      }
      case 'submitted':
        if (effect.refused !== undefined) throw new Error(`plan refused: ${effect.refused}`)
        this.accepted.add(effect.plan.toString())
        return
      case 'note':
        return this.world.note(this.name, effect.name, effect.fields)
    }
  }

  /** What the shell did takes a moment. */
  #answer(event: () => BareEvent): void {
    this.later(this.world.random.between(50, 500), () => this.handle(event()))
  }

  #fetch(effect: EffectOf<'fetch'>, leftMs: number): void {
    const { fetch } = effect
    const { random, blocks, network, options } = this.world
    this.later(random.between(10, FETCH_POLL_MS), () => {
      const cid = effect.result.toString()
      const result = random.isBelow(options.faults.missing)
        ? undefined
        : blocks.find(cid, ({ name }) => !network.isCut(name, this.name))
      if (result !== undefined) {
        blocks.hold(cid, result, this)
        this.handle({ kind: 'fetched', fetch, result })
      } else if (leftMs <= 0) {
        this.handle({ kind: 'fetch-failed', fetch, fault: 'blocks-missing' })
      } else {
        this.#fetch(effect, leftMs - FETCH_POLL_MS)
      }
    })
  }

  /** Runs one segment from the state that somebody claims, once it can be had. */
  #audit(effect: EffectOf<'audit'>, leftMs: number): void {
    const { audit, unit, segment, state: from, peers } = effect
    const { network, random } = this.world
    this.later(random.between(5, FETCH_POLL_MS), () => {
      const name = from.toString()
      const isThere =
        segment === 0 ||
        this.#states.has(name) ||
        peers.some((peer) => network.opens(toHex(peer), this.name, name))
      if (isThere) {
        this.#states.add(name)
        const { state, outputs } = runSegment(unit, segment, from)
        this.handle({ kind: 'audited', audit, state, outputs })
      } else if (leftMs <= 0) {
        this.handle({ kind: 'audit-failed', audit, fault: 'opening-missing' })
      } else {
        this.#audit(effect, leftMs - FETCH_POLL_MS)
      }
    })
  }

  #send({ to, of, envelope }: EffectOf<'send'>): void {
    const name = toHex(to)
    const said = this.role.tamper?.(this.world.keyring(this.name), name, envelope) ?? envelope
    this.request(name, said, (frame) => {
      if (frame === undefined) return this.handle({ kind: 'unanswered', to, of })
      const answer = openNoticeAnswer(NETWORK, frame, this.world.curve)
      this.handle({ kind: 'answered', to, of, answer })
    })
  }
}
