/** Facts about whole plans into state, and the hash chain of all facts; apply.ts calls these. */
import { sha256 } from '@noble/hashes/sha2.js'
import { concat } from 'uint8arrays/concat'
import { equals } from 'uint8arrays/equals'
import { encodeFact, type Fact, type FactOf } from './fact.ts'
import { ownershipOf } from './federation/ranks.ts'
import { PickSet } from './grant/pick-set.ts'
import { type Known, openSlot, planOf } from './slot-changes.ts'
import { firstInput } from './slots.ts'
import type { PlanState } from './state.ts'

export function applyPlanOpened(known: Known, fact: FactOf<'plan-opened'>): void {
  const { plan: cid, body, lead, submittedAtMs, sources } = fact
  const plan: PlanState = {
    cid,
    body,
    rules: known.rules,
    lead,
    submittedAtMs,
    sources,
    slots: new Map(),
    open: new PickSet(),
    waiting: new PickSet(),
    awaited: new Set(),
    unchecked: new Set(),
    unattested: new Set(),
    attested: new Map(),
    deposed: new Map(),
    settledCount: 0,
    failedCount: 0,
    recheckCount: 0,
    version: 1,
    cosignatures: new Map()
  }
  known.durable.plans.set(cid.toString(), plan)
  for (let member = 0; member < body.memberCount; member += 1) {
    for (let block = 0; block < body.blocks.length; block += 1) {
      const place = { member, block, window: 0 }
      const { owner, term } = ownershipOf(known, plan, place)
      if (owner === undefined || !equals(owner, known.setup.key)) continue
      const input = firstInput(body, place)
      openSlot(plan, place, { isOwned: true, term, input, atMs: submittedAtMs })
    }
  }
}

export function applyPublished(known: Known, fact: FactOf<'forecast-published'>): void {
  const plan = planOf(known, fact.plan)
  known.durable.witnessed.delete(plan.cid.toString())
  plan.forecast = fact.forecast
  plan.publishedAtMs = fact.atMs
}

/** The hash chain that the ledger has, too; only others want to hear of it. */
export function logFact(known: Known, fact: Fact): void {
  if (known.setup.federation.body.coordinators.length < 2) return
  const { length, head } = known.durable.log
  known.durable.log = { length: length + 1, head: sha256(concat([head, encodeFact(fact)])) }
}
