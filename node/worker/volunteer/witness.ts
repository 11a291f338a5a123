/**
 * Before a commit goes to the owner of the slot a witness seals its digest, so that the owner can
 * neither show nor change it: the first coordinator of the grant's order that answers.
 */
import { equals } from 'uint8arrays/equals'
import { cborCid } from '../../../protocol/canonical.ts'
import type { LeaseAnswer } from '../../../protocol/inbound.ts'
import type { Witnessing } from '../../../protocol/message/result.ts'
import type { Talk, Work } from './state.ts'
import { ask, backoffMs, note, record, type Turn } from './turn.ts'

/** Names the exchanges with witnesses; those with the owner are named by the lease alone. */
const ABOUT = 'witness:'

/** Does the commit still need a witness? */
export const wantsWitness = ({ grant, witness }: Work): boolean =>
  grant.witnesses.length > 0 && witness === undefined

/** Asks the witness whose turn it is. */
export function askWitness(turn: Turn, work: Work, talk: Talk, digest: Uint8Array): void {
  const { witnesses } = work.grant
  const witness = witnesses[talk.witnessesTried % witnesses.length]
  if (witness === undefined) throw new Error('defect: no witness to ask')
  const body = { kind: 'witness-request' as const, grant: work.envelope, digest, atMs: turn.atMs }
  const envelope = turn.keyring.sign('witness-request', body)
  ask(turn, witness.peer, `${ABOUT}${work.lease}`, 'result', envelope)
}

const find = (turn: Turn, exchange: string): { work: Work; talk: Talk } | undefined => {
  const [about = ''] = exchange.split(' ')
  if (!about.startsWith(ABOUT)) return undefined
  const work = turn.state.durable.works.get(about.slice(ABOUT.length))
  const talk = work === undefined ? undefined : turn.state.live.talks.get(work.lease)
  return work === undefined || talk === undefined ? undefined : { work, talk }
}

/** Is it about our lease, by a witness that the owner named, of the digest we sent? */
function isOurs(work: Work, signer: Uint8Array, body: Witnessing, digest: Uint8Array): boolean {
  const { lease, operator, peer, witnesses, unit } = work.grant
  return (
    equals(body.lease, lease) &&
    equals(body.operator, operator) &&
    equals(body.peer, peer) &&
    equals(body.owner, work.owner) &&
    equals(body.digest, digest) &&
    body.unit.equals(cborCid(unit)) &&
    witnesses.some((witness) => equals(witness.peer, signer))
  )
}

/** A witness answered, or `undefined`: it did not. @returns was the exchange with a witness? */
export function onWitnessAnswer(
  turn: Turn,
  exchange: string,
  answer: LeaseAnswer | undefined,
  digestOf: (work: Work) => Uint8Array
): 'elsewhere' | 'taken' | { readonly stale: Work } {
  if (!exchange.startsWith(ABOUT)) return 'elsewhere'
  const found = find(turn, exchange)
  if (found === undefined || !wantsWitness(found.work)) return 'taken'
  const { work, talk } = found
  talk.outstanding = Math.max(0, talk.outstanding - 1)
  const said = answer?.said
  if (answer?.kind === 'witnessing' && said !== undefined) {
    if (isOurs(work, said.signer, answer.said.body, digestOf(work))) {
      record(turn, { kind: 'witnessed', lease: work.grant.lease, witness: said.envelope })
      note(turn, 'commit.witnessed', { lease: work.lease })
      talk.failures = 0
      talk.dueAtMs = turn.atMs
      return 'taken'
    }
  }
  if (answer?.kind === 'refusal' && answer.said.body.reason === 'stale-term') {
    return { stale: work }
  }
  talk.witnessesTried += 1
  talk.failures += 1
  const round = Math.ceil(talk.witnessesTried / work.grant.witnesses.length)
  const isNewRound = talk.witnessesTried % work.grant.witnesses.length === 0
  talk.dueAtMs = isNewRound ? turn.atMs + backoffMs(turn.state.timers.resendMs, round) : turn.atMs
  return 'taken'
}
