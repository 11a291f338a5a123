/**
 * One world for statistics: a fixed population works through forecast after forecast, and every
 * verdict is held against the truth.
 */
import type { Rules } from '../../../coordinator/rules.ts'
import { toBlock } from '../../../protocol/canonical.ts'
import type { Plan } from '../../../protocol/plan.ts'
import { smallPlan } from '../../fixtures/plans/small-plan.ts'
import { Checks } from '../checks/checks.ts'
import { CoordinatorNode } from '../nodes/coordinator-node.ts'
import { type NextRole, Population } from '../nodes/population.ts'
import { Gang, type GangInit } from '../roles/gang.ts'
import { HONEST } from '../roles/volunteer-role.ts'
import { cheapCurve } from '../world/cheap-curve.ts'
import { CALM } from '../world/faults.ts'
import { World } from '../world/world.ts'
import { Meter } from './meter.ts'
import { type Count, Tally } from './tally.ts'

export interface CampaignInit {
  readonly rngSeed: number
  readonly operators: number
  /** Of the operators, colluding. */
  readonly colluderShare: number
  readonly gang: GangInit
  readonly policy: Plan['mesh']['policy']
  readonly coordinators: number
  readonly plans: number
  readonly unitsPerPlan: number
  readonly rules?: Partial<Rules>
  /** Forecasts before the mesh is at work as it always is: `steady` counts without them. */
  readonly warmUpPlans?: number
  /** Share of the volunteers that leave within the time of a lease, and are replaced. */
  readonly churnPerUnit?: number
  /** Run time of a unit on an ordinary volunteer. */
  readonly unitSeconds?: number
  /** A forecast that is not out by then is left as it is. */
  readonly planLimitMs?: number
  /** What goes on once everything is published. */
  readonly quietMs?: number
}

export interface CampaignCount extends Count {
  /** Identities that the colluders used. */
  readonly identities: number
  readonly lies: number
  readonly virtualMs: number
  readonly requests: number
  readonly deliveries: number
  readonly bytes: number
  /** Virtual time from each submission to its publication, summed. */
  readonly forecastMs: number
  /** Counts without those of the warm-up. */
  readonly steady: Pick<Count, 'units' | 'executions'>
  readonly spentMs: number
  readonly usefulMs: number
  readonly published: number
}

const SEGMENTS = 32
/** One unit takes about this long on an ordinary volunteer. */
const UNIT_SECONDS = 16
const PARTICLES = 100
const PLAN_LIMIT_MS = 20 * 3_600_000
/** What backtracking has left to do once everything is published. */
const QUIET_MS = 3 * 3_600_000

const planOf = (init: CampaignInit, index: number): Plan =>
  smallPlan({
    blockCount: init.unitsPerPlan,
    stepCount: SEGMENTS,
    windowSteps: SEGMENTS,
    rngSeed: [init.rngSeed, index],
    memberKeys: [[init.rngSeed, index]],
    mesh: { policy: init.policy, quorum: 2, deadlineSeconds: 864_000, priority: 0 }
  })

/** Volunteers leave in the middle of their work at this rate, and others take their place. */
function churn(world: World, population: Population, perUnit: number): void {
  const meanMs = (UNIT_SECONDS * 1000) / (perUnit * population.nodes.length)
  world.after(-Math.log(1 - world.random.next()) * meanMs, () => {
    const there = population.nodes.filter(({ isUp }) => isUp)
    const leaver = there[world.random.below(there.length)]
    if (leaver !== undefined) {
      population.remove(leaver)
      population.nodes.splice(population.nodes.indexOf(leaver), 1)
      population.add(() => HONEST, leaver.init.particleStepsPerSecond)
    }
    churn(world, population, perUnit)
  })
}

function populate(world: World, checks: Checks, init: CampaignInit) {
  const meter = new Meter()
  const population = new Population(world, { meter })
  const gang = new Gang(init.gang)
  checks.listeners.push(population, meter)
  const colluders = Math.round(init.operators * init.colluderShare)
  const speed = (SEGMENTS * PARTICLES) / (init.unitSeconds ?? UNIT_SECONDS)
  const addGroup = (count: number, next: NextRole): void => {
    for (let index = 0; index < count; index += 1) {
      population.add(next, Math.round(speed * (0.5 + (1.5 * (index + 0.5)) / count)))
    }
  }
  // Both groups have the same speeds, so that the share of the work is that of the operators.
  addGroup(colluders, () => gang.member())
  addGroup(init.operators - colluders, () => HONEST)
  if (init.churnPerUnit !== undefined) churn(world, population, init.churnPerUnit)
  return { population, gang, meter }
}

/** Runs the forecasts of one world, one after the other. */
export function runCampaign(init: CampaignInit): CampaignCount {
  const { rngSeed, rules = {} } = init
  const world = new World({
    rngSeed,
    coordinators: init.coordinators,
    curve: cheapCurve,
    faults: CALM,
    isExact: false,
    timeScale: 1,
    rules
  })
  const plans = new Map<string, Plan>()
  const checks = new Checks(plans)
  const tally = new Tally(world)
  checks.listeners.push(tally)
  const coordinators = world.federation.body.coordinators.map(
    ({ institution: name }) => new CoordinatorNode(world, { name, checks, plans })
  )
  const { population, gang, meter } = populate(world, checks, init)
  let forecastMs = 0
  let published = 0
  let before = { units: 0, executions: 0 }
  for (let index = 0; index < init.plans; index += 1) {
    const lead = coordinators[index % coordinators.length]
    const plan = planOf(init, index)
    if (index === init.warmUpPlans) before = tally.progress
    const { cid } = toBlock(plan)
    const startMs = world.elapsedMs
    lead?.submit(plan)
    const isOver = (): boolean =>
      coordinators.every(
        ({ state }) => state.durable.plans.get(cid.toString())?.forecast !== undefined
      )
    if (world.run(isOver, startMs + (init.planLimitMs ?? PLAN_LIMIT_MS), 5000)) {
      published += 1
      forecastMs += world.elapsedMs - startMs
    }
  }
  world.run(() => false, world.elapsedMs + (init.quietMs ?? QUIET_MS), 60_000)
  const { requests, deliveries, bytes } = world.network.traffic
  return {
    ...tally.count((operator) => population.isHonest(operator)),
    identities: gang.paid,
    lies: gang.lies,
    virtualMs: world.elapsedMs,
    requests,
    deliveries,
    bytes,
    forecastMs,
    published,
    steady: {
      units: tally.progress.units - before.units,
      executions: tally.progress.executions - before.executions
    },
    spentMs: Math.round(meter.spentMs),
    usefulMs: Math.round(meter.usefulMs)
  }
}
