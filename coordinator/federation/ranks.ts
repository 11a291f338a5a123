/**
 * Who owns a chain now, who witnesses its commits and who leads a plan: the first in rendezvous
 * order that was neither deposed in this plan nor expelled. The rank of the owner is the term.
 */
import type { CID } from 'multiformats/cid'
import { equals } from 'uint8arrays/equals'
import { toHex } from '../../protocol/hex.ts'
import { rankedOwners } from '../../protocol/ownership.ts'
import type { CoordinatorState, PlanState } from '../state.ts'

type Known = Pick<CoordinatorState, 'setup' | 'durable'>
type Chain = { readonly member: number; readonly block: number }

export const coordinatorsOf = ({ setup }: Pick<Known, 'setup'>) =>
  setup.federation.body.coordinators

/** May this key vote: a coordinator of the federation that was not expelled? */
export const isVoter = (known: Known, key: Uint8Array): boolean =>
  coordinatorsOf(known).some((member) => equals(member.key, key)) &&
  !known.durable.expelled.has(toHex(key))

/** Commits are witnessed wherever there is somebody else to do it. */
export const wantsWitnesses = (known: CoordinatorState): boolean =>
  known.rules.witness && coordinatorsOf(known).length > 1

const isOut = ({ durable }: Known, plan: PlanState, key: Uint8Array): boolean => {
  const name = toHex(key)
  return plan.deposed.has(name) || durable.expelled.has(name)
}

const ranksOf = (known: Known, plan: CID, chain: Chain): readonly Uint8Array[] =>
  rankedOwners(
    coordinatorsOf(known).map(({ key }) => key),
    plan,
    chain
  )

export interface Ownership {
  /** Undefined when nobody is left: its slots wait for their deadline. */
  readonly owner: Uint8Array | undefined
  /** Rank of the owner. */
  readonly term: number
  readonly ranks: readonly Uint8Array[]
}

export function ownershipOf(known: Known, plan: PlanState, chain: Chain): Ownership {
  const ranks = ranksOf(known, plan.cid, chain)
  const first = ranks.findIndex((key) => !isOut(known, plan, key))
  // All were deposed, as partitions that follow each other do: the last in order keeps the chain.
  const isThere = (key: Uint8Array): boolean => !known.durable.expelled.has(toHex(key))
  const term = first === -1 ? ranks.findLastIndex(isThere) : first
  return { owner: ranks[term], term: term === -1 ? ranks.length : term, ranks }
}

export const ownsChain = (known: Known, plan: PlanState, chain: Chain): boolean => {
  const { owner } = ownershipOf(known, plan, chain)
  return owner !== undefined && equals(owner, known.setup.key)
}

/** The others in rank order after the owner; those deposed come last: they may be back. */
export function witnessesOf(known: CoordinatorState, plan: PlanState, chain: Chain) {
  if (!wantsWitnesses(known)) return []
  const { ranks, term } = ownershipOf(known, plan, chain)
  const others = [...ranks.slice(term + 1), ...ranks.slice(0, term)]
  const members = coordinatorsOf(known)
  return others
    .filter((key) => isVoter(known, key))
    .map((key) => ({
      peer: key,
      addresses: members.find((member) => equals(member.key, key))?.addresses ?? []
    }))
}

/** Who proposes and publishes: the receiver of the file, or the next where it is out. */
export function leadOf(known: Known, plan: PlanState): Uint8Array {
  if (!isOut(known, plan, plan.lead)) return plan.lead
  return ownershipOf(known, plan, { member: 0, block: 0 }).owner ?? plan.lead
}
