/** A simulated volunteer process: the real core over records in memory, honest or hostile. */
import type { CID } from 'multiformats/cid'
import type { VolunteerEffect } from '../../../node/worker/volunteer/effect.ts'
import type { VolunteerEvent } from '../../../node/worker/volunteer/event.ts'
import {
  decodeRecord,
  encodeRecord,
  type VolunteerRecord
} from '../../../node/worker/volunteer/record.ts'
import type { VolunteerState, Work } from '../../../node/worker/volunteer/state.ts'
import { replay, step } from '../../../node/worker/volunteer/step.ts'
import { admitAnnouncement } from '../../../protocol/admission.ts'
import { toBlock } from '../../../protocol/canonical.ts'
import { toHex } from '../../../protocol/hex.ts'
import { openLeaseAnswer } from '../../../protocol/inbound.ts'
import { claimedKind } from '../../../protocol/signed.ts'
import { tickMs } from '../../../protocol/timers.ts'
import { KERNEL } from '../../fixtures/plans/small-plan.ts'
import { checkPersistFirst, checkVolunteerReplay, SaltWatch } from '../checks/invariants.ts'
import type { Run, VolunteerRole } from '../roles/volunteer-role.ts'
import type { Meter } from '../stats/meter.ts'
import type { Station, Topic } from '../world/network.ts'
import { NETWORK, type World } from '../world/world.ts'
import { runUnitOf, type SimResult } from './kernel.ts'
import { Process } from './process.ts'

type Bare<E> = E extends unknown ? Omit<E, 'atMs' | 'entropy'> : never
type Effect = Exclude<VolunteerEffect, { kind: 'persist' }>
type EffectOf<K extends VolunteerEffect['kind']> = Extract<VolunteerEffect, { kind: K }>

/** A role that waits with its commit looks again after this share of the run. */
const WAIT_SHARE = 0.25
/** … and so often at most. */
const WAITS_MAX = 8

const TOPICS: ReadonlySet<Topic> = new Set(['announce'])

export interface VolunteerInit {
  readonly name: string
  readonly operator: string
  readonly role: VolunteerRole
  /** The signed `admission` of its operator. */
  readonly admission?: Uint8Array
  readonly particleStepsPerSecond: number
  /** Told how long its runs were. */
  readonly meter?: Meter
  /** Units at the same time. */
  readonly slots?: number
  /** The computers of a run are not equally fast: by up to this share. */
  readonly paceSpread?: number
}

export class VolunteerNode extends Process<VolunteerRecord, Effect> implements Station {
  readonly init: VolunteerInit
  state: VolunteerState
  /** Hex keys by which coordinators know it. */
  readonly operator: string
  readonly peer: string
  readonly topics = TOPICS
  executions = 0
  /** Leases of runs, and since when. */
  readonly #running = new Map<string, number>()
  readonly #salts = new SaltWatch()

  constructor(world: World, init: VolunteerInit) {
    super(world, init.name)
    this.init = init
    const { key } = world.keyring(init.name)
    const operator = world.keyring(init.operator)
    this.operator = toHex(operator.key)
    this.peer = toHex(key)
    const binding = operator.sign('binding', {
      kind: 'binding',
      operator: operator.key,
      peer: key,
      expiresAtMs: world.nowMs + 30 * 86_400_000
    })
    this.state = replay(
      {
        federation: world.federation.body,
        key,
        operator: operator.key,
        binding,
        slots: init.slots ?? 2,
        coreCount: 2,
        memoryPagesMax: 16_384,
        kernels: [KERNEL],
        particleStepsPerSecond: init.particleStepsPerSecond,
        ...(init.admission === undefined ? {} : { admission: init.admission })
      },
      []
    )
    world.network.stations.push(this)
    world.network.openers.set(this.peer, this)
    this.begin()
    const { vanishMsMax } = init.role
    if (vanishMsMax !== undefined) {
      world.after(world.random.between(0, vanishMsMax), () => this.end())
    }
  }

  override get clockMs(): number {
    return super.clockMs + (this.init.role.skewMs ?? 0)
  }

  hasState(): boolean {
    return this.init.role.withholdsStates !== true
  }

