/** Where an attack is played: a small world, who is in it, and what everybody can overhear. */
import type { Rules } from '../../../coordinator/rules.ts'
import type { Plan } from '../../../protocol/plan.ts'
import { smallPlan } from '../../fixtures/plans/small-plan.ts'
import { Checks, type Observer } from '../checks/checks.ts'
import { CoordinatorNode } from '../nodes/coordinator-node.ts'
import { Population } from '../nodes/population.ts'
import type { VolunteerNode } from '../nodes/volunteer-node.ts'
import { type CoordinatorRole, HONEST_COORDINATOR } from '../roles/coordinator-role.ts'
import { Spy } from '../roles/spy.ts'
import type { VolunteerRole } from '../roles/volunteer-role.ts'
import { cheapCurve } from '../world/cheap-curve.ts'
import { CALM } from '../world/faults.ts'
import { World } from '../world/world.ts'
import { Witness } from './witness.ts'

export interface Setting {
  readonly rules: Partial<Rules>
  /** The first is the lead; one honest coordinator unless told. */
  readonly coordinators?: readonly CoordinatorRole[]
  readonly admissionBits?: number
  /** Of the timers; 1 is real time. */
  readonly timeScale?: number
  readonly policy?: Plan['mesh']['policy']
}

export const SPEED = 400
const SEGMENTS = 32
/** Far away: what ends in these trials ends by its rule. */
const DEADLINE_SECONDS = 864_000

export class Stage {
  readonly world: World
  readonly population: Population
  readonly spy = new Spy()
  readonly seen: Witness
  readonly coordinators: readonly CoordinatorNode[]
  readonly #plans = new Map<string, Plan>()
  readonly #policy: Plan['mesh']['policy']

  constructor(setting: Setting) {
    const { rules, coordinators: roles = [HONEST_COORDINATOR] } = setting
    const { admissionBits = 0, timeScale = 30, policy = 'quorum' } = setting
    this.#policy = policy
    this.world = new World({
      rngSeed: 7,
      coordinators: roles.length,
      curve: cheapCurve,
      faults: CALM,
      isExact: false,
      timeScale,
      admissionBits,
      rules
    })
    this.population = new Population(this.world)
    this.seen = new Witness(this.world)
    const checks = new Checks(this.#plans, rules)
    checks.listeners.push(this.seen, this.population)
    // Of several, some are hostile: what must hold of honest ones is counted, not asserted.
    const watch: Observer = {
      onEffects: () => undefined,
      onReply: () => undefined,
      onFact: (ledger, fact) => {
        for (const listener of checks.listeners) listener.onFact(ledger, fact)
      }
    }
    this.coordinators = roles.map((role, index) => {
      const name = `coordinator-${index}`
      const observer = roles.length === 1 ? checks : watch
      return new CoordinatorNode(this.world, { name, checks: observer, plans: this.#plans, role })
    })
  }

  get lead(): CoordinatorNode {
    const [lead] = this.coordinators
    if (lead === undefined) throw new Error('defect: a stage without a coordinator')
    return lead
  }

  get honest(): readonly CoordinatorNode[] {
    return this.coordinators.filter(({ role }) => role.name === HONEST_COORDINATOR.name)
  }

  /** Honest volunteers, overheard by the spy. */
  addHonest(count: number, speed = SPEED): void {
    const tamper = (_keyring: unknown, _kind: string, envelope: Uint8Array) =>
      this.spy.hear(envelope)
    for (let index = 0; index < count; index += 1) {
      this.population.add(() => ({ name: 'honest', isHonest: true, tamper }), speed)
    }
  }

  /** Hostile ones; with an operator named they are all its peers. */
  add(count: number, next: (index: number) => VolunteerRole, operator?: string): VolunteerNode[] {
    return Array.from({ length: count }, (_, index) =>
      this.population.add(() => next(index), SPEED, operator)
    )
  }

  plan(units: number, index = 0): Plan {
    return smallPlan({
      blockCount: units,
      stepCount: SEGMENTS,
      windowSteps: SEGMENTS,
      memberKeys: [[0, 7 + index]],
      mesh: { policy: this.#policy, quorum: 2, deadlineSeconds: DEADLINE_SECONDS, priority: 0 }
    })
  }
}
