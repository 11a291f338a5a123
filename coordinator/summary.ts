/** How far a plan is, for people and status APIs; everything from what the ledger rebuilds. */

import type { CID } from 'multiformats/cid'
import { equals } from 'uint8arrays/equals'
import { toHex } from '../protocol/hex.ts'
import { bodyOf } from '../protocol/signed.ts'
import { leadOf, ownsChain } from './federation/ranks.ts'
import { type PlanSlot, slotCount, windowCount } from './slots.ts'
import type { CoordinatorState, PlanState, Replica, SlotState } from './state.ts'

export type PlanStage =
  | 'running'
  | 'assembling'
  | 'checking'
  | 'cosigning'
  | 'publishing'
  | 'published'
  | 'disputed'

export interface PlanProgress {
  readonly plan: string
  readonly name: string
  readonly stage: PlanStage
  readonly isLead: boolean
  /** Settled, and waiting for checks of other coordinators. */
  readonly unattested: number
  /** Coordinators that fell silent in this plan and those that equivocated, hex. */
  readonly deposed: readonly string[]
  readonly expelled: readonly string[]
  /** Key of the lead as hex. */
  readonly lead: string
  readonly submittedAtMs: number
  readonly units: {
    readonly total: number
    /** Slots this coordinator owns. */
    readonly owned: number
    /** Owned: waiting for a volunteer, or for the window before. */
    readonly open: number
    /** Owned: a replica is being computed, none committed. */
    readonly leased: number
    /** Owned: at least one commit, not settled. */
    readonly committed: number
    /** All coordinators' settled slots that we know of. */
    readonly verified: number
    readonly failed: number
    /** Unsettled slots of other owners. */
    readonly elsewhere: number
  }
  /** Leases ever granted by us, and verdict voters of other owners. */
  readonly replicas: number
  /** Per verified unit: its distinct agreeing operators, hex. */
  readonly operators: readonly (PlanSlot & { readonly operators: readonly string[] })[]
  readonly operatorsPerUnitMin: number
  /** Units each operator agreed on, by operator hex. */
  readonly computedBy: Readonly<Record<string, number>>
  readonly faults: readonly (PlanSlot & {
    readonly operator: string
    readonly peer: string
    readonly reason: string
  })[]
  readonly gaps: readonly (PlanSlot & { readonly reason: string })[]
  /** Particle-steps of verified units, each once. */
  readonly particleStepsVerified: number
  /** Particle-steps of all replicas, running ones as far as they reported. */
  readonly particleStepsDone: number
  /** Particle-steps of the whole plan, each once. */
  readonly particleStepsTotal: number
  /** Executions that every unit needs at least. */
  readonly quorum: number
  readonly product?: string
  readonly forecast?: string
  readonly cosignatures: number
}

function stageOf(plan: PlanState): PlanStage {
  if (plan.forecast !== undefined) return 'published'
  if (plan.disputed !== undefined) return 'disputed'
  if (plan.settledCount + plan.failedCount < slotCount(plan.body)) return 'running'
  if (plan.awaited.size > 0 || plan.unattested.size > 0) return 'checking'
  if (plan.product === undefined) return 'assembling'
  return plan.cosignatures.size === 0 ? 'cosigning' : 'publishing'
}

/** Sums over the slots of a plan, in one pass. */
class Sums {
  leased = 0
  committed = 0
  ownedDecided = 0
  replicas = 0
  stepsVerified = 0
  stepsDone = 0
  readonly operators: (PlanSlot & { operators: readonly string[] })[] = []
  readonly computedBy: Record<string, number> = {}
  readonly faults: (PlanSlot & { operator: string; peer: string; reason: string })[] = []
  readonly gaps: (PlanSlot & { reason: string })[] = []

  addSlot(slot: SlotState, progressOf: (lease: string) => number): void {
    if (slot.isOwned) this.#addOwned(slot, progressOf)
    const { outcome, place } = slot
    if (outcome?.kind === 'failed') this.gaps.push({ ...place, reason: outcome.reason })
    if (outcome?.kind !== 'settled') return
    this.stepsVerified += outcome.fuel
    this.operators.push({ ...place, operators: outcome.agreeing })
    for (const operator of outcome.agreeing) {
      this.computedBy[operator] = (this.computedBy[operator] ?? 0) + 1
    }
    const { dissenting, faulty, agreeing } = bodyOf('verdict', outcome.verdict)
    for (const { operator, peer } of dissenting) {
      const who = { operator: toHex(operator), peer: toHex(peer) }
      this.faults.push({ ...place, ...who, reason: 'wrong-result' })
    }
    if (slot.isOwned) return
    this.replicas += agreeing.length + dissenting.length + faulty.length
    this.stepsDone += outcome.fuel * (agreeing.length + dissenting.length)
    for (const { operator, peer, fault } of faulty) {
      this.faults.push({ ...place, operator: toHex(operator), peer: toHex(peer), reason: fault })
    }
  }

