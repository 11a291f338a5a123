/**
 * Colluders: they know each other, share one wrong answer and the choice per unit, pay for each
 * identity, and come back at once as somebody new when one is banned.
 */
import type { CID } from 'multiformats/cid'
import type { Run, VolunteerRole } from './volunteer-role.ts'

/** When they lie: always, after so many runs of good work, now and then, or only when safe. */
export type Variant = 'always' | 'sleeper' | 'seldom' | 'pairs'

export interface GangInit {
  readonly variant: Variant
  /** Lie in the last segment only, or in each. */
  readonly segment: 'last' | 'all'
}

const SLEEP_RUNS = 50
const SELDOM_SHARE = 0.1

/** A number in [0, 1) that every member derives from the unit alike. */
function chanceOf({ multihash }: CID): number {
  const { digest } = multihash
  return new DataView(digest.buffer, digest.byteOffset).getUint32(8) / 2 ** 32
}

export class Gang {
  /** Identities used up, and how often one was paid for. */
  paid = 0
  lies = 0
  readonly #init: GangInit
  /** Operators of ours on each unit, and what was decided about it. */
  readonly #onUnit = new Map<string, Set<string>>()
  readonly #decided = new Map<string, boolean>()

  constructor(init: GangInit) {
    this.#init = init
  }

  /** One more identity. */
  member(): VolunteerRole {
    this.paid += 1
    let runs = 0
    return {
      name: 'colluder',
      isHonest: false,
      returns: true,
      begins: ({ cid, operator }) => {
        const unit = cid.toString()
        const ours = this.#onUnit.get(unit) ?? new Set()
        this.#onUnit.set(unit, ours.add(operator))
      },
      lieAbout: (run) => {
        const isLie = this.#choose(run, runs)
        runs += 1
        if (!isLie) return undefined
        this.lies += 1
        const segment = this.#init.segment === 'all' ? 'all' : run.unit.segmentCount - 1
        return { what: `gang ${run.cid}`, segment }
      }
    }
  }

  #choose({ cid }: Run, runs: number): boolean {
    switch (this.#init.variant) {
      case 'always':
        return true
      case 'sleeper':
        return runs >= SLEEP_RUNS
      case 'seldom':
        return chanceOf(cid) < SELDOM_SHARE
      case 'pairs': {
        const unit = cid.toString()
        const known = this.#decided.get(unit)
        if (known !== undefined) return known
        // A second replica is leased long before the first is done: no need to wait and see.
        const isSafe = (this.#onUnit.get(unit)?.size ?? 0) > 1
        this.#decided.set(unit, isSafe)
        return isSafe
      }
    }
  }
}
