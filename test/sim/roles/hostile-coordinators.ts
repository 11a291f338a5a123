/** Coordinators that do not keep the rules, each in one way, around the true core. */
import type { Rules } from '../../../coordinator/rules.ts'
import { toHex } from '../../../protocol/hex.ts'
import { bodyOf, claimedKind } from '../../../protocol/signed.ts'
import type { CoordinatorRole } from './coordinator-role.ts'
import type { VolunteerRole } from './volunteer-role.ts'

/** Nothing of a friend's work is looked at. */
const BLIND: Partial<Rules> = {
  audit: false,
  fullAudit: false,
  dispute: false,
  ban: false,
  backtrack: false,
  probation: false,
  seniority: false
}

/** Grants its slots to its friends alone (operators, hex) and settles whatever they say. */
export const withFriends = (friends: ReadonlySet<string>): CoordinatorRole => ({
  name: 'grants to friends',
  rules: BLIND,
  ignores: (inbound) =>
    inbound.kind === 'lease-request' && !friends.has(toHex(inbound.binding.signer))
})

/** … and has not heard of any verdict: what it takes over it decides again. */
export const usurper = (friends: ReadonlySet<string>): CoordinatorRole => ({
  ...withFriends(friends),
  name: 'usurper',
  answers: (keyring, inbound) =>
    inbound.kind === 'verdict-notice' || inbound.kind === 'attestation'
      ? keyring.sign('acknowledgement', { kind: 'acknowledgement', of: inbound.said.cid })
      : undefined
})

/** A volunteer that lies in every segment where its friend owns the slot, from this term on. */
export const friendOf = (owner: string, termFrom = 0): VolunteerRole => ({
  name: 'friend',
  isHonest: false,
  lieAbout: (run) =>
    run.owner === owner && run.grant.term >= termFrom
      ? { what: `friend ${run.cid}`, segment: 'all' }
      : undefined
})

/** Mints units from another random key than the plan's. */
export const BENDING: CoordinatorRole = {
  name: 'bends the plan',
  bends: (plan) => ({ ...plan, memberKeys: plan.memberKeys.map(() => [13, 13] as const) })
}

/** Tells one of the others (hex key) another verdict: that somebody failed on the slot. */
export const twoFaced = (target: { key: string }): CoordinatorRole => ({
  name: 'two-faced',
  tamper: (keyring, to, envelope) => {
    if (claimedKind(envelope) !== 'verdict-notice' || to !== target.key) return envelope
    const { verdict } = bodyOf('verdict-notice', envelope)
    const { agreeing, faulty, ...body } = bodyOf('verdict', verdict)
    const [first] = agreeing
    if (first === undefined) return envelope
    const { operator, peer } = first
    const other = keyring.sign('verdict', {
      ...body,
      agreeing,
      faulty: [...faulty, { operator, peer, fault: 'no-reveal' }]
    })
    return keyring.sign('verdict-notice', { kind: 'verdict-notice', verdict: other })
  }
})

/** Its ledger is open to a friend: the secrets of its lots, by lease. */
export function leaky(secrets: Map<string, Uint8Array>): CoordinatorRole {
  return {
    name: 'leaks',
    leaks: (fact) => {
      if (fact.kind === 'lease-granted' && fact.lotterySecret !== undefined) {
        secrets.set(toHex(fact.lease), fact.lotterySecret)
      }
    }
  }
}
