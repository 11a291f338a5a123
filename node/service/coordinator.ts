/**
 * A coordinator process: the pure core between its ledger, its store and the network. After a
 * crash the ledger is replayed and whatever was in flight is started again.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { CID } from 'multiformats/cid'
import type { CoordinatorEffect } from '../../coordinator/effect.ts'
import type { CoordinatorEvent } from '../../coordinator/event.ts'
import { decodeFact, encodeFact, type Fact } from '../../coordinator/fact.ts'
import { replay, step } from '../../coordinator/step.ts'
import { plansOf, progressOf } from '../../coordinator/summary.ts'
import { tickMs } from '../../protocol/timers.ts'
import { loadKernel } from '../../kernel/kernel.ts'
import { fromHex, toHex } from '../../protocol/hex.ts'
import { keyringOf } from '../../protocol/signed.ts'
import { openControlServer } from '../api/control-server.ts'
import { prepareForecast } from '../forecast/prepare.ts'
import { MeshError } from '../mesh-error.ts'
import { openNet } from '../net/open-net.ts'
import { openHeliaBlocks } from '../store/helia-blocks.ts'
import { type Ledger, openLedger } from '../store/ledger.ts'
import { openLog } from '../telemetry/log.ts'
import { builtInKernel } from '../worker/kernel-file.ts'
import { openKernelPool } from '../worker/kernel-pool.ts'
import { type BareEvent, coordinatorEffects, type Submission } from './coordinator-effects.ts'
import { answerChannels } from './coordinator-inbox.ts'
import { readFederation } from './federation-file.ts'
import { admitPublication } from './gossip.ts'
import { ensureHome } from './home.ts'
import { peerSecret } from './keys.ts'
import { startReactor } from './reactor.ts'
import type { MemberInit, RunningNode } from './running-node.ts'
import { waitingReplies } from './waiting-replies.ts'

async function readFacts(ledger: Ledger): Promise<Fact[]> {
  const facts: Fact[] = []
  for await (const entry of ledger.entries()) facts.push(decodeFact(entry))
  return facts
}

const factsOf = (effects: readonly CoordinatorEffect[]): Fact[] =>
  effects.flatMap((effect) => (effect.kind === 'append' ? effect.facts : []))

/** @throws MeshError config/invalid, store/*, net/port-busy */
export async function openCoordinator(init: MemberInit): Promise<RunningNode> {
  const { home, listen, bootstrap } = init
  await ensureHome(home)
  const log = openLog(home, process.env)
  const rootKey = init.rootKey === undefined ? undefined : fromHex(init.rootKey)
  const federation = await readFederation(init.federation, rootKey)
  const { network } = federation.body
  const secretKey = await peerSecret(home)
  const keyring = keyringOf(secretKey, network)
  const ledger = await openLedger(join(home, 'ledger'))
  const state = replay({ federation, key: keyring.key }, await readFacts(ledger))
  const net = await openNet({
    secretKey,
    home,
    bootstrap,
    role: 'coordinator',
    log: log.debug,
    ...(listen === undefined ? {} : { listen })
  })
  const blocks = await openHeliaBlocks(net, join(home, 'blocks'))
  const builtIn = builtInKernel()
  const pool = openKernelPool({ threads: init.threads, blocks })
  const stopping = new AbortController()
  const replies = waitingReplies<Uint8Array>()
  const submissions = waitingReplies<Submission>()

  const post = (event: BareEvent): void => {
    const entropy = new Uint8Array(randomBytes(32))
    reactor.post({ ...event, atMs: Date.now(), entropy } as CoordinatorEvent)
  }
  const perform = coordinatorEffects({
    federation,
    net,
    blocks,
    kernel: loadKernel(builtIn.bytes),
    compute: pool.compute,
    replies,
    submissions,
    log,
    post,
    signal: stopping.signal
  })
  const reactor = startReactor<CoordinatorEvent, CoordinatorEffect>({
    step: (event) => step(state, event, keyring).effects,
    store: async (effects) => {
      const facts = factsOf(effects)
      if (facts.length > 0) await ledger.append(facts.map(encodeFact))
    },
    perform,
    onDefect: init.onDefect
  })

  answerChannels({ network, net, blocks, replies, log, post, signal: stopping.signal })
  net.listen('forecast', admitPublication(federation.body), (said) =>
    post({ kind: 'publication', said })
  )
  post({ kind: 'started', addresses: net.addresses() })
  const timer = setInterval(() => post({ kind: 'tick' }), tickMs(federation.body))

  const submit = async (file: string): Promise<{ plan: string; notes: readonly string[] }> => {
    const { block, plan, notes } = await prepareForecast(file, { blocks, kernel: builtIn })
    const place = submissions.open()
    post({ kind: 'plan-submitted', plan, cid: block.cid, replyTo: place.token })
    const { refused } = await place.answer
    if (refused !== undefined) throw new MeshError('plan/refused', `${file}: ${refused}`)
    return { plan: block.cid.toString(), notes }
  }
  const control = await openControlServer(home, {
    status: async () => ({
      role: 'coordinator',
      peer: net.peerId,
      key: toHex(keyring.key),
      network,
      peers: net.peerCount(),
      forecasts: plansOf(state).length,
      ledgerEntries: ledger.length
    }),
    stop: init.onStop,
    submit,
    forecasts: async () => plansOf(state).map((plan) => progressOf(state, plan)),
    forecast: async (plan) => progressOf(state, CID.parse(plan))
  })
  log.info('coordinator.started', { addresses: net.addresses(), ledgerEntries: ledger.length })
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
      await ledger.close()
    }
  }
}
