/** One forecast under attack, and what came of it. */
import { firstInput, slotsOf, unitOf } from '../../../coordinator/slots.ts'
import { settledOutcome, slotKey } from '../../../coordinator/state.ts'
import { toBlock } from '../../../protocol/canonical.ts'
import { toHex } from '../../../protocol/hex.ts'
import type { Plan } from '../../../protocol/plan.ts'
import { bodyOf } from '../../../protocol/signed.ts'
import type { CoordinatorNode } from '../nodes/coordinator-node.ts'
import { runUnit } from '../nodes/kernel.ts'
import type { Count } from '../stats/tally.ts'
import { type Setting, Stage } from './stage.ts'

export interface Attack extends Setting {
  /** Adds everybody, honest and hostile; later ones come by `world.after`. */
  cast(stage: Stage): void
  readonly units: number
  /** Virtual time there is. */
  readonly hours?: number
  /** Units of a forecast that is made before, by honest volunteers alone: so many. */
  readonly before?: { readonly units: number; readonly honest: number; readonly speed?: number }
}

export interface Harm extends Count {
  readonly isPublished: boolean
  /** Virtual time to the publication, or all there was. */
  readonly minutes: number
  /** Validated results of hostile operators. */
  readonly hostileCredit: number
  /** Leases that hostile peers got. */
  readonly hostileLeases: number
  /** Honest operators that a verdict names as dissenting. */
  readonly honestLosers: number
  /** Slots that are final with a wrong result where an honest coordinator sees it. */
  readonly wrongFinal: number
  /** Slots that two owners decided. */
  readonly decidedTwice: number
  /** Slots of which honest coordinators keep different verdicts in the end. */
  readonly keptTwice: number
  /** Slots of which an honest coordinator attested two results. */
  readonly vouchedTwice: number
}

/** What the backtracking has left to do once a forecast is out. */
const QUIET_MS = 600_000

const planOf = ({ state }: CoordinatorNode, plan: Plan) =>
  state.durable.plans.get(toBlock(plan).cid.toString())

/** Wrong is what the plan itself does not give, whatever the verdict says about its unit. */
function wrongSlots(node: CoordinatorNode, plan: Plan): string[] {
  const known = planOf(node, plan)
  return [...slotsOf(plan)].map(slotKey).filter((key) => {
    const slot = known?.slots.get(key)
    const outcome = slot === undefined ? undefined : settledOutcome(slot)
    if (slot === undefined || outcome === undefined || known?.unattested.has(key)) return false
    const honest = runUnit(unitOf(plan, slot.place, firstInput(plan, slot.place)))
    return !outcome.result.equals(honest.cid)
  })
}

function keptTwice(stage: Stage, plan: Plan): number {
  return [...slotsOf(plan)].map(slotKey).filter((key) => {
    const verdicts = stage.honest.flatMap((node) => {
      const slot = planOf(node, plan)?.slots.get(key)
      const outcome = slot === undefined ? undefined : settledOutcome(slot)
      return outcome === undefined ? [] : toHex(outcome.verdict)
    })
    return new Set(verdicts).size > 1
  }).length
}

function losersOf(stage: Stage, plan: Plan): number {
  const slots = [...(planOf(stage.lead, plan)?.slots.values() ?? [])]
  const dissenting = slots.flatMap((slot) => {
    const verdict = settledOutcome(slot)?.verdict
    return verdict === undefined ? [] : bodyOf('verdict', verdict).dissenting
  })
  return dissenting.filter(({ operator }) => stage.population.isHonest(toHex(operator))).length
}

function hostileShare(stage: Stage, plan: Plan): { credit: number; leases: number } {
  const operators = [...stage.lead.state.durable.operators]
  const isHostile = (operator: string): boolean => !stage.population.isHonest(operator)
  const credit = operators
    .filter(([operator]) => isHostile(operator))
    .reduce((sum, [, { validated }]) => sum + validated, 0)
  const slots = [...(planOf(stage.lead, plan)?.slots.values() ?? [])]
  const leases = slots.flatMap(({ replicas }) => [...replicas.values()])
  return { credit, leases: leases.filter(({ operator }) => isHostile(operator)).length }
}

/** Runs one forecast under attack. The same seed for the rule on and off. */
export function attackWith(attack: Attack): Harm {
  const { units, hours = 3, before } = attack
  const stage = new Stage(attack)
  const { world, lead } = stage
  const isOut = (plan: Plan): boolean => planOf(lead, plan)?.forecast !== undefined
  if (before !== undefined) {
    stage.addHonest(before.honest, before.speed)
    const earlier = stage.plan(before.units, 1)
    lead.submit(earlier)
    world.run(() => isOut(earlier), 3_600_000)
  }
  attack.cast(stage)
  const plan = stage.plan(units)
  const startMs = world.elapsedMs
  lead.submit(plan)
  const isPublished = world.run(() => isOut(plan), startMs + hours * 3_600_000)
  const minutes = (world.elapsedMs - startMs) / 60_000
  world.run(() => false, world.elapsedMs + QUIET_MS, 60_000)
  const { credit, leases } = hostileShare(stage, plan)
  return {
    ...stage.seen.count((operator) => stage.population.isHonest(operator)),
    isPublished,
    minutes,
    hostileCredit: credit,
    hostileLeases: leases,
    honestLosers: losersOf(stage, plan),
    wrongFinal: new Set(stage.honest.flatMap((node) => wrongSlots(node, plan))).size,
    decidedTwice: stage.seen.decidedTwice,
    keptTwice: keptTwice(stage, plan),
    vouchedTwice: stage.seen.vouchedTwice
  }
}
