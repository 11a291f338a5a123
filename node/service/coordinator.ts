/**
 * A coordinator process: the pure core between its ledger, its store and the network. After a
 * crash the ledger is replayed and whatever was in flight is started again.
 */
import { randomBytes } from 'node:crypto'
import { CID } from 'multiformats/cid'
import type { CoordinatorEffect } from '../../coordinator/effect.ts'
import type { CoordinatorEvent } from '../../coordinator/event.ts'
import { decodeFact, encodeFact } from '../../coordinator/fact.ts'
import type { CoordinatorState } from '../../coordinator/state.ts'
import { replay, step } from '../../coordinator/step.ts'
import { plansOf, progressOf } from '../../coordinator/summary.ts'
import { loadKernel } from '../../kernel/kernel.ts'
import { toHex } from '../../protocol/hex.ts'
import { type Keyring, keyringOf } from '../../protocol/signed.ts'
import { tickMs } from '../../protocol/timers.ts'
import { type ControlActions, openControlServer } from '../api/control-server.ts'
import { prepareForecast } from '../forecast/prepare.ts'
import { MeshError } from '../mesh-error.ts'
import type { Net } from '../net/net.ts'
import { builtInKernel } from '../worker/kernel-file.ts'
import { type BareEvent, coordinatorEffects, type Submission } from './coordinator-effects.ts'
import { answerChannels } from './coordinator-inbox.ts'
import { listenToHeads, listenToProofs, listenToPublications } from './gossip.ts'
import { tellEpoch } from './identity/epochs.ts'
import { checkLogs, serveLog } from './log-exchange.ts'
import { type Member, openMember, readEntries } from './member.ts'
import { startReactor } from './reactor.ts'
import type { MemberInit, NodeInit, RunningNode } from './running-node.ts'
import { type WaitingReplies, waitingReplies } from './waiting-replies.ts'

/** Planning a large forecast may wait for many others; the core itself answers at once. */
const SUBMISSION_MS = 60_000

export interface CoordinatorInit extends MemberInit {
  /** Replaces what is signed and said; only the hostile peers of tests do. */
  readonly tamper?: (keyring: Keyring, net: Net) => Keyring
}

interface Core {
  readonly state: CoordinatorState
  readonly submissions: WaitingReplies<Submission>
  readonly post: (event: BareEvent) => void
  stop(): Promise<void>
}

/** The core, replayed from the ledger and connected to the world. */
async function startCore(member: Member, init: CoordinatorInit): Promise<Core> {
  const { federation, secretKey, curve, ledger, log, net, blocks, pool, signal } = member
  const { network } = federation.body
  const ownKeyring = keyringOf(secretKey, network, curve)
  const keyring = init.tamper?.(ownKeyring, net) ?? ownKeyring
  const facts = await readEntries(ledger, decodeFact)
  const state = replay({ federation, key: keyring.key }, facts)
  const replies = waitingReplies<Uint8Array>()
  const submissions = waitingReplies<Submission>(SUBMISSION_MS)
  const post = (event: BareEvent): void => {
    const entropy = new Uint8Array(randomBytes(32))
    reactor.post({ ...event, atMs: Date.now(), entropy } as CoordinatorEvent)
  }
  const kernel = loadKernel(builtInKernel().bytes)
  const { compute } = pool
  const shared = { network, curve, net, blocks, replies, log, post, signal }
  const reactor = startReactor<CoordinatorEvent, CoordinatorEffect>({
    step: (event) => step(state, event, keyring).effects,
    store: async (effects) => {
      const entries = effects.flatMap((effect) => (effect.kind === 'append' ? effect.facts : []))
      if (entries.length > 0) await ledger.append(entries.map(encodeFact))
    },
    perform: coordinatorEffects({ ...shared, federation, kernel, compute, submissions }),
    onDefect: init.onDefect
  })
  post({ kind: 'started', addresses: net.addresses() })
  await answerChannels(shared)
  const gossip = { net, log, curve, federation: federation.body }
  listenToPublications(gossip, (said) => post({ kind: 'publication', said }))
  const logs = { federation: federation.body, curve, keyring, ledger, net, log, signal }
  await serveLog(logs)
  const checkLog = checkLogs(logs)
  listenToHeads(gossip, (said) => {
    post({ kind: 'head', said })
    checkLog(said)
  })
  // Lies of volunteers come directly, too, and are answered once they were checked.
  listenToProofs(gossip, (proof) => {
    if (proof.kind === 'equivocation-proof') post(proof)
  })
  const timer = setInterval(() => post({ kind: 'tick' }), tickMs(federation.body))
  const stopTelling = tellEpoch(member)
  const stop = (): Promise<void> => {
    clearInterval(timer)
    stopTelling()
    return reactor.stop()
  }
  return { state, submissions, post, stop }
}

/** What the user of this coordinator may ask of it. */
function controlActions(member: Member, core: Core, init: NodeInit): ControlActions {
  const { net, blocks, ledger, federation } = member
  const { state, submissions, post } = core
  return {
    status: async () => ({
      role: 'coordinator',
      peer: net.peerId,
      key: toHex(net.key),
      network: federation.body.network,
      peers: net.peerCount(),
      gateway: member.gateway?.url,
      forecasts: plansOf(state).length,
      ledgerEntries: ledger.length,
      draining: state.live.isDraining
    }),
    stop: init.onStop,
    drain: () => post({ kind: 'drain' }),
    submit: async (file) => {
      const kernel = builtInKernel()
      const { signal } = member
      const { block, plan, notes } = await prepareForecast(file, {
        blocks,
        kernel,
        signal,
        home: init.home,
        inputs: blocks
      })
      const place = submissions.open()
      post({ kind: 'plan-submitted', plan, cid: block.cid, replyTo: place.token })
      const { refused } = await place.answer
      if (refused !== undefined) throw new MeshError('plan/refused', `${file}: ${refused}`)
      return { plan: block.cid.toString(), notes }
    },
    forecasts: async () => plansOf(state).map((plan) => progressOf(state, plan)),
    forecast: async (plan) => progressOf(state, CID.parse(plan))
  }
}

/** @throws MeshError config/invalid, store/*, net/port-busy */
export async function openCoordinator(init: CoordinatorInit): Promise<RunningNode> {
  const member = await openMember(init, 'coordinator')
  const { net, log, ledger } = member
  const core = await startCore(member, init)
  const control = await openControlServer(init.home, controlActions(member, core, init))
  log.info('coordinator.started', { addresses: net.addresses(), ledgerEntries: ledger.length })
  return {
    peerId: net.peerId,
    addresses: net.addresses(),
    stop: async () => {
      await control.close()
      await member.stop(core.stop)
    }
  }
}
