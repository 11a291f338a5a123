/** A small world for one threat: who attacks, which rules are off, and what came of it. */
import type { Rules } from '../../../coordinator/rules.ts'
import { toBlock } from '../../../protocol/canonical.ts'
import { toHex } from '../../../protocol/hex.ts'
import type { Plan } from '../../../protocol/plan.ts'
import { bodyOf } from '../../../protocol/signed.ts'
import { smallPlan } from '../../fixtures/plans/small-plan.ts'
import { Checks } from '../checks/checks.ts'
import { CoordinatorNode } from '../nodes/coordinator-node.ts'
import { Population } from '../nodes/population.ts'
import { Spy } from '../roles/spy.ts'
import { type Count, Tally } from '../stats/tally.ts'
import { cheapCurve } from '../world/cheap-curve.ts'
import { CALM } from '../world/faults.ts'
import { World } from '../world/world.ts'

export interface Attack {
  /** Adds everybody, honest and hostile. */
  populate(population: Population, spy: Spy, addHonest: (count: number) => void): void
  readonly units: number
  readonly rules: Partial<Rules>
  readonly hours?: number
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
}

const SPEED = 400
const SEGMENTS = 32

function losersIn(checks: Checks, population: Population): number {
  let losers = 0
  for (const envelope of checks.bySlot.values()) {
    const { dissenting } = bodyOf('verdict', envelope)
    losers += dissenting.filter(({ operator }) => population.isHonest(toHex(operator))).length
  }
  return losers
}

/** Runs one forecast under attack. The same seed for the rule on and off. */
export function attackWith({ populate, units, rules, hours = 3 }: Attack): Harm {
  const world = new World({
    rngSeed: 7,
    coordinators: 1,
    curve: cheapCurve,
    faults: CALM,
    isExact: false,
    timeScale: 30,
    rules
  })
  const plans = new Map<string, Plan>()
  const checks = new Checks(plans, rules)
  const tally = new Tally(world)
  const population = new Population(world)
  checks.listeners.push(tally, population)
  const [member] = world.federation.body.coordinators
  if (member === undefined) throw new Error('no coordinator')
  const owner = new CoordinatorNode(world, { name: member.institution, checks, plans })
  const spy = new Spy()
  populate(population, spy, (count) => {
    for (let index = 0; index < count; index += 1) {
      const tamper = (_keyring: unknown, _kind: string, envelope: Uint8Array) => spy.hear(envelope)
      population.add(() => ({ name: 'honest', isHonest: true, tamper }), SPEED)
    }
  })
  const mesh = { policy: 'quorum', quorum: 2, deadlineSeconds: 864_000, priority: 0 } as const
  const plan = smallPlan({ blockCount: units, stepCount: SEGMENTS, windowSteps: SEGMENTS, mesh })
  owner.submit(plan)
  const name = toBlock(plan).cid.toString()
  const stateOf = () => owner.state.durable.plans.get(name)
  const isPublished = world.run(() => stateOf()?.forecast !== undefined, hours * 3_600_000)
  const minutes = world.elapsedMs / 60_000
  world.run(() => false, world.elapsedMs + 1_200_000, 60_000)
  const hostile = new Set(
    population.nodes.filter(({ init }) => !init.role.isHonest).map(({ operator }) => operator)
  )
  const credit = [...owner.state.durable.operators].filter(([operator]) => hostile.has(operator))
  const slots = [...(stateOf()?.slots.values() ?? [])]
  const leases = slots.flatMap(({ replicas }) => [...replicas.values()])
  return {
    ...tally.count((operator) => population.isHonest(operator)),
    isPublished,
    minutes,
    hostileCredit: credit.reduce((sum, [, { validated }]) => sum + validated, 0),
    hostileLeases: leases.filter(({ operator }) => hostile.has(operator)).length,
    honestLosers: losersIn(checks, population)
  }
}
