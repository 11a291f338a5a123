/** Those who let others compute: they know what travels in the open, and hand it in as theirs. */
import { bodyOf, type Keyring } from '../../../protocol/signed.ts'
import type { Lie } from '../nodes/kernel.ts'
import type { Spy } from './spy.ts'
import type { Run, VolunteerRole } from './volunteer-role.ts'

/** They compute nothing, and wait for those who do. */
const PACE = 0.5

/** What one commits when there was nothing to copy. */
const inventedFor = ({ lease }: Run): Lie => ({ what: `invented ${lease}`, segment: 0 })

/** Waits until somebody shows the result of its unit, and commits to it under its own name. */
export const afterReveal = (spy: Spy): VolunteerRole => ({
  name: 'free-rider',
  isHonest: false,
  pace: PACE,
  lieAbout: (run) => {
    if (spy.hasReveal(run.cid)) return undefined
    return run.isLast ? inventedFor(run) : 'later'
  }
})

/** Commits with the seal that somebody else made, and opens it with what that one showed. */
export const withSeal = (spy: Spy): VolunteerRole => ({
  name: 'copier',
  isHonest: false,
  pace: PACE,
  lieAbout: (run) => (spy.hasCommit(run.cid) || run.isLast ? inventedFor(run) : 'later'),
  tamper: (keyring: Keyring, kind, envelope) => {
    if (kind === 'commit') return spy.copyCommit(keyring, envelope)
    if (kind !== 'reveal') return envelope
    return spy.hasReveal(bodyOf(kind, envelope).unit)
      ? spy.copyReveal(keyring, envelope)
      : undefined
  }
})
