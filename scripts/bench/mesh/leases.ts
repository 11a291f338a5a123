/**
 * Leases granted per second by one coordinator: its real core, with every signature checked and
 * made, behind the reactor that its process runs, on a real ledger that is synced to disk.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CoordinatorEffect } from '../../../coordinator/effect.ts'
import type { CoordinatorEvent } from '../../../coordinator/event.ts'
import { encodeFact } from '../../../coordinator/fact.ts'
import { replay, step } from '../../../coordinator/step.ts'
import { makeFederation } from '../../../node/service/federation-file.ts'
import { openNativeCurve } from '../../../node/service/identity/native-curve.ts'
import { startReactor } from '../../../node/service/reactor.ts'
import { openLedger } from '../../../node/store/ledger.ts'
import { builtInKernel } from '../../../node/worker/kernel-file.ts'
import { toBlock } from '../../../protocol/canonical.ts'
import { openInbound } from '../../../protocol/inbound.ts'
import { claimedKind, keyringOf, openFederation } from '../../../protocol/signed.ts'
import { smallPlan } from '../../../test/fixtures/plans/small-plan.ts'
import { timed } from './processor.ts'

const NETWORK = 'bench'
/** Newcomers may have two leases each. */
const LEASES_EACH = 2
/** Requests that wait for their answer at the same time, as with as many volunteers. */
const UNDER_WAY = 64
const curve = openNativeCurve()
const { cid: kernel } = builtInKernel()
let keys = 0

/** A key of its own for everybody. */
function freshKeyring() {
  keys += 1
  const secret = new Uint8Array(32).fill(9)
  new DataView(secret.buffer).setUint32(0, keys)
  return { secret, keyring: keyringOf(secret, NETWORK, curve) }
}

/** Signed requests of that many volunteers, each of an operator of its own. */
function requestsOf(count: number): Uint8Array[] {
  return Array.from({ length: count / LEASES_EACH }, () => {
    const [operator, peer] = [freshKeyring().keyring, freshKeyring().keyring]
    const expiresAtMs = Date.now() + 86_400_000
    const bound = { operator: operator.key, peer: peer.key, expiresAtMs }
    const binding = operator.sign('binding', { kind: 'binding', ...bound })
    return Array.from({ length: LEASES_EACH }, (_, index) =>
      peer.sign('lease-request', {
        kind: 'lease-request',
        request: peer.key.map((byte) => byte ^ index),
        binding,
        coreCount: 2,
        memoryPagesMax: 16_384,
        particleStepsPerSecond: 2_000_000,
        kernels: [kernel],
        cached: [],
        atMs: Date.now()
      })
    )
  }).flat()
}

export interface LeaseRate {
  readonly leases: number
  readonly cpuMsEach: number
  readonly perSecond: number
}

/** @throws Error when a request is not granted: then it is no measurement */
export async function leaseRate(leases: number, coordinators = 2): Promise<LeaseRate> {
  const dir = await mkdtemp(join(tmpdir(), 'driftmesh-bench-'))
  const members = Array.from({ length: coordinators }, freshKeyring)
  const root = freshKeyring()
  const federation = openFederation(
    makeFederation({
      network: NETWORK,
      coordinators: members.map(({ keyring }) => ({
        key: keyring.key,
        institution: 'Bench',
        addresses: []
      })),
      timeScale: 1,
      // what newcomers pay is paid before they ask
      admissionBits: 0,
      rootSecrets: [root.secret]
    })
  )
  const [own] = members
  if (own === undefined) throw new RangeError('a coordinator at least')
  const ledger = await openLedger(join(dir, 'ledger'))
  const state = replay({ federation, key: own.keyring.key }, [])
  const waiting = new Map<string, (frame: Uint8Array) => void>()
  const entropyOf = (number: number): Uint8Array => {
    const entropy = new Uint8Array(32).fill(number & 255)
    new DataView(entropy.buffer).setUint32(0, number * 2_654_435_761)
    return entropy
  }
  let events = 0
  const post = (event: object): void => {
    events += 1
    const occasion = { atMs: Date.now(), entropy: entropyOf(events) }
    reactor.post({ ...event, ...occasion } as CoordinatorEvent)
  }
  const reactor = startReactor<CoordinatorEvent, CoordinatorEffect>({
    step: (event) => step(state, event, own.keyring).effects,
    store: async (effects) => {
      const facts = effects.flatMap((effect) => (effect.kind === 'append' ? effect.facts : []))
      await ledger.append(facts.map(encodeFact))
    },
    perform: (effect) => {
      if (effect.kind === 'reply') waiting.get(effect.replyTo)?.(effect.envelope)
    },
    onDefect: (error) => {
      throw error
    }
  })
  const ask = (frame: Uint8Array): Promise<Uint8Array> =>
    new Promise((resolve) => {
      const replyTo = String(waiting.size)
      waiting.set(replyTo, resolve)
      post({ ...openInbound(NETWORK, frame, curve), replyTo })
    })
  try {
    // each owns its share of the slots, and two volunteers may compute each
    const plan = smallPlan({ kernel, blockCount: Math.max(leases, 100), windowSteps: 48 })
    post({ kind: 'started', addresses: [] })
    post({ kind: 'plan-submitted', plan, cid: toBlock(plan).cid, replyTo: 'plan' })
    const frames = requestsOf(leases)
    let granted = 0
    const { cpuMs, wallMs } = await timed(async () => {
      const next = frames.values()
      const volunteer = async (): Promise<void> => {
        for (const frame of next) {
          if (claimedKind(await ask(frame)) === 'lease-grant') granted += 1
        }
      }
      await Promise.all(Array.from({ length: UNDER_WAY }, volunteer))
    })
    if (granted !== leases) throw new Error(`${granted} of ${leases} requests were granted`)
    return { leases, cpuMsEach: cpuMs / leases, perSecond: (leases / wallMs) * 1000 }
  } finally {
    await reactor.stop()
    await ledger.close()
    await rm(dir, { recursive: true, force: true })
  }
}
