/** One seed: builds a world, lets it run until the plans are published, checks what came out. */
import assert from 'node:assert/strict'
import {
  firstInput,
  type PlanSlot,
  slotCount,
  slotsOf,
  unitOf
} from '../../../coordinator/slots.ts'
import { slotKey } from '../../../coordinator/state.ts'
import { progressOf } from '../../../coordinator/summary.ts'
import { toBlock } from '../../../protocol/canonical.ts'
import type { Plan } from '../../../protocol/plan.ts'
import { bodyOf, type Curve, ed25519 } from '../../../protocol/signed.ts'
import { finalState } from '../../../protocol/trace.ts'
import { smallPlan } from '../../fixtures/plans/small-plan.ts'
import { Checks } from '../checks/checks.ts'
import { undoneOf } from '../checks/undone.ts'
import { CoordinatorNode } from '../nodes/coordinator-node.ts'
import { runUnit } from '../nodes/kernel.ts'
import { VolunteerNode } from '../nodes/volunteer-node.ts'
import { Spy } from '../roles/spy.ts'
import { type Conduct, roleOf } from '../roles/volunteer-role.ts'
import { cheapCurve } from './cheap-curve.ts'
import type { Faults } from './faults.ts'
import { World } from './world.ts'

export interface RunOptions {
  readonly rngSeed: number
  readonly faults: Faults
  readonly coordinators?: number
  readonly honest?: number
  readonly hostile?: readonly Conduct[]
  readonly plans?: readonly Plan[]
  readonly curve?: Curve
  readonly isExact?: boolean
}

export interface RunSummary {
  readonly events: number
  readonly virtualMs: number
  readonly crashes: number
  /** Reasons of the faults in the verdicts and standings of all coordinators. */
  readonly faults: readonly string[]
  readonly replicas: number
  /** Slots that nobody settled and everybody names. */
  readonly gaps: number
  readonly slots: number
}

const LIMIT_MS = 4 * 3_600_000

/** Every unit is honestly settled, or every coordinator names it as a gap. @returns the gaps */
function expectHonest(
  plan: Plan,
  verdicts: Checks,
  standings: readonly { readonly gaps: readonly PlanSlot[] }[]
): number {
  let gaps = 0
  const { cid } = toBlock(plan)
  const inputs = new Map<string, { state: typeof cid; bounds: readonly number[] }>()
  for (const place of slotsOf(plan)) {
    const chain = `${place.member}/${place.block}`
    const envelope = verdicts.bySlot.get(`${cid} ${chain}/${place.window}`)
    if (envelope === undefined) {
      for (const standing of standings) {
        const isNamed = standing.gaps.some((gap) => slotKey(gap) === slotKey(place))
        assert.ok(isNamed, `slot ${slotKey(place)} is neither settled nor named as a gap`)
      }
      gaps += 1
      continue
    }
    const input = inputs.get(chain) ?? firstInput(plan, place)
    const honest = runUnit(unitOf(plan, place, input))
    const { result } = bodyOf('verdict', envelope)
    assert.equal(result.toString(), honest.cid.toString(), `slot ${chain}/${place.window} is wrong`)
    inputs.set(chain, { state: finalState(honest.result), bounds: honest.result.bounds })
  }
  return gaps
}

/** Seeds whose statements are signed for real: one in this many. */
const REAL_SIGNATURES_EVERY = 50

export function runWorld(options: RunOptions): RunSummary {
  const { rngSeed, faults, hostile = [] } = options
  const curve = options.curve ?? (rngSeed % REAL_SIGNATURES_EVERY === 0 ? ed25519 : cheapCurve)
  const world = new World({
    rngSeed,
    coordinators: options.coordinators ?? 2,
    curve,
    faults,
    isExact: options.isExact ?? true
  })
  const bodies = new Map<string, Plan>()
  const checks = new Checks(bodies)
  const spy = new Spy()
  try {
    const coordinators = world.federation.body.coordinators.map(
      ({ institution }) => new CoordinatorNode(world, { name: institution, checks, plans: bodies })
    )
    const conducts: Conduct[] = [
      ...Array.from({ length: options.honest ?? 4 }, (): Conduct => 'honest'),
      ...hostile
    ]
    const volunteers = conducts.map(
      (conduct, index) =>
        new VolunteerNode(world, {
          name: `volunteer-${index}-${conduct}`,
          operator: `operator-${index}`,
          role: roleOf(conduct, `volunteer-${index}`, spy),
          particleStepsPerSecond: Math.round(world.random.between(400, 2000))
        })
    )
    const plans = options.plans ?? [smallPlan({ blockCount: 3 })]
    for (const [index, plan] of plans.entries()) submit(world, coordinators, index, plan)
    const cids = plans.map((plan) => toBlock(plan).cid)
    const isOver = (): boolean =>
      cids.every((cid) =>
        coordinators.every(
          (node) => node.isUp && progressOf(node.state, cid)?.stage === 'published'
        )
      )
    if (!world.run(isOver, LIMIT_MS)) {
      const undone = plans.flatMap((plan) =>
        coordinators.flatMap(({ name, state }) => undoneOf(name, state, plan))
      )
      assert.fail(['the plans are not published in time', ...undone].join('\n'))
    }
    for (const node of coordinators) node.check()
    for (const node of volunteers) node.check()
    const standings = cids.flatMap((cid) =>
      coordinators.map((node) => progressOf(node.state, cid) ?? assert.fail('a plan is lost'))
    )
    for (const cid of cids) {
      const products = standings.filter(({ plan }) => plan === cid.toString())
      assert.equal(new Set(products.map(({ product }) => product)).size, 1, 'products differ')
    }
    const gaps = plans.map((plan) => {
      const name = toBlock(plan).cid.toString()
      return expectHonest(
        plan,
        checks,
        standings.filter((standing) => standing.plan === name)
      )
    })
    return {
      gaps: gaps.reduce((sum, count) => sum + count, 0),
      events: world.eventCount,
      virtualMs: world.elapsedMs,
      crashes: [...coordinators, ...volunteers].reduce((sum, { crashes }) => sum + crashes, 0),
      faults: standings.flatMap(({ faults: found }) => found.map(({ reason }) => reason)),
      replicas: standings.reduce((sum, { replicas }) => sum + replicas, 0),
      slots: plans.reduce((sum, plan) => sum + slotCount(plan), 0)
    }
  } catch (error) {
    throw new Error(
      [
        `seed ${rngSeed} at ${(world.elapsedMs / 1000).toFixed(3)} s: ${String(error)}`,
        world.story,
        `replay: npm run sim -- --seed ${rngSeed}`
      ].join('\n'),
      { cause: error }
    )
  }
}

/** A plan is handed in until that is answered: the coordinator may be down, or die over it. */
function submit(
  world: World,
  coordinators: readonly CoordinatorNode[],
  index: number,
  plan: Plan
): void {
  const lead = coordinators[index % coordinators.length]
  const { cid } = toBlock(plan)
  world.after(index * 3000, function attempt() {
    if (lead === undefined || lead.accepted.has(cid.toString())) return
    lead.submit(plan)
    world.after(1000, attempt)
  })
}
