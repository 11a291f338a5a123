/**
 * A volunteer process: the pure work core between its records, its store, the kernel pool and the
 * network. After a crash the records are replayed: what was computed is committed or revealed, what
 * was not is computed again.
 */
import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { toBlock } from '../../protocol/canonical.ts'
import type { Federation } from '../../protocol/federation.ts'
import { toHex } from '../../protocol/hex.ts'
import { MEMORY_PAGES_MAX } from '../../protocol/limits.ts'
import { type Keyring, keyringOf } from '../../protocol/signed.ts'
import { tickMs } from '../../protocol/timers.ts'
import type { WorkUnit } from '../../protocol/work-unit.ts'
import { type ControlActions, openControlServer } from '../api/control-server.ts'
import { reasonOf } from '../mesh-error.ts'
import { openRecords } from '../store/records.ts'
import { resumable } from '../worker/checkpoints.ts'
import { type MemoryBudget, memoryBudget } from '../worker/effort/caps.ts'
import { keepStates } from '../worker/kept-states.ts'
import { builtInKernel } from '../worker/kernel-file.ts'
import { type ComputeUnit, WALL_MS_PER_UNIT } from '../worker/kernel-pool.ts'
import type { VolunteerEffect } from '../worker/volunteer/effect.ts'
import type { VolunteerEvent } from '../worker/volunteer/event.ts'
import { decodeRecord, encodeRecord } from '../worker/volunteer/record.ts'
import { summaryOf, type VolunteerSetup, type VolunteerSummary } from '../worker/volunteer/state.ts'
import { replay, step } from '../worker/volunteer/step.ts'
import { certificateOf, contributionOf } from './contribution/certificate.ts'
import { receiptsOf } from './contribution/receipts.ts'
import type { EffortSettings, Governor } from './effort/governor.ts'
import { openEffort, unlimited } from './effort/open-effort.ts'
import { listenToAnnouncements } from './gossip.ts'
import { operatorSecret } from './identity/keys.ts'
import { operatorAdmission } from './identity/operator-admission.ts'
import { type Member, openMember, readEntries } from './member.ts'
import { startReactor } from './reactor.ts'
import type { MemberInit, RunningNode } from './running-node.ts'
import {
  type BareVolunteerEvent,
  hearDirectives,
  type VolunteerStatus,
  volunteerEffects
} from './volunteer-effects.ts'

/** A binding is renewed at every start; a stolen one ends by itself. */
const BINDING_MS = 30 * 86_400_000
/** First guess of our speed; measured after the first unit. */
const PARTICLE_STEPS_PER_SECOND = 2_000_000
/** What a unit can do to this machine at most: status shows it. */
const UNIT_LIMITS = { wallMs: WALL_MS_PER_UNIT, imports: 'none' } as const

export interface VolunteerInit extends MemberInit {
  /** Out of reach for so long at a time: leases last at least that. */
  readonly offlineMs?: number
  /** What of the machine is given, and when; all that `threads` allow where absent. */
  readonly effort?: EffortSettings
  /** Replaces what is computed and said; only the hostile peers of tests do. */
  readonly tamper?: {
    compute(compute: ComputeUnit): ComputeUnit
    keyring(keyring: Keyring): Keyring
  }
}

/** Of a volunteer without caps units get what they may have at all. */
const budgetOf = ({ caps }: VolunteerInit): Partial<MemoryBudget> & { pagesPerUnit: number } =>
  caps === undefined ? { pagesPerUnit: MEMORY_PAGES_MAX } : memoryBudget(caps, MEMORY_PAGES_MAX)

/** Who we are to coordinators. */
async function setupOf(
  init: VolunteerInit,
  federation: Federation,
  key: Uint8Array,
  signal: AbortSignal
): Promise<VolunteerSetup> {
  const operator = keyringOf(await operatorSecret(init.home), federation.network)
  const binding = operator.sign('binding', {
    kind: 'binding',
    operator: operator.key,
    peer: key,
    expiresAtMs: Date.now() + BINDING_MS
  })
  const admission = await operatorAdmission(init.home, operator, federation, signal)
  return {
    federation,
    key,
    operator: operator.key,
    binding,
    ...(admission === undefined ? {} : { admission }),
    slots: init.threads,
    coreCount: availableParallelism(),
    memoryPagesMax: budgetOf(init).pagesPerUnit,
    kernels: [builtInKernel().cid],
    ...(init.offlineMs === undefined ? {} : { offlineMs: init.offlineMs }),
    particleStepsPerSecond: PARTICLE_STEPS_PER_SECOND
  }
}

/** Connections to coordinators before there is work; the others are met when they have some. */
const COORDINATORS_MET_MAX = 4

/** So that the first question of a new forecast need not search for whom to ask. */
function meetCoordinators({ federation, net, log, signal }: Member): void {
  for (const { key, addresses } of federation.body.coordinators.slice(0, COORDINATORS_MET_MAX)) {
    net.connect(key, addresses, signal).catch((error: unknown) => {
      log.debug('coordinator.not-met', { reason: reasonOf(error) })
    })
  }
}

