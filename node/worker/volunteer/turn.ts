/**
 * One step of a volunteer under way: records are applied at once and stored before anything else.
 */
import type { CID } from 'multiformats/cid'
import { equals } from 'uint8arrays/equals'
import { cborCid, decode } from '../../../protocol/canonical.ts'
import { toHex } from '../../../protocol/hex.ts'
import { bodyOf, claimsOf, type Keyring } from '../../../protocol/signed.ts'
import { workUnit } from '../../../protocol/work-unit.ts'
import type { VolunteerEffect, VolunteerNoteName } from './effect.ts'
import type { VolunteerRecord } from './record.ts'
import type { VolunteerState, Work } from './state.ts'

export interface Turn {
  readonly state: VolunteerState
  readonly keyring: Keyring
  readonly atMs: number
  readonly entropy: Uint8Array
  readonly records: VolunteerRecord[]
  readonly effects: VolunteerEffect[]
}

/** Results of units that were not decided: a few hundred bytes each. */
const FINISHED_MAX = 256

/** The owner is gone, the result is not: it is offered to the next owner at once. */
function keep({ finished }: VolunteerState['durable'], { grant, computed }: Work): void {
  if (computed === undefined) return
  const { result, traceRoot, fuel } = computed
  const unit = cborCid(grant.unit).toString()
  finished.delete(unit)
  finished.set(unit, { result, traceRoot, fuel })
  const oldest = finished.keys().next()
  if (finished.size > FINISHED_MAX && !oldest.done) finished.delete(oldest.value)
}

/** Forcings and states told to coordinators: as many as a request holds. */
const CACHED_MAX = 64

/** Their tiles are in the cache now, those of the longest unused perhaps no more. */
function use({ lately }: VolunteerState['durable'], ...links: readonly (CID | undefined)[]): void {
  for (const link of links) {
    if (link === undefined) continue
    lately.delete(link.toString())
    lately.set(link.toString(), link)
    const oldest = lately.keys().next()
    if (lately.size > CACHED_MAX && !oldest.done) lately.delete(oldest.value)
  }
}

/** Changes `state.durable` as the record says, live and on replay alike. */
export function apply({ durable }: VolunteerState, record: VolunteerRecord): void {
  const lease = toHex(record.lease)
  if (record.kind === 'leased') {
    const grant = bodyOf('lease-grant', record.grant)
    const unit = decode(workUnit, grant.unit)
    const owner = claimsOf('lease-grant', record.grant).signer
    durable.works.set(lease, { lease, owner, grant, unit, envelope: record.grant })
    return
  }
  const work = durable.works.get(lease)
  if (work === undefined) throw new Error(`defect: lease ${lease} is not known`)
  if (record.kind === 'computed') {
    const { result, traceRoot, fuel, salt } = record
    work.computed = { result, traceRoot, fuel, salt }
    use(durable, work.unit.state, record.state, work.unit.forcing)
    return
  }
  if (record.kind === 'witnessed') {
    work.witness = record.witness
    return
  }
  durable.works.delete(lease)
  if (work.computed !== undefined && record.verdict === undefined) keep(durable, work)
  durable.outcomes[record.outcome] += 1
  if (record.outcome === 'verified') durable.fuelVerified += work.computed?.fuel ?? 0
}

export function record(turn: Turn, entry: VolunteerRecord): void {
  apply(turn.state, entry)
  turn.records.push(entry)
}

export function act(turn: Turn, effect: Exclude<VolunteerEffect, { kind: 'persist' }>): void {
  turn.effects.push(effect)
}

export const note = (
  turn: Turn,
  name: VolunteerNoteName,
  fields: Readonly<Record<string, string | number | boolean>>
): void => act(turn, { kind: 'note', name, fields })

/** Sends an envelope about something (a lease) and returns the name of the exchange. */
export function ask(
  turn: Turn,
  to: Uint8Array,
  about: string,
  channel: 'lease' | 'result',
  envelope: Uint8Array
): string {
  const { live, setup } = turn.state
  live.exchanges += 1
  const exchange = `${about} ${live.exchanges}`
  const found = setup.federation.coordinators.find(({ key }) => equals(key, to))
  act(turn, { kind: 'ask', exchange, to, addresses: found?.addresses ?? [], channel, envelope })
  return exchange
}

/** Waiting time after this many failures in a row: doubled each time, up to 32 times the first. */
const BACKOFF_DOUBLINGS_MAX = 5

export const backoffMs = (firstMs: number, failures: number): number =>
  firstMs * 2 ** Math.min(Math.max(failures - 1, 0), BACKOFF_DOUBLINGS_MAX)
