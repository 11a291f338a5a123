/** A simulated coordinator process: the real core over a ledger in memory, killed at any effect. */
import type { CID } from 'multiformats/cid'
import type { CoordinatorEffect } from '../../coordinator/effect.ts'
import type { CoordinatorEvent, Occasion } from '../../coordinator/event.ts'
import { decodeFact, encodeFact } from '../../coordinator/fact.ts'
import type { CoordinatorState } from '../../coordinator/state.ts'
import { replay, step } from '../../coordinator/step.ts'
import { admitPublication } from '../../protocol/admission.ts'
import { toBlock } from '../../protocol/canonical.ts'
import { toHex } from '../../protocol/hex.ts'
import { type Inbound, openInbound, openNoticeAnswer } from '../../protocol/inbound.ts'
import type { Plan } from '../../protocol/plan.ts'
import { ShapeError } from '../../protocol/shape.ts'
import { tickMs } from '../../protocol/timers.ts'
import { checkReplay, checkStoreFirst, type Verdicts } from './invariants.ts'
import { runUnit } from './kernel.ts'
import type { World } from './world.ts'

type Bare<E> = E extends unknown ? Omit<E, keyof Occasion> : never
type BareEvent = Bare<CoordinatorEvent>
type EffectOf<K extends CoordinatorEffect['kind']> = Extract<CoordinatorEffect, { kind: K }>

/** Pauses between the looks of a fetch for a holder that is up. */
const FETCH_POLL_MS = 400
/** Every so many events the whole ledger is replayed and compared; always before a restart. */
const REPLAY_EVERY_EVENTS = 60

export class CoordinatorNode {
  readonly name: string
  readonly key: Uint8Array
  readonly ledger: Uint8Array[] = []
  readonly published = new Map<string, CID>()
  state: CoordinatorState
  isUp = true
  crashes = 0
  readonly #world: World
  readonly #verdicts: Verdicts
  readonly #plans: Map<string, Plan>
  readonly #replies = new Map<string, (frame: Uint8Array) => void>()
  #life = 0
  #tokens = 0
  #events = 0

  constructor(world: World, name: string, verdicts: Verdicts, plans: Map<string, Plan>) {
    this.name = name
    this.#world = world
    this.#verdicts = verdicts
    this.#plans = plans
    this.key = world.keyring(name).key
    this.state = replay({ federation: world.federation, key: this.key }, [])
    world.listeners.set(toHex(this.key), this)
    world.gossipers.push((topic, bytes) => this.#hear(topic, bytes))
    this.handle({ kind: 'started', addresses: [] })
    this.#tick(this.#life)
  }

  submit(plan: Plan): void {
    const { cid } = toBlock(plan)
    this.#plans.set(cid.toString(), plan)
    this.handle({ kind: 'plan-submitted', plan, cid, replyTo: 'api' })
  }

  ask(frame: Uint8Array, answer: (frame: Uint8Array) => void) {
    this.#tokens += 1
    const replyTo = String(this.#tokens)
    const inbound = this.#open(frame)
    if (inbound === undefined) return
    this.#replies.set(replyTo, answer)
    if (inbound.kind !== 'plan-proposal') return this.handle({ ...inbound, replyTo })
    const plan = this.#plans.get(inbound.said.body.plan.toString())
    if (plan !== undefined) this.handle({ ...inbound, plan, replyTo })
  }

  #open(frame: Uint8Array): Inbound | undefined {
    try {
      return openInbound('sim', frame, this.#world.curve)
    } catch (error) {
      if (error instanceof ShapeError) return undefined
      throw error
    }
  }

  handle(bare: BareEvent) {
    if (!this.isUp) return
    const { random, nowMs: atMs, options } = this.#world
    const event = { ...bare, atMs, entropy: random.bytes() } as CoordinatorEvent
    this.#world.note(`${this.name} ← ${bare.kind}`)
    const { effects } = step(this.state, event, this.#world.keyring(this.name))
    checkStoreFirst(effects)
    const isFatal = random.isBelow(options.faults.crash)
    const cut = isFatal ? random.below(effects.length + 1) : effects.length
    for (const effect of effects.slice(0, cut)) this.#perform(effect)
    if (isFatal) return this.crash()
    this.#events += 1
    if (this.#events % REPLAY_EVERY_EVENTS === 0) checkReplay(this.state, this.ledger)
  }

  crash(): void {
    const { random, options } = this.#world
    this.#world.note(`${this.name} is killed`)
    this.isUp = false
    this.crashes += 1
    this.#life += 1
    this.#replies.clear()
    this.#world.after(random.between(100, options.faults.downMsMax), () => {
      this.state = replay(this.state.setup, this.ledger.map(decodeFact))
      this.isUp = true
      this.handle({ kind: 'started', addresses: [] })
      this.#tick(this.#life)
    })
  }

  /** Later, if this process still lives. */
  #later(delayMs: number, run: () => void): void {
    const life = this.#life
    this.#world.after(delayMs, () => {
      if (this.isUp && life === this.#life) run()
    })
  }

