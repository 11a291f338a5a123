/**
 * Provider records: `provide` resolves when another peer holds the record. kad-dht alone would
 * call it done with an empty routing table and nobody told.
 */
import { setTimeout } from 'node:timers/promises'
import type { CID } from 'multiformats/cid'
import { MeshError } from '../mesh-error.ts'
import { startDeadline } from './deadline.ts'
import type { Host } from './host.ts'

/** Long enough for a node that has just started to meet its first peers. */
const PROVIDE_MS = 30_000
/** Between attempts while there is nobody to tell. */
const RETRY_MS = 250

/** @throws MeshError `net/unreachable` when nobody took the record; the signal's reason */
export async function provideRoot(host: Host, cid: CID, signal: AbortSignal): Promise<void> {
  const deadline = startDeadline(PROVIDE_MS, signal)
  try {
    while (!(await isTaken(host, cid, deadline.signal))) {
      await setTimeout(RETRY_MS, undefined, { signal: deadline.signal })
    }
  } catch (cause) {
    signal.throwIfAborted()
    if (!deadline.isPast()) throw cause
    throw new MeshError('net/unreachable', `no peer took the provider record of ${cid}`, {
      cause,
      detail: { cid: cid.toString() },
      retryable: true
    })
  } finally {
    deadline.clear()
  }
}

async function isTaken(host: Host, cid: CID, signal: AbortSignal): Promise<boolean> {
  let takers = 0
  for await (const event of host.services.dht.provide(cid, { signal })) {
    // the walk before it answers with PEER_RESPONSE too, but of FIND_NODE
    if (event.name === 'PEER_RESPONSE' && event.messageName === 'ADD_PROVIDER') takers += 1
  }
  return takers > 0
}
