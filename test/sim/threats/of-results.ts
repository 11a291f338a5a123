/** Threats to what is computed: lies, alone and together, and work that was never done. */

import { HONEST_COORDINATOR } from '../roles/coordinator-role.ts'
import { afterReveal, withSeal } from '../roles/free-rider.ts'
import { gambler } from '../roles/gambler.ts'
import { Gang, type GangInit } from '../roles/gang.ts'
import { roleOf } from '../roles/volunteer-role.ts'
import type { Stage } from './stage.ts'
import { credit, type Threat, wrongAtEnd, wrongFinal } from './threat.ts'

/** Colluders, who come among so many honest ones. */
const gangOf =
  (init: GangInit, colluders: number, honest: number) =>
  (stage: Stage): void => {
    const gang = new Gang(init)
    stage.addHonest(honest)
    stage.add(colluders, () => gang.member())
  }

export const OF_RESULTS: readonly Threat[] = [
  {
    name: 'one operator with many peers that share a lie',
    rule: 'distinctOperators',
    alone: [
      'audit',
      'fullAudit',
      'probation',
      'seniority',
      'dispute',
      'ban',
      'backtrack',
      'quota',
      'sitOut'
    ],
    attack: {
      cast: (stage) => {
        stage.addHonest(6)
        stage.add(6, () => roleOf('wrong', 'one lie for all', stage.spy), 'many-peers')
      },
      units: 40
    },
    ...wrongAtEnd,
    most: 0
  },
  {
    name: 'colluders that invent whole runs',
    rule: 'audit',
    alone: ['fullAudit', 'probation', 'seniority', 'dispute', 'ban', 'backtrack'],
    attack: { cast: gangOf({ variant: 'always', segment: 'all' }, 5, 8), units: 60 },
    ...wrongAtEnd,
    most: 0
  },
  {
    name: 'newcomers that lie together once no elder comes',
    rule: 'fullAudit',
    alone: ['audit', 'backtrack'],
    attack: {
      before: { units: 30, honest: 3, speed: 20 },
      cast: gangOf({ variant: 'always', segment: 'last' }, 8, 0),
      units: 40,
      hours: 6
    },
    ...wrongAtEnd,
    most: 0
  },
  {
    name: 'colluders that outvote an honest minority',
    rule: 'dispute',
    alone: ['audit', 'fullAudit', 'probation', 'seniority', 'backtrack'],
    attack: { cast: gangOf({ variant: 'always', segment: 'last' }, 6, 8), units: 60 },
    harm: 'honest operators named as dissenting',
    of: ({ honestLosers }) => honestLosers,
    most: 0
  },
  {
    name: 'colluders that lied together before they were caught',
    rule: 'backtrack',
    alone: ['probation', 'seniority'],
    attack: { cast: gangOf({ variant: 'pairs', segment: 'last' }, 8, 12), units: 600 },
    ...wrongAtEnd,
    most: 20
  },
  {
    name: 'a crowd of newcomers that lie where both are theirs',
    rule: 'probation',
    alone: ['seniority', 'audit', 'fullAudit'],
    attack: {
      before: { units: 60, honest: 6 },
      cast: gangOf({ variant: 'pairs', segment: 'last' }, 6, 0),
      units: 40
    },
    ...wrongAtEnd,
    most: 0
  },
  {
    name: 'the same crowd, once it did the ten units of the probation',
    rule: 'seniority',
    alone: ['audit', 'fullAudit'],
    attack: {
      before: { units: 300, honest: 6 },
      cast: gangOf({ variant: 'pairs', segment: 'last' }, 6, 0),
      units: 150
    },
    ...wrongAtEnd,
    most: 0
  },
  {
    name: 'free riders that commit once another result is shown',
    rule: 'commitBeforeReveal',
    attack: {
      cast: (stage) => {
        stage.addHonest(6)
        stage.add(3, () => afterReveal(stage.spy))
      },
      units: 60
    },
    ...credit,
    most: 0
  },
  {
    name: "copiers of another one's seal, who open it as theirs",
    rule: 'boundCommit',
    attack: {
      cast: (stage) => {
        stage.addHonest(6)
        stage.add(3, () => withSeal(stage.spy))
      },
      units: 60
    },
    ...credit,
    most: 0
  },
  {
    name: 'a volunteer that lies where its grant shows that it is not checked',
    rule: 'lotteryAfterCommit',
    alone: ['audit', 'fullAudit', 'attestOwnCheck'],
    attack: {
      policy: 'throughput',
      coordinators: [HONEST_COORDINATOR, HONEST_COORDINATOR],
      cast: (stage) => {
        stage.addHonest(4)
        stage.add(2, () => gambler(({ grant }) => grant.lotterySeal))
      },
      units: 500
    },
    ...wrongFinal,
    most: 20
  }
]
