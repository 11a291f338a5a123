/**
 * A volunteer process: the pure work core between its records, its store, the kernel pool and the
 * network. After a crash the records are replayed: what was computed is committed or revealed, what
 * was not is computed again.
 */
import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { tickMs } from '../../protocol/timers.ts'
import type { Federation } from '../../protocol/federation.ts'
import { fromHex, toHex } from '../../protocol/hex.ts'
import { MEMORY_PAGES_MAX } from '../../protocol/limits.ts'
import { type Keyring, keyringOf } from '../../protocol/signed.ts'
import { openControlServer } from '../api/control-server.ts'
import { openNet } from '../net/open-net.ts'
import { openHeliaBlocks } from '../store/helia-blocks.ts'
import { type Ledger, openLedger } from '../store/ledger.ts'
import { openLog } from '../telemetry/log.ts'
import { builtInKernel } from '../worker/kernel-file.ts'
import { type ComputeUnit, openKernelPool } from '../worker/kernel-pool.ts'
import type { VolunteerEffect } from '../worker/volunteer/effect.ts'
import type { VolunteerEvent } from '../worker/volunteer/event.ts'
import { decodeRecord, encodeRecord, type VolunteerRecord } from '../worker/volunteer/record.ts'
import type { VolunteerSetup } from '../worker/volunteer/state.ts'
import { replay, step } from '../worker/volunteer/step.ts'
import { readFederation } from './federation-file.ts'
import { admitAnnouncement } from './gossip.ts'
import { ensureHome } from './home.ts'
import { operatorSecret, peerSecret } from './keys.ts'
import { startReactor } from './reactor.ts'
import type { MemberInit, RunningNode } from './running-node.ts'
import { type BareVolunteerEvent, volunteerEffects } from './volunteer-effects.ts'

/** A binding is renewed at every start; a stolen one ends by itself. */
const BINDING_MS = 30 * 86_400_000
/** First guess of our speed; measured after the first unit. */
const PARTICLE_STEPS_PER_SECOND = 2_000_000

export interface VolunteerInit extends MemberInit {
  /** Replaces what is computed and said; only the hostile peers of tests do. */
  readonly tamper?: {
    compute(compute: ComputeUnit): ComputeUnit
    keyring(keyring: Keyring): Keyring
  }
}

async function readRecords(ledger: Ledger): Promise<VolunteerRecord[]> {
  const records: VolunteerRecord[] = []
  for await (const entry of ledger.entries()) records.push(decodeRecord(entry))
  return records
}

/** Who we are to coordinators. */
async function setupOf(
  home: string,
  federation: Federation,
  key: Uint8Array,
  threads: number
): Promise<VolunteerSetup> {
  const operator = keyringOf(await operatorSecret(home), federation.network)
  const binding = operator.sign('binding', {
    kind: 'binding',
    operator: operator.key,
    peer: key,
    expiresAtMs: Date.now() + BINDING_MS
  })
  return {
    federation,
    key,
    operator: operator.key,
    binding,
    slots: threads,
    coreCount: availableParallelism(),
    memoryPagesMax: MEMORY_PAGES_MAX,
    kernels: [builtInKernel().cid],
    particleStepsPerSecond: PARTICLE_STEPS_PER_SECOND
  }
}

/** @throws MeshError config/invalid, store/*, net/port-busy */
export async function openVolunteer(init: VolunteerInit): Promise<RunningNode> {
  const { home, listen, bootstrap } = init
  await ensureHome(home)
  const log = openLog(home, process.env)
  const rootKey = init.rootKey === undefined ? undefined : fromHex(init.rootKey)
  const { body: federation } = await readFederation(init.federation, rootKey)
  const secretKey = await peerSecret(home)
  const ownKeyring = keyringOf(secretKey, federation.network)
  const keyring = init.tamper?.keyring(ownKeyring) ?? ownKeyring
  const setup = await setupOf(home, federation, keyring.key, init.threads)
  const records = await openLedger(join(home, 'records'))
  const state = replay(setup, await readRecords(records))
  const net = await openNet({
    secretKey,
    home,
    bootstrap,
    role: 'volunteer',
    log: log.debug,
    ...(listen === undefined ? {} : { listen })
  })
  const blocks = await openHeliaBlocks(net, join(home, 'blocks'))
  const pool = openKernelPool({ threads: init.threads, blocks })
  const compute = init.tamper?.compute(pool.compute) ?? pool.compute
  const stopping = new AbortController()

  const post = (event: BareVolunteerEvent): void => {
    const entropy = new Uint8Array(randomBytes(32))
    reactor.post({ ...event, atMs: Date.now(), entropy } as VolunteerEvent)
  }
  const { network } = federation
  const { perform, status } = volunteerEffects({
    network,
    net,
    blocks,
    compute,
    log,
    post,
    signal: stopping.signal
  })
  const reactor = startReactor<VolunteerEvent, VolunteerEffect>({
    step: (event) => step(state, event, keyring).effects,
    store: async (effects) => {
      const entries = effects.flatMap((e) => (e.kind === 'persist' ? e.records : []))
      if (entries.length > 0) await records.append(entries.map(encodeRecord))
    },
    perform,
    onDefect: init.onDefect
  })
  net.listen('announce', admitAnnouncement(federation), (said) =>
    post({ kind: 'announcement', said })
  )
  post({ kind: 'started' })
  const timer = setInterval(() => post({ kind: 'tick' }), tickMs(federation))
  const control = await openControlServer(home, {
    status: async () => ({
      role: 'volunteer',
      peer: net.peerId,
      operator: toHex(setup.operator),
      network,
      peers: net.peerCount(),
      ...status()
    }),
    stop: init.onStop
  })
  log.info('volunteer.started', { addresses: net.addresses(), operator: toHex(setup.operator) })
  return {
    peerId: net.peerId,
    addresses: net.addresses(),
    stop: async () => {
      clearInterval(timer)
      await control.close()
      stopping.abort()
      await reactor.stop()
      await pool.stop()
      await blocks.stop()
      await net.stop()
      await records.close()
    }
  }
}
