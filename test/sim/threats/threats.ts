/**
 * Threats to the mesh, each with the rule that answers it. A threat does harm while its rule is off
 * and none while it is on; other rules that would also stop it are off in both runs and named.
 */
import type { Rules } from '../../../coordinator/rules.ts'
import { Gang, type GangInit } from '../roles/gang.ts'
import { type Conduct, roleOf } from '../roles/volunteer-role.ts'
import type { Attack, Harm } from './trial.ts'

export interface Threat {
  readonly name: string
  readonly rule: keyof Rules
  /** Further rules that are off in both runs, so that this one stands alone. */
  readonly alone?: readonly (keyof Rules)[]
  readonly attack: Omit<Attack, 'rules'>
  /** What the harm is called in the table, and how much of it is none. */
  readonly harm: string
  of(harm: Harm): number
  readonly most: number
}

const SPEED = 400

/** Colluders among honest operators. */
const gangOf =
  (init: GangInit, colluders: number, honest: number): Attack['populate'] =>
  (population, _spy, addHonest) => {
    const gang = new Gang(init)
    addHonest(honest)
    for (let index = 0; index < colluders; index += 1) population.add(() => gang.member(), SPEED)
  }

/** Volunteers of one conduct among honest ones. */
const some = (conduct: Conduct, count: number, honest: number): Attack['populate'] => {
  return (population, spy, addHonest) => {
    addHonest(honest)
    for (let index = 0; index < count; index += 1) {
      population.add(() => roleOf(conduct, `${conduct}-${index}`, spy), SPEED)
    }
  }
}

/** Many peers of one operator, all of one conduct. */
const peersOfOne = (conduct: Conduct, peers: number, honest: number): Attack['populate'] => {
  return (population, spy, addHonest) => {
    addHonest(honest)
    for (let index = 0; index < peers; index += 1) {
      population.add(() => roleOf(conduct, 'one lie for all', spy), SPEED, 'many-peers')
    }
  }
}

export const THREATS: readonly Threat[] = [
  {
    name: 'one operator with many peers that share a lie',
    rule: 'distinctOperators',
    alone: ['audit', 'fullAudit', 'probation', 'dispute', 'ban', 'backtrack', 'quota', 'sitOut'],
    attack: { populate: peersOfOne('wrong', 6, 6), units: 40 },
    harm: 'wrong results at the end',
    of: ({ wrongAtEnd }) => wrongAtEnd,
    most: 0
  },
  {
    name: 'colluders that invent whole runs',
    rule: 'audit',
    alone: ['fullAudit', 'probation', 'dispute', 'ban', 'backtrack'],
    attack: { populate: gangOf({ variant: 'always', segment: 'all' }, 5, 8), units: 60 },
    harm: 'wrong results at the end',
    of: ({ wrongAtEnd }) => wrongAtEnd,
    most: 0
  },
  {
    name: 'colluders that outvote an honest minority',
    rule: 'dispute',
    alone: ['audit', 'fullAudit', 'probation', 'backtrack'],
    attack: { populate: gangOf({ variant: 'always', segment: 'last' }, 6, 8), units: 60 },
    harm: 'honest operators named as dissenting',
    of: ({ honestLosers }) => honestLosers,
    most: 0
  },
  {
    name: 'colluders that lied together before they were caught',
    rule: 'backtrack',
    alone: ['audit', 'fullAudit', 'probation'],
    attack: { populate: gangOf({ variant: 'seldom', segment: 'last' }, 8, 12), units: 300 },
    harm: 'wrong results at the end',
    of: ({ wrongAtEnd }) => wrongAtEnd,
    most: 2
  },
  {
    name: 'a liar that goes on after it was caught',
    rule: 'ban',
    alone: ['sitOut'],
    attack: { populate: some('wrong', 3, 6), units: 60 },
    harm: 'leases of caught liars',
    of: ({ hostileLeases }) => hostileLeases,
    most: 20
  },
  {
    name: 'not revealing, again and again',
    rule: 'sitOut',
    attack: { populate: some('no-reveal', 3, 6), units: 60 },
    harm: 'leases that were never revealed',
    of: ({ hostileLeases }) => hostileLeases,
    most: 35
  },
  {
    name: 'one operator that hoards leases and computes none',
    rule: 'quota',
    attack: { populate: peersOfOne('hang', 20, 5), units: 60 },
    harm: 'leases it got',
    of: ({ hostileLeases }) => hostileLeases,
    most: 20
  },
  {
    name: 'volunteers that vanish with their leases',
    rule: 'leaseTimers',
    alone: ['urgentTail'],
    attack: { populate: some('vanish', 6, 4), units: 60, hours: 0.5 },
    harm: 'forecasts that never come',
    of: ({ isPublished }) => Number(!isPublished),
    most: 0
  },
  {
    name: 'a poison unit on which every run fails',
    rule: 'caps',
    attack: {
      populate: (population) => {
        const isPoison = (digest: Uint8Array): boolean => (digest[5] ?? 0) < 32
        const fails = ({ cid }: { cid: { multihash: { digest: Uint8Array } } }) =>
          isPoison(cid.multihash.digest)
        for (let index = 0; index < 6; index += 1) {
          population.add(() => ({ name: 'honest', isHonest: true, fails }), SPEED)
        }
      },
      units: 30,
      hours: 0.5
    },
    harm: 'forecasts that never come',
    of: ({ isPublished }) => Number(!isPublished),
    most: 0
  }
]
