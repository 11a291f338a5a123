/** A simulated volunteer process: the real core over records in memory, honest or hostile. */

import type { VolunteerEffect } from '../../node/worker/volunteer/effect.ts'
import type { VolunteerEvent } from '../../node/worker/volunteer/event.ts'
import { decodeRecord } from '../../node/worker/volunteer/record.ts'
import type { VolunteerState } from '../../node/worker/volunteer/state.ts'
import { replay, step } from '../../node/worker/volunteer/step.ts'
import { admitAnnouncement } from '../../protocol/admission.ts'
import { toHex } from '../../protocol/hex.ts'
import { openLeaseAnswer } from '../../protocol/inbound.ts'
import { claimedKind } from '../../protocol/signed.ts'
import { tickMs } from '../../protocol/timers.ts'
import { KERNEL } from '../fixtures/plans/small-plan.ts'
import type { Conduct, Spy } from './hostile.ts'
import { checkCommit, checkPersistFirst, checkVolunteerReplay, encodeAll } from './invariants.ts'
import { runUnit } from './kernel.ts'
import type { World } from './world.ts'

type Bare<E> = E extends unknown ? Omit<E, 'atMs' | 'entropy'> : never
type EffectOf<K extends VolunteerEffect['kind']> = Extract<VolunteerEffect, { kind: K }>

/** A vanishing volunteer is gone for good at some moment of this span. */
const VANISH_MS = 40_000

export interface VolunteerInit {
  readonly name: string
  readonly operator: string
  readonly conduct: Conduct
  readonly particleStepsPerSecond: number
}

export class VolunteerNode {
  readonly init: VolunteerInit
  readonly records: Uint8Array[] = []
  state: VolunteerState
  isUp = true
  crashes = 0
  readonly #world: World
  readonly #spy: Spy
  readonly #running = new Set<string>()
  #life = 0

  constructor(world: World, init: VolunteerInit, spy: Spy) {
    this.init = init
    this.#world = world
    this.#spy = spy
    const { key } = world.keyring(init.name)
    const operator = world.keyring(init.operator)
    const binding = operator.sign('binding', {
      kind: 'binding',
      operator: operator.key,
      peer: key,
      expiresAtMs: world.nowMs + 86_400_000
    })
    this.state = replay(
      {
        federation: world.federation.body,
        key,
        operator: operator.key,
        binding,
        slots: 2,
        coreCount: 2,
        memoryPagesMax: 16_384,
        kernels: [KERNEL],
        particleStepsPerSecond: init.particleStepsPerSecond
      },
      []
    )
    world.gossipers.push((topic, bytes) => this.#hear(topic, bytes))
    this.handle({ kind: 'started' })
    this.#tick(this.#life)
    if (init.conduct === 'vanish') {
      world.after(world.random.between(0, VANISH_MS), () => {
        this.isUp = false
        this.#life += 1
      })
    }
  }

  handle(bare: Bare<VolunteerEvent>): void {
    if (!this.isUp) return
    const { random, nowMs: atMs, options } = this.#world
    this.#world.note(`${this.init.name} ← ${bare.kind}`)
    const event = { ...bare, atMs, entropy: random.bytes() } as VolunteerEvent
    const { effects } = step(this.state, event, this.#world.keyring(this.init.name))
    checkPersistFirst(effects)
    const isFatal = random.isBelow(options.faults.crash)
    const cut = isFatal ? random.below(effects.length + 1) : effects.length
    for (const effect of effects.slice(0, cut)) this.#perform(effect)
    if (isFatal) this.crash()
  }

  crash(): void {
    const { random, options } = this.#world
    this.#world.note(`${this.init.name} is killed`)
    this.isUp = false
    this.crashes += 1
    this.#life += 1
    this.#running.clear()
    const life = this.#life
    this.#world.after(random.between(100, options.faults.downMsMax), () => {
      if (life !== this.#life) return
      this.state = replay(this.state.setup, this.records.map(decodeRecord))
      this.isUp = true
      this.handle({ kind: 'started' })
      this.#tick(this.#life)
    })
  }

  /** At the end of a run: its records give its state again. */
  check(): void {
    if (this.isUp) checkVolunteerReplay(this.state, this.records)
  }

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
    if (topic !== 'announce') return
    const { federation, nowMs: atMs, curve } = this.#world
    const admission = admitAnnouncement(bytes, { federation: federation.body, atMs, curve })
    if (admission.action === 'accept') this.handle({ kind: 'announcement', said: admission.said })
  }

  #perform(effect: VolunteerEffect) {
    switch (effect.kind) {
      case 'persist':
        this.records.push(...encodeAll(effect.records))
        return
      case 'ask':
        checkCommit(this.records, effect.envelope)
        return this.#ask(effect)
      case 'compute':
        return this.#compute(effect)
      case 'cancel':
        this.#running.delete(effect.lease)
        return
      case 'forget':
        return
      case 'open':
        return this.#later(20, () => this.handle({ kind: 'opened', lease: effect.lease }))
      case 'note':
        return this.#world.note(
          `${this.init.name}: ${effect.name} ${JSON.stringify(effect.fields)}`
        )
    }
  }

  #compute({ lease, unit }: EffectOf<'compute'>): void {
    const { name, conduct, particleStepsPerSecond } = this.init
    const wallMs =
      (unit.fuelMax / particleStepsPerSecond) * 1000 * this.#world.random.between(0.7, 1.3)
    this.#running.add(lease)
    this.#later(wallMs / 2, () => {
      if (!this.#running.has(lease)) return
      this.handle({ kind: 'progress', lease, particleStepsDone: unit.fuelMax / 2 })
    })
    this.#later(wallMs, () => {
      if (!this.#running.delete(lease)) return
      const isInvented = conduct === 'wrong' || conduct === 'no-blocks'
      const { cid, result } = runUnit(unit, isInvented ? name : '')
      if (conduct === 'bad-blocks') {
        this.#world.hold(cid.toString(), { ...result, states: result.states.slice(1) }, this)
      } else if (conduct !== 'no-blocks') {
        this.#world.hold(cid.toString(), result, this)
      }
      const { traceRoot, fuel } = result
      this.handle({ kind: 'computed', lease, result: cid, traceRoot, fuel, wallMs })
    })
  }

  /** The envelope as this volunteer's conduct changes it; undefined: never sent. */
  #tampered(envelope: Uint8Array): Uint8Array | undefined {
    const { conduct, name } = this.init
    const kind = claimedKind(envelope)
    if (conduct === 'no-reveal' && kind === 'reveal') return undefined
    if (conduct === 'copy' && kind === 'commit') {
      return this.#spy.copyCommit(this.#world.keyring(name), envelope)
    }
    if (conduct === 'copy' && kind === 'reveal') {
      return this.#spy.copyReveal(this.#world.keyring(name), envelope)
    }
    if (conduct === 'honest') this.#spy.hear(envelope)
    return envelope
  }

  #ask({ exchange, to, envelope }: EffectOf<'ask'>) {
    const life = this.#life
    const said = this.#tampered(envelope)
    if (said === undefined)
      return this.#later(1000, () => this.handle({ kind: 'unanswered', exchange }))
    this.#world.request(toHex(to), said, (frame) => {
      if (life !== this.#life) return
      if (frame === undefined) return this.handle({ kind: 'unanswered', exchange })
      const answer = openLeaseAnswer('sim', frame, this.#world.curve)
      this.handle({ kind: 'answered', exchange, answer })
    })
  }
}