  #addOwned(slot: SlotState, progressOf: (lease: string) => number): void {
    const replicas = [...slot.replicas.values()]
    this.replicas += replicas.length
    for (const { lease, phase, revealed, fault, operator, peer } of replicas) {
      this.stepsDone += phase === 'leased' ? progressOf(lease) : (revealed?.fuel ?? 0)
      if (fault !== undefined) {
        this.faults.push({ ...slot.place, operator, peer: toHex(peer), reason: fault })
      }
    }
    if (slot.outcome !== undefined) {
      this.ownedDecided += 1
    } else if (replicas.some(({ phase }) => COMMITTED.has(phase))) {
      this.committed += 1
    } else if (replicas.some(({ phase }) => phase === 'leased')) {
      this.leased += 1
    }
  }
}

const COMMITTED: ReadonlySet<Replica['phase']> = new Set([
  'committed',
  'asked',
  'revealed',
  'checked'
])

/** Slots of a plan that this coordinator owns, windows not yet reached included. */
function ownedCount(state: CoordinatorState, plan: PlanState): number {
  let chains = 0
  for (let member = 0; member < plan.body.memberCount; member += 1) {
    for (let block = 0; block < plan.body.blocks.length; block += 1) {
      if (ownsChain(state, plan, { member, block })) chains += 1
    }
  }
  return chains * windowCount(plan.body)
}

/** @returns undefined when the plan is not known here */
export function progressOf(state: CoordinatorState, cid: CID): PlanProgress | undefined {
  const plan = state.durable.plans.get(cid.toString())
  if (plan === undefined) return undefined
  const sums = new Sums()
  const doneOf = (lease: string): number => state.live.heard.get(lease)?.particleStepsDone ?? 0
  for (const slot of plan.slots.values()) sums.addSlot(slot, doneOf)
  const total = slotCount(plan.body)
  const owned = ownedCount(state, plan)
  const elsewhere = total - owned - (plan.settledCount + plan.failedCount - sums.ownedDecided)
  const particleCount = plan.body.blocks.reduce((sum, block) => sum + block.particleCount, 0)
  return {
    plan: cid.toString(),
    name: plan.body.name,
    stage: stageOf(plan),
    isLead: equals(leadOf(state, plan), state.setup.key),
    lead: toHex(leadOf(state, plan)),
    unattested: plan.unattested.size,
    deposed: [...plan.deposed.keys()],
    expelled: [...state.durable.expelled.keys()],
    submittedAtMs: plan.submittedAtMs,
    units: {
      total,
      owned,
      open: owned - sums.ownedDecided - sums.leased - sums.committed,
      leased: sums.leased,
      committed: sums.committed,
      verified: plan.settledCount,
      failed: plan.failedCount,
      elsewhere
    },
    replicas: sums.replicas,
    operators: sums.operators,
    operatorsPerUnitMin: Math.min(
      ...sums.operators.map(({ operators }) => new Set(operators).size),
      plan.settledCount === 0 ? 0 : Number.POSITIVE_INFINITY
    ),
    computedBy: sums.computedBy,
    faults: sums.faults,
    gaps: sums.gaps,
    particleStepsVerified: sums.stepsVerified,
    particleStepsDone: sums.stepsDone,
    particleStepsTotal: particleCount * plan.body.stepCount * plan.body.memberCount,
    quorum: plan.body.mesh.quorum,
    ...(plan.product === undefined ? {} : { product: plan.product.toString() }),
    ...(plan.forecast === undefined ? {} : { forecast: plan.forecast.toString() }),
    cosignatures: plan.cosignatures.size
  }
}

/** CIDs of all plans, oldest first. */
export const plansOf = (state: CoordinatorState): readonly CID[] =>
  [...state.durable.plans.values()].map(({ cid }) => cid)
