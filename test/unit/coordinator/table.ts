/**
 * Several coordinator cores around one table: what one sends the others hear at once, unless it is
 * down or cut off; blocks of results are everywhere. Time passes for all of them together.
 */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import type { CoordinatorEffect } from '../../../coordinator/effect.ts'
import { decodeFact } from '../../../coordinator/fact.ts'
import type { Rules } from '../../../coordinator/rules.ts'
import { progressOf } from '../../../coordinator/summary.ts'
import { decode, toBlock } from '../../../protocol/canonical.ts'
import { toHex } from '../../../protocol/hex.ts'
import { openInbound, openNoticeAnswer } from '../../../protocol/inbound.ts'
import type { LeaseGrant } from '../../../protocol/message/lease.ts'
import { rankedOwners } from '../../../protocol/ownership.ts'
import type { Plan } from '../../../protocol/plan.ts'
import type { UnitResult } from '../../../protocol/result.ts'
import { workUnit } from '../../../protocol/work-unit.ts'
import { smallPlan } from '../../fixtures/plans/small-plan.ts'
import { checkReplay } from '../../sim/checks/invariants.ts'
import { runUnit } from '../../sim/nodes/kernel.ts'
import { cheapCurve } from '../../sim/world/cheap-curve.ts'
import { actionOf, type BareEvent, Desk, keys } from './harness.ts'

/** Steps of a table until it is quiet: more means that it never will be. */
const STEPS_MAX = 20_000

export const THREE = ['alpha', 'beta', 'gamma']

/** A plan of one slot whose owners are, in this order, these coordinators. */
export function planOwnedBy(...order: readonly string[]): Plan {
  for (let word = 0; ; word += 1) {
    const plan = smallPlan({ blockCount: 1, windowSteps: 48, rngSeed: [0, word] })
    const members = order.map((name) => keys(name).key)
    const ranks = rankedOwners(members, toBlock(plan).cid, { member: 0, block: 0 })
    if (ranks.every((key, rank) => toHex(key) === toHex(keys(order[rank] ?? '').key))) return plan
  }
}

/** The forecast that each of them knows to be out. */
export const published = (table: Table, names = THREE): string[] =>
  names.map((name) => table.progress(name).forecast ?? 'none')

export class Table {
  readonly desks: readonly Desk[]
  readonly plan: Plan
  readonly results = new Map<string, UnitResult>()
  /** Who neither hears nor says anything. */
  readonly down = new Set<string>()
  /** May this envelope pass? The tests' hostile network and peers. */
  passes: (from: string, to: string, envelope: Uint8Array) => boolean = () => true
  /** What others than the owner find when they run it; the honest result unless a test lies. */
  audit = (result: UnitResult): UnitResult => result
  /** Can states be had, for runs of segments that are not the owner's? */
  opens = true
  /** What all who work say in place of the truth; '' for the truth. */
  lie = ''
  readonly #todo: (() => void)[] = []

  constructor(names: readonly string[], plan: Plan, rules: Partial<Rules> = {}) {
    this.plan = plan
    this.desks = names.map((name) => new Desk(name, names, rules))
    for (const desk of this.desks) {
      desk.answersAudits = false
      desk.after = (effects) => {
        for (const effect of effects) this.#todo.push(() => this.#perform(desk, effect))
      }
    }
  }

  desk(name: string): Desk {
    return this.desks.find((desk) => desk.name === name) ?? assert.fail(name)
  }

  get cid(): CID {
    return toBlock(this.plan).cid
  }

  progress(name: string) {
    return progressOf(this.desk(name).state, this.cid) ?? assert.fail(`${name} has no plan`)
  }

  /** Hands the plan in, and lets everybody hear of it. */
  submit(name: string): void {
    this.desk(name).submit(this.plan)
    this.settle()
  }

  /** What the ledgers give is what they knew. */
  check(): void {
    for (const { state, ledger } of this.desks) checkReplay(state, ledger.map(decodeFact))
  }

  /** Does everything there is to do. */
  settle(): void {
    for (let step = 0; this.#todo.length > 0; step += 1) {
      assert.ok(step < STEPS_MAX, 'the table does not come to rest')
      this.#todo.shift()?.()
    }
  }