  handle(bare: Bare<VolunteerEvent>): void {
    if (!this.isUp) return
    const { random } = this.world
    this.world.note(this.name, bare.kind)
    const event = { ...bare, atMs: this.clockMs, entropy: random.bytes() } as VolunteerEvent
    const { effects } = step(this.state, event, this.world.keyring(this.name))
    checkPersistFirst(effects)
    const [first, ...rest] = effects
    if (first === undefined) return
    if (first.kind === 'persist') this.commit(first.records.map(this.#written), rest as Effect[])
    else this.commit([], effects as Effect[])
  }

  readonly #written = (record: VolunteerRecord): VolunteerRecord =>
    this.world.options.isExact ? decodeRecord(encodeRecord(record)) : record

  /** At the end of a run: its records give its state again. */
  check(): void {
    if (this.isUp && this.isFlushed) checkVolunteerReplay(this.state, this.disk)
  }

  protected stored(records: readonly VolunteerRecord[]): void {
    for (const record of records) this.#salts.onRecord(record)
  }

  protected forget(): void {
    for (const lease of this.#running.keys()) this.#stop(lease)
  }

  protected restart(): void {
    this.state = replay(this.state.setup, this.disk)
    this.handle({ kind: 'started' })
  }

  protected get tickEveryMs(): number {
    return tickMs(this.world.federation.body)
  }

  protected tick(): void {
    this.handle({ kind: 'tick' })
  }

  hear(_topic: Topic, bytes: Uint8Array): void {
    if (!this.isUp) return
    const { federation, curve } = this.world
    const atMs = this.clockMs
    const admission = admitAnnouncement(bytes, { federation: federation.body, atMs, curve })
    if (admission.action === 'accept') this.handle({ kind: 'announcement', said: admission.said })
  }

  told(frame: Uint8Array): void {
    const answer = openLeaseAnswer(NETWORK, frame, this.world.curve)
    if (answer.kind === 'directive') this.handle({ kind: 'told', said: answer.said })
  }

  protected perform(effect: Effect) {
    switch (effect.kind) {
      case 'ask':
        return this.#ask(effect)
      case 'compute':
        return this.#compute(effect)
      case 'cancel':
        return this.#stop(effect.lease)
      case 'open':
        return this.later(20, () => this.handle({ kind: 'opened', lease: effect.lease }))
      case 'forget':
        return this.#drop(effect.result)
      case 'wake':
        return this.later(effect.afterMs, () => this.handle({ kind: 'tick' }))
      case 'note':
        return this.world.note(this.name, effect.name, effect.fields)
    }
  }

  /** What may be offered to another owner stays, as it does in the store of a shell. */
  #drop(result: CID): void {
    const { finished } = this.state.durable
    const isKept = [...finished.values()].some((other) => other.result.equals(result))
    if (!isKept) this.world.blocks.drop(result.toString(), this)
  }

  #compute({ lease, unit }: EffectOf<'compute'>): void {
    const { random } = this.world
    const { role, particleStepsPerSecond, paceSpread = 0.3 } = this.init
    const pace = role.pace ?? 1
    this.#running.set(lease, this.world.nowMs)
    const work = this.state.durable.works.get(lease)
    if (work !== undefined) role.begins?.(this.#runOf(work, false))
    if (pace === 0) return
    const wallMs =
      ((unit.fuelMax / particleStepsPerSecond) *
        1000 *
        (1 + random.between(-paceSpread, paceSpread))) /
      pace
    this.later(wallMs / 2, () => {
      if (!this.#running.has(lease)) return
      this.handle({ kind: 'progress', lease, particleStepsDone: unit.fuelMax / 2 })
    })
    if (role.stops === true) return
    this.later(wallMs, () => this.#finish({ lease, unit }, wallMs, WAITS_MAX))
  }

  #stop(lease: string): void {
    const sinceMs = this.#running.get(lease)
    if (sinceMs !== undefined) this.init.meter?.spent(lease, this.world.nowMs - sinceMs)
    this.#running.delete(lease)
  }

  #runOf({ lease, grant, owner, unit }: Work, isLast: boolean): Run {
    const { operator } = this
    return { lease, grant, owner: toHex(owner), unit, cid: toBlock(unit).cid, operator, isLast }
  }

  #finish(
    { lease, unit }: Pick<EffectOf<'compute'>, 'lease' | 'unit'>,
    wallMs: number,
    waits: number
  ): void {
    const work = this.state.durable.works.get(lease)
    if (!this.#running.has(lease) || work === undefined) return
    const { cid } = toBlock(unit)
    const { role } = this.init
    const run = this.#runOf(work, waits === 0)
    if (role.fails?.(run)) {
      this.#stop(lease)
      this.handle({ kind: 'compute-failed', lease, reason: 'failed' })
      return
    }
    const lie = role.lieAbout?.(run)
    if (lie === 'later') {
      this.later(wallMs * WAIT_SHARE, () =>
        this.#finish({ lease, unit }, wallMs, Math.max(0, waits - 1))
      )
      return
    }
    this.#stop(lease)
    this.executions += 1
    const clean = runUnitOf(unit, cid, lie)
    const truth = lie === undefined ? clean : runUnitOf(unit, cid)
    const made = this.#blocksOf(clean)
    this.world.truths.set(cid.toString(), truth.cid.toString())
    if (role.holds !== 'none') this.world.blocks.hold(made.cid.toString(), made.result, this)
    const { traceRoot, fuel } = made.result
    this.handle({ kind: 'computed', lease, result: made.cid, traceRoot, fuel, wallMs })
  }

  /** Blocks are what their CID says; broken ones have a CID of their own. */
  #blocksOf(made: SimResult): SimResult {
    if (this.init.role.holds !== 'broken') return made
    const result = { ...made.result, states: made.result.states.slice(1) }
    return { cid: toBlock(result).cid, result }
  }

  #ask({ exchange, to, envelope }: EffectOf<'ask'>) {
    const { role } = this.init
    const kind = claimedKind(envelope)
    if (kind === 'commit') this.#salts.onCommit(envelope)
    const said =
      role.tamper === undefined
        ? envelope
        : role.tamper(this.world.keyring(this.name), kind, envelope)
    if (said === undefined) {
      return this.later(1000, () => this.handle({ kind: 'unanswered', exchange }))
    }
    this.request(toHex(to), said, (frame) => {
      if (frame === undefined) return this.handle({ kind: 'unanswered', exchange })
      const answer = openLeaseAnswer(NETWORK, frame, this.world.curve)
      this.handle({ kind: 'answered', exchange, answer })
    })
  }
}
