/** Policy throughput: a volunteer that lies where it believes to know that nobody checks it. */
import { LOTTERY_SHARE_MIN, lotteryDraw } from '../../../protocol/message/lottery.ts'
import type { Run, VolunteerRole } from './volunteer-role.ts'

/** After so much good work for an owner its results are hardly ever computed twice. */
const TRUSTED_RUNS = 20
const NO_NONCE = new Uint8Array(0)

/** `secretOf` is what it takes for the secret of the draw; without one it stays honest. */
export function gambler(secretOf: (run: Run) => Uint8Array | undefined): VolunteerRole {
  const runs = new Map<string, number>()
  return {
    name: 'gambler',
    isHonest: false,
    lieAbout: (run) => {
      const done = runs.get(run.owner) ?? 0
      runs.set(run.owner, done + 1)
      const secret = secretOf(run)
      // As the second of a slot it is there because the first was drawn.
      const isFirst = run.grant.attempt === 0
      if (secret === undefined || done < TRUSTED_RUNS || !isFirst) return undefined
      const isSpared = lotteryDraw(secret, NO_NONCE) >= LOTTERY_SHARE_MIN
      return isSpared
        ? { what: `gamble ${run.lease}`, segment: run.unit.segmentCount - 1 }
        : undefined
    }
  }
}
