/** Threats by coordinators: that favour, bend, leak, say two things, are silent, or come back. */
import { toHex } from '../../../protocol/hex.ts'
import type { CoordinatorNode } from '../nodes/coordinator-node.ts'
import { HONEST_COORDINATOR } from '../roles/coordinator-role.ts'
import { gambler } from '../roles/gambler.ts'
import {
  BENDING,
  friendOf,
  leaky,
  twoFaced,
  usurper,
  withFriends
} from '../roles/hostile-coordinators.ts'
import type { Stage } from './stage.ts'
import { never, type Threat, wrongFinal } from './threat.ts'
import type { Attack } from './trial.ts'

const HONEST = HONEST_COORDINATOR

/** Time for leases to be granted and some slots to be decided. */
const UNDER_WAY_MS = 25_000
/** Timers are longer than a stream waits for an answer. */
const SLOW = 5
/** Much longer than silentMs at that scale. */
const AWAY_MS = 60_000

const at = (stage: Stage, index: number): CoordinatorNode => {
  const node = stage.coordinators[index]
  if (node === undefined) throw new Error(`defect: no coordinator ${index}`)
  return node
}

/** Cuts one coordinator from the others, not from the volunteers, for a while. */
function cutOff(stage: Stage, index: number): void {
  const { network } = stage.world
  const { name } = at(stage, index)
  const others = stage.coordinators.map((node) => node.name).filter((other) => other !== name)
  const heals = [network.cut([name], others), network.cut(others, [name])]
  stage.world.after(AWAY_MS, () => {
    for (const heal of heals) heal()
  })
}

/** A hostile coordinator with friends, which are known once they are there. */
function befriended(
  role: (friends: ReadonlySet<string>) => Attack['coordinators'],
  owner: number,
  termFrom?: number
): Pick<Attack, 'coordinators' | 'cast'> {
  const friends = new Set<string>()
  const coordinators = role(friends)
  return {
    ...(coordinators === undefined ? {} : { coordinators }),
    cast: (stage) => {
      const key = toHex(at(stage, owner).key)
      stage.addHonest(6)
      for (const { operator } of stage.add(3, () => friendOf(key, termFrom))) friends.add(operator)
    }
  }
}

const usurped = befriended((friends) => [HONEST, HONEST, usurper(friends)], 2, 1)

function leaked(): Pick<Attack, 'coordinators' | 'cast'> {
  const secrets = new Map<string, Uint8Array>()
  return {
    coordinators: [HONEST, leaky(secrets)],
    cast: (stage) => {
      secrets.clear()
      stage.addHonest(2)
      stage.add(2, () => gambler(({ lease }) => secrets.get(lease)))
    }
  }
}

function twoFaces(): Pick<Attack, 'coordinators' | 'cast'> {
  const target = { key: '' }
  return {
    coordinators: [HONEST, HONEST, twoFaced(target)],
    cast: (stage) => {
      target.key = toHex(at(stage, 1).key)
      stage.addHonest(6)
    }
  }
}

export const OF_COORDINATORS: readonly Threat[] = [
  {
    name: 'an owner that settles the lies of its friends',
    rule: 'attestOwnCheck',
    attack: {
      ...befriended((friends) => [HONEST, withFriends(friends)], 1),
      units: 40,
      hours: 0.3
    },
    ...wrongFinal,
    most: 0
  },
  {
    name: 'an owner that mints units of its own making',
    rule: 'unitCheck',
    alone: ['attestOwnCheck'],
    attack: {
      coordinators: [HONEST, BENDING],
      cast: (stage) => stage.addHonest(6),
      units: 40,
      hours: 0.3
    },
    ...wrongFinal,
    most: 0
  },
  {
    name: 'an owner that leaks its lots to a volunteer',
    rule: 'witness',
    alone: ['audit', 'fullAudit', 'attestOwnCheck'],
    attack: { policy: 'throughput', ...leaked(), units: 500 },
    ...wrongFinal,
    most: 20
  },
  {
    name: 'an owner that tells two verdicts of one slot',
    rule: 'expulsion',
    attack: { ...twoFaces(), timeScale: SLOW, units: 60, hours: 0.3 },
    harm: 'slots of which two verdicts are kept',
    of: ({ keptTwice }) => keptTwice,
    most: 0
  },
  {
    name: 'an owner that is gone for good',
    rule: 'takeover',
    attack: {
      coordinators: [HONEST, HONEST, HONEST],
      cast: (stage) => {
        stage.addHonest(6)
        stage.world.after(UNDER_WAY_MS, () => at(stage, 1).end())
      },
      timeScale: SLOW,
      units: 60,
      hours: 0.3
    },
    ...never,
    most: 0
  },
  {
    name: 'an owner that was cut off, deposed, and goes on',
    rule: 'fencing',
    attack: {
      coordinators: [HONEST, HONEST, HONEST],
      cast: (stage) => {
        stage.addHonest(6)
        stage.world.after(UNDER_WAY_MS, () => cutOff(stage, 1))
      },
      timeScale: SLOW,
      units: 120,
      hours: 0.3
    },
    harm: 'slots decided by two owners',
    of: ({ decidedTwice }) => decidedTwice,
    most: 8
  },
  {
    name: 'a successor that decides anew what is final',
    rule: 'oneAttestation',
    alone: ['attestOwnCheck'],
    attack: {
      ...usurped,
      cast: (stage) => {
        usurped.cast(stage)
        stage.world.after(UNDER_WAY_MS, () => cutOff(stage, 1))
      },
      timeScale: SLOW,
      units: 90,
      hours: 0.3
    },
    harm: 'slots with two results that an honest coordinator vouched for',
    of: ({ vouchedTwice }) => vouchedTwice,
    most: 0
  }
]
