/** Threats to the work itself: leases that are hoarded, kept for ever, or come to nothing. */
import { Gang } from '../roles/gang.ts'
import { replayedAfter } from '../roles/replay.ts'
import { type Conduct, roleOf } from '../roles/volunteer-role.ts'
import { SPEED, type Stage } from './stage.ts'
import { leases, never, type Threat } from './threat.ts'

/** Volunteers of one conduct, each alone, among honest ones. */
const some =
  (conduct: Conduct, count: number, honest: number) =>
  (stage: Stage): void => {
    stage.addHonest(honest)
    stage.add(count, (index) => roleOf(conduct, `${conduct}-${index}`, stage.spy))
  }

const isPoison = (digest: Uint8Array): boolean => (digest[5] ?? 0) < 32

export const OF_LEASES: readonly Threat[] = [
  {
    name: 'a liar that goes on after it was caught',
    rule: 'ban',
    alone: ['sitOut'],
    attack: { cast: some('wrong', 3, 6), units: 60 },
    ...leases,
    most: 20
  },
  {
    name: 'not revealing, again and again',
    rule: 'sitOut',
    attack: { cast: some('no-reveal', 3, 6), units: 60 },
    ...leases,
    most: 35
  },
  {
    name: 'one operator that hoards leases and computes none',
    rule: 'quota',
    attack: {
      cast: (stage) => {
        stage.addHonest(5)
        stage.add(20, () => roleOf('hang', 'hang', stage.spy), 'many-peers')
      },
      units: 60
    },
    ...leases,
    most: 20
  },
  {
    name: 'identities that paid nothing for their admission',
    rule: 'admission',
    attack: {
      admissionBits: 6,
      cast: (stage) => {
        const gang = new Gang({ variant: 'always', segment: 'last' })
        stage.addHonest(4)
        stage.add(8, () => ({ ...gang.member(), isUnpaid: true }))
      },
      units: 40
    },
    ...leases,
    most: 0
  },
  {
    name: 'volunteers that vanish with their leases',
    rule: 'leaseTimers',
    alone: ['urgentTail'],
    attack: { cast: some('vanish', 6, 4), units: 60, hours: 0.5 },
    ...never,
    most: 0
  },
  {
    name: 'runs that stop half-way while their heartbeats go on',
    rule: 'renewProgress',
    alone: ['urgentTail'],
    attack: {
      cast: (stage) => {
        stage.addHonest(4)
        stage.add(3, () => ({ name: 'hang', isHonest: false, pace: 0 }))
      },
      units: 40,
      hours: 0.5
    },
    ...never,
    most: 0
  },
  {
    name: 'a hang at the end of a plan',
    rule: 'urgentTail',
    attack: {
      timeScale: 1,
      cast: (stage) => {
        stage.addHonest(4)
        stage.add(1, () => ({ name: 'hang', isHonest: false, stops: true }))
      },
      units: 20
    },
    harm: 'minutes to the forecast',
    of: ({ minutes }) => Math.round(minutes),
    most: 10
  },
  {
    name: 'heartbeats of volunteers that are gone, said again by another',
    rule: 'skew',
    alone: ['urgentTail'],
    attack: {
      timeScale: 1,
      cast: (stage) => {
        stage.addHonest(4)
        replayedAfter(stage, { count: 3, speed: SPEED / 20, goneMs: 130_000 })
      },
      units: 30,
      hours: 3
    },
    harm: 'minutes to the forecast',
    of: ({ minutes }) => Math.round(minutes),
    most: 20
  },
  {
    name: 'a poison unit on which every run fails',
    rule: 'caps',
    attack: {
      cast: ({ population }) => {
        const fails = ({ cid }: { cid: { multihash: { digest: Uint8Array } } }) =>
          isPoison(cid.multihash.digest)
        for (let index = 0; index < 6; index += 1) {
          population.add(() => ({ name: 'honest', isHonest: true, fails }), SPEED)
        }
      },
      units: 30,
      hours: 0.5
    },
    ...never,
    most: 0
  }
]