interface Core {
  readonly operator: Uint8Array
  readonly status: () => VolunteerStatus & VolunteerSummary
  readonly governor: Governor
  stop(): Promise<void>
}

/** The core, replayed from its records and connected to the world. */
async function startCore(member: Member, init: VolunteerInit): Promise<Core> {
  const { federation, secretKey, curve, ledger, log, net, blocks, pool, signal } = member
  const { network } = federation.body
  const ownKeyring = keyringOf(secretKey, network, curve)
  const keyring = init.tamper?.keyring(ownKeyring) ?? ownKeyring
  const keyOf = (unit: WorkUnit): string => toBlock(unit).cid.toString()
  const states = keepStates(pool.compute, keyOf, blocks, budgetOf(init).keptBytes)
  const records = await openRecords(join(init.home, 'checkpoints'))
  const nowMs = (): number => performance.now()
  const saved = await resumable(states.compute, { records, blocks, keyOf, nowMs })
  const compute = init.tamper?.compute(saved.compute) ?? saved.compute
  const setup = await setupOf(init, federation.body, keyring.key, signal)
  const state = replay(setup, await readEntries(ledger, decodeRecord))
  const post = (event: BareVolunteerEvent): void => {
    const entropy = new Uint8Array(randomBytes(32))
    reactor.post({ ...event, atMs: Date.now(), entropy } as VolunteerEvent)
  }
  // Coordinators that attest a verdict come after it: the budget decides what goes when.
  blocks.serveAlso(states.find)
  const { forget } = saved
  const openState = states.open
  const shared = { network, curve, net, blocks, compute, forget, openState, log, post, signal }
  const { perform, status } = volunteerEffects(shared)
  let governor: Governor | undefined
  const reactor = startReactor<VolunteerEvent, VolunteerEffect>({
    step: (event) => step(state, event, keyring).effects,
    store: async (effects) => {
      const entries = effects.flatMap((e) => (e.kind === 'persist' ? e.records : []))
      if (entries.length > 0) await ledger.append(entries.map(encodeRecord))
    },
    perform: (effect) => {
      if (effect.kind === 'note') governor?.hear(effect.name, effect.fields)
      perform(effect)
    },
    onDefect: init.onDefect
  })
  post({ kind: 'started' })
  const governed = await openEffort({
    home: init.home,
    settings: init.effort ?? unlimited(init.threads),
    setPace: pool.setPace,
    setSlots: (count) => post({ kind: 'slots', count }),
    outside: () => {
      const { computing, awaiting } = summaryOf(state)
      return { computing, awaiting, peers: net.peerCount(), owners: state.live.owners.size }
    },
    onFinished: init.onStop
  })
  governor = governed
  await hearDirectives(shared)
  meetCoordinators(member)
  listenToAnnouncements({ net, log, curve, federation: federation.body }, (said) =>
    post({ kind: 'announcement', said })
  )
  const timer = setInterval(() => post({ kind: 'tick' }), tickMs(federation.body))
  const stop = async (): Promise<void> => {
    clearInterval(timer)
    governed.stop()
    await reactor.stop()
    await records.close()
  }
  return {
    operator: setup.operator,
    status: () => ({ ...summaryOf(state), ...status() }),
    governor: governed,
    stop
  }
}

/** What the user of this volunteer may ask of it. */
function volunteerActions(member: Member, core: Core, init: VolunteerInit): ControlActions {
  const { net, ledger, federation } = member
  const { governor, operator } = core
  const settings = init.effort ?? unlimited(init.threads)
  return {
    status: async () => ({
      role: 'volunteer',
      ...governor.why(),
      peer: net.peerId,
      operator: toHex(operator),
      network: federation.body.network,
      peers: net.peerCount(),
      gateway: member.gateway?.url,
      ...core.status(),
      effort: settings.effort,
      caps: settings.caps,
      unitLimits: { ...UNIT_LIMITS, memoryBytes: budgetOf(init).pagesPerUnit * 65_536 },
      used: {
        memoryBytes: process.memoryUsage.rss(),
        inputBytes: member.inputCount().bytes,
        ...net.traffic()
      }
    }),
    stop: init.onStop,
    pause: governor.pause,
    resume: governor.resume,
    drain: governor.finish,
    contributions: async () => {
      const receipts = await receiptsOf(ledger)
      const { contribution } = contributionOf(federation, operator, receipts, member.curve)
      const certificate = certificateOf(federation.envelope, operator, receipts)
      return { contribution, certificate }
    }
  }
}

/** @throws MeshError config/invalid, store/*, net/port-busy */
export async function openVolunteer(init: VolunteerInit): Promise<RunningNode> {
  const member = await openMember(init, 'volunteer')
  const { net, log } = member
  const core = await startCore(member, init)
  const control = await openControlServer(init.home, volunteerActions(member, core, init))
  log.info('volunteer.started', { addresses: net.addresses(), operator: toHex(core.operator) })
  return {
    peerId: net.peerId,
    addresses: net.addresses(),
    stop: async () => {
      await control.close()
      await member.stop(core.stop)
    }
  }
}
