/**
 * Provider records: `provide` resolves when another peer holds the record. kad-dht alone would
 * call it done with an empty routing table and nobody told.
 */
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
    while (!deadline.signal.aborted) {
      if (await isTaken(host, cid, deadline.signal)) return
      await pause(RETRY_MS, deadline.signal)
    }
    signal.throwIfAborted()
    throw new MeshError('net/unreachable', `no peer took the provider record of ${cid}`, {
      detail: { cid: cid.toString() },
      retryable: true
    })
  } finally {
    deadline.clear()
  }
}

async function isTaken(host: Host, cid: CID, signal: AbortSignal): Promise<boolean> {
  let takers = 0
  try {
    for await (const event of host.services.dht.provide(cid, { signal })) {
      // a peer's answer to ADD_PROVIDER carries no peers; one to the walk before it does
      if (event.name === 'PEER_RESPONSE' && event.messageName === 'ADD_PROVIDER') takers += 1
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
  return takers > 0
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
  })
