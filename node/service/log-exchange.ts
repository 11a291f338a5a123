/**
 * `/driftmesh/log/1`: coordinators show each other entries of their logs. Now and then one asks for
 * what lies between two heads of another and checks that the entries lead from one to the other: a
 * log that was written anew does not.
 */
import { hash } from 'node:crypto'
import { concat } from 'uint8arrays/concat'
import { equals } from 'uint8arrays/equals'
import type { Federation } from '../../protocol/federation.ts'
import { toHex } from '../../protocol/hex.ts'
import { FRAME_BYTES_MAX, LOG_ENTRIES_MAX } from '../../protocol/limits.ts'
import type { Head, LogEntries } from '../../protocol/message/watch.ts'
import { type Authentic, type Curve, type Keyring, openStatement } from '../../protocol/signed.ts'
import { scaledTimers } from '../../protocol/timers.ts'
import { reasonOf } from '../mesh-error.ts'
import type { Net } from '../net/net.ts'
import type { Ledger } from '../store/ledger.ts'
import type { Log } from '../telemetry/log.ts'

/** Room in a frame for the envelope around the entries. */
const FRAME_ROOM_BYTES = 64 * 1024

export interface LogDeps {
  readonly federation: Federation
  readonly curve: Curve
  readonly keyring: Keyring
  readonly ledger: Pick<Ledger, 'read'>
  readonly net: Pick<Net, 'handle' | 'request'>
  readonly log: Log
  readonly signal: AbortSignal
}

const isMember = (federation: Federation, key: Uint8Array): boolean =>
  federation.coordinators.some((member) => equals(member.key, key))

/** As many entries as fit a frame. */
function fitting(entries: readonly Uint8Array[]): Uint8Array[] {
  let bytes = FRAME_ROOM_BYTES
  return entries.filter((entry) => {
    bytes += entry.length + 5
    return bytes <= FRAME_BYTES_MAX
  })
}

/** Do these entries lead from one head to the other? */
export function leadsTo({ before, entries }: LogEntries, from: Head, to: Head): boolean {
  const end = entries.reduce<Uint8Array>(
    (head, entry) => hash('sha256', concat([head, entry]), 'buffer'),
    before
  )
  return equals(before, from.head) && equals(end, to.head)
}

/** Answers members of the federation until the net stops. */
export async function serveLog({
  federation,
  curve,
  keyring,
  ledger,
  net
}: LogDeps): Promise<void> {
  await net.handle('log', async (frame, from) => {
    const { body, signer } = openStatement('log-request', federation.network, frame, curve)
    if (!equals(signer, from) || !isMember(federation, from)) {
      throw new RangeError('the log is for coordinators')
    }
    const to = Math.min(body.to, body.from + LOG_ENTRIES_MAX)
    const { before, entries } = await ledger.read(body.from, to)
    const answer = { from: body.from, before, entries: fitting(entries) }
    return keyring.sign('log-entries', { kind: 'log-entries', ...answer })
  })
}

/** @returns what to do with every head of another coordinator */
export function checkLogs(deps: LogDeps): (head: Authentic<Head>) => void {
  const { federation, curve, keyring, net, log, signal } = deps
  const { leaseMinMs } = scaledTimers(federation)
  const last = new Map<string, { readonly head: Head; readonly checkedAtMs: number }>()

  const check = async (coordinator: Uint8Array, from: Head, to: Head): Promise<void> => {
    const range = { kind: 'log-request' as const, from: from.length, to: to.length }
    const frame = await net.request(coordinator, 'log', keyring.sign('log-request', range), {
      signal
    })
    const { body, signer } = openStatement('log-entries', federation.network, frame, curve)
    if (!equals(signer, coordinator)) throw new RangeError('signed by another')
    const about = { coordinator: toHex(coordinator), entries: body.entries.length }
    // What did not fit a frame is not checked this time.
    if (body.entries.length < to.length - from.length) return
    if (leadsTo(body, from, to)) log.debug('log.checked', about)
    else log.error('log.differs', about)
  }

  return ({ body: head, signer }) => {
    const name = toHex(signer)
    const known = last.get(name)
    if (equals(signer, keyring.key) || (known && head.length < known.head.length)) return
    const nowMs = performance.now()
    const count = known === undefined ? 0 : head.length - known.head.length
    const isDue = known === undefined || nowMs - known.checkedAtMs > leaseMinMs
    if (known === undefined || !isDue || count === 0 || count > LOG_ENTRIES_MAX) {
      last.set(name, { head, checkedAtMs: known?.checkedAtMs ?? 0 })
      return
    }
    last.set(name, { head, checkedAtMs: nowMs })
    check(signer, known.head, head).catch((error: unknown) =>
      log.debug('log.unanswered', { coordinator: name, reason: reasonOf(error) })
    )
  }
}