  /** Time passes for whoever is up. */
  wait(ms: number, stepMs = 30_000): void {
    for (let leftMs = ms; leftMs > 0; leftMs -= stepMs) {
      for (const desk of this.desks) {
        desk.atMs += Math.min(leftMs, stepMs)
        if (!this.down.has(desk.name)) desk.tick()
      }
      this.settle()
    }
  }

  /** Two volunteers compute, commit and reveal whatever is open anywhere, until nothing is. */
  work(...peers: readonly string[]): void {
    const held: { desk: Desk; peer: string; grant: LeaseGrant }[] = []
    for (let round = 0; round < 100; round += 1) {
      const taken = this.desks
        .filter(({ name }) => !this.down.has(name))
        .flatMap((desk) => peers.flatMap((peer) => this.#take(desk, peer)))
      for (const { desk, peer, grant } of taken) desk.commit(peer, grant, this.lie)
      held.push(...taken)
      this.settle()
      for (const { desk, peer, grant } of held) {
        if (actionOf(desk.heartbeat(peer, grant)) === 'reveal') desk.reveal(peer, grant, this.lie)
      }
      this.settle()
      if (taken.length === 0) return
    }
    assert.fail('the work does not end')
  }

  #take(desk: Desk, peer: string): { desk: Desk; peer: string; grant: LeaseGrant }[] {
    const answer = desk.request(peer)
    if (answer.kind !== 'lease-grant') return []
    const { cid, result } = runUnit(decode(workUnit, answer.unit), this.lie)
    this.results.set(cid.toString(), result)
    return [{ desk, peer, grant: answer }]
  }

  #perform(desk: Desk, effect: CoordinatorEffect) {
    if (this.down.has(desk.name)) return
    switch (effect.kind) {
      case 'send':
        return this.#send(desk, effect)
      case 'fetch': {
        const { fetch } = effect
        const result = this.results.get(effect.result.toString())
        if (result === undefined) {
          desk.handle({ kind: 'fetch-failed', fetch, fault: 'blocks-missing' })
        } else {
          desk.handle({ kind: 'fetched', fetch, result })
        }
        return
      }
      case 'audit': {
        const { audit, segment } = effect
        if (!this.opens && !audit.startsWith('own:')) {
          desk.handle({ kind: 'audit-failed', audit, fault: 'opening-missing' })
          return
        }
        const { result } = runUnit(effect.unit)
        const { states, segments } = audit.startsWith('attest:') ? this.audit(result) : result
        const state = states[segment] ?? assert.fail('no such segment')
        desk.handle({ kind: 'audited', audit, state, outputs: segments[segment] ?? [] })
        return
      }
      case 'recompute': {
        const { plan, slot, unit } = effect
        const { cid: result, result: trace } = runUnit(unit)
        desk.handle({ kind: 'recomputed', plan, slot, result, trace })
        return
      }
      case 'assemble': {
        const { plan, settled } = effect
        desk.handle({
          kind: 'assembled',
          plan,
          product: toBlock({ kind: 'product', settled }).cid
        })
        return
      }
      case 'publish': {
        const { plan, forecast } = effect
        desk.handle({ kind: 'published', plan, forecast: toBlock(forecast).cid })
      }
    }
  }

  #send(from: Desk, { to, of, envelope }: Extract<CoordinatorEffect, { kind: 'send' }>): void {
    const answer = this.tell(from.name, to, envelope)
    if (answer === undefined) from.handle({ kind: 'unanswered', to, of })
    else from.handle({ kind: 'answered', to, of, answer })
  }

  /** Brings a statement to a coordinator. @returns its answer, if it can be reached */
  tell(from: string, to: Uint8Array, envelope: Uint8Array) {
    const desk = this.desks.find(({ name }) => toHex(keys(name).key) === toHex(to))
    if (desk === undefined || this.down.has(desk.name)) return undefined
    if (!this.passes(from, desk.name, envelope)) return undefined
    const inbound = openInbound('unit', envelope, cheapCurve)
    const event = inbound.kind === 'plan-proposal' ? { ...inbound, plan: this.plan } : inbound
    desk.handle({ ...event, replyTo: 'stream' } as BareEvent)
    const [reply] = desk.of('reply')
    assert.ok(reply, `no reply to ${inbound.kind}`)
    const answer = openNoticeAnswer('unit', reply.envelope, cheapCurve)
    return this.passes(desk.name, from, reply.envelope) ? answer : undefined
  }
}