  #tick(life: number): void {
    if (life !== this.#life) return
    this.#later(tickMs(this.#world.federation.body), () => {
      this.handle({ kind: 'tick' })
      this.#tick(life)
    })
  }

  #hear(topic: string, bytes: Uint8Array): void {
    if (topic !== 'forecast') return
    const { federation, nowMs: atMs, curve } = this.#world
    const admission = admitPublication(bytes, { federation: federation.body, atMs, curve })
    if (admission.action === 'accept') this.handle({ kind: 'publication', said: admission.said })
  }

  #perform(effect: CoordinatorEffect) {
    const { random } = this.#world
    switch (effect.kind) {
      case 'append':
        for (const fact of effect.facts) {
          this.ledger.push(encodeFact(fact))
          this.#verdicts.onFact(this.name, fact)
        }
        return
      case 'reply': {
        this.#verdicts.onReply(this.name, effect.envelope)
        const answer = this.#replies.get(effect.replyTo)
        this.#replies.delete(effect.replyTo)
        return answer?.(effect.envelope)
      }
      case 'gossip':
        if (effect.topic === 'heads' || effect.topic === 'proofs') return
        return this.#world.gossip(effect.topic, effect.envelope)
      case 'keep':
        return
      case 'audit': {
        const { audit, unit, segment } = effect
        const { states, segments } = runUnit(unit).result
        const state = states[segment] ?? unit.state
        const outputs = segments[segment] ?? []
        return this.#later(random.between(5, 50), () =>
          this.handle({ kind: 'audited', audit, state, outputs })
        )
      }
      case 'fetch':
        return this.#fetch(effect, effect.withinMs)
      case 'send':
        return this.#send(effect)
      case 'assemble': {
        const { plan, settled } = effect
        const product = toBlock({ kind: 'product', settled }).cid
        return this.#later(random.between(50, 500), () =>
          this.handle({ kind: 'assembled', plan, product })
        )
      }
      case 'recompute': {
        const { plan, slot, unit } = effect
        return this.#later(random.between(50, 500), () =>
          this.handle({ kind: 'recomputed', plan, slot, result: runUnit(unit).cid })
        )
      }
      case 'publish': {
        const { plan, forecast, cosignatures } = effect
        const folder = toBlock({ kind: 'folder', forecast, cosignatures }).cid
        return this.#later(random.between(50, 500), () => {
          this.published.set(plan.toString(), folder)
          this.handle({ kind: 'published', plan, forecast: folder })
        })
      }
      case 'submitted':
        if (effect.refused !== undefined) throw new Error(`plan refused: ${effect.refused}`)
        return
      case 'note':
        return this.#world.note(`${this.name}: ${effect.name} ${JSON.stringify(effect.fields)}`)
    }
  }

  #fetch(effect: EffectOf<'fetch'>, leftMs: number): void {
    const { fetch } = effect
    this.#later(this.#world.random.between(10, FETCH_POLL_MS), () => {
      const result = this.#world.find(effect.result.toString())
      if (result !== undefined) {
        this.#world.hold(effect.result.toString(), result, this)
        this.handle({ kind: 'fetched', fetch, result })
      } else if (leftMs <= 0) {
        this.handle({ kind: 'fetch-failed', fetch, fault: 'blocks-missing' })
      } else {
        this.#fetch(effect, leftMs - FETCH_POLL_MS)
      }
    })
  }

  #send({ to, of, envelope }: EffectOf<'send'>): void {
    const life = this.#life
    this.#world.request(toHex(to), envelope, (frame) => {
      if (life !== this.#life) return
      if (frame === undefined) return this.handle({ kind: 'unanswered', to, of })
      const answer = openNoticeAnswer('sim', frame, this.#world.curve)
      this.handle({ kind: 'answered', to, of, answer })
    })
  }
}
