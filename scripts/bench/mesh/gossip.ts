/**
 * What a gossip message costs a crowd: real hosts of volunteers in this process, all behind one
 * address, who admit and pass on a coordinator's announcements.
 */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type OpenNet, openNet } from '../../../node/net/open-net.ts'
import { makeFederation } from '../../../node/service/federation-file.ts'
import { openNativeCurve } from '../../../node/service/identity/native-curve.ts'
import { builtInKernel } from '../../../node/worker/kernel-file.ts'
import { admitAnnouncement } from '../../../protocol/admission.ts'
import { keyringOf, openFederation } from '../../../protocol/signed.ts'
import { timed } from './processor.ts'

const NETWORK = 'bench'
const MESSAGES = 20
/** Between messages: each has arrived everywhere before the next. */
const PAUSE_MS = 250
/** Hosts opened at the same time. */
const STARTS_AT_ONCE = 8
/** As many neighbours as gossip wants. */
const NEIGHBOURS = 6
const MEET_MS = 180_000
/** What the hosts do anyway is measured for as long as the messages take. */
const IDLE_MS = MESSAGES * PAUSE_MS

export interface GossipCost {
  readonly peers: number
  /** Share of messages times peers that arrived. */
  readonly delivered: number
  /** Processor milliseconds of one message in all peers, and for one of them. */
  readonly cpuMs: number
  readonly cpuMsEach: number
  /** Processor milliseconds per second of a peer that has nothing to do. */
  readonly idleMsPerSecond: number
  readonly fewestConnections: number
}

const secretKey = (): Uint8Array => new Uint8Array(randomBytes(32))

export async function gossipCost(peers: number): Promise<GossipCost> {
  const dir = await mkdtemp(join(tmpdir(), 'driftmesh-gossip-'))
  const curve = openNativeCurve()
  const [coordinatorSecret, rootSecret] = [secretKey(), secretKey()]
  const keyring = keyringOf(coordinatorSecret, NETWORK, curve)
  const coordinators = [{ key: keyring.key, institution: 'Bench', addresses: [] }]
  const init = { network: NETWORK, coordinators, timeScale: 1, rootSecrets: [rootSecret] }
  const federation = openFederation(makeFederation(init)).body
  const nets: OpenNet[] = []
  let arrived = 0
  const open = async (role: 'relay' | 'coordinator' | 'volunteer', secret: Uint8Array) => {
    const home = join(dir, `${nets.length}-${role}-${randomBytes(4).toString('hex')}`)
    const bootstrap = nets[0]?.addresses().slice(0, 1) ?? []
    const net = await openNet({ secretKey: secret, home, bootstrap, role })
    const own = openNativeCurve()
    const admit = (bytes: Uint8Array) =>
      admitAnnouncement(bytes, { federation, atMs: Date.now(), curve: own }).action
    net.listen('announce', admit, () => {
      if (role === 'volunteer') arrived += 1
    })
    nets.push(net)
    return net
  }
  try {
    await open('relay', secretKey())
    const coordinator = await open('coordinator', coordinatorSecret)
    const secrets = Array.from({ length: peers }, secretKey).values()
    const opener = async (): Promise<void> => {
      for (const secret of secrets) {
        const net = await open('volunteer', secret)
        await net.connect(coordinator.key, coordinator.addresses(), AbortSignal.timeout(MEET_MS))
      }
    }
    await Promise.all(Array.from({ length: STARTS_AT_ONCE }, opener))
    const fewest = (): number => Math.min(...nets.slice(2).map((net) => net.peerCount()))
    const endMs = performance.now() + MEET_MS
    while (fewest() < Math.min(NEIGHBOURS, peers) && performance.now() < endMs) await sleep(500)
    const idle = await timed(() => sleep(IDLE_MS))
    const { cid } = builtInKernel()
    const said = await timed(async () => {
      for (let nonce = 0; nonce < MESSAGES; nonce += 1) {
        const atMs = Date.now()
        const envelope = keyring.sign('announcement', {
          kind: 'announcement',
          plan: cid,
          openCount: 1000,
          kernel: cid,
          forcing: cid,
          unitFuelMax: 14_400_000,
          memoryPagesMax: 1024,
          priority: 0,
          deadlineAtMs: atMs + 3_600_000,
          atMs,
          nonce
        })
        await coordinator.publish('announce', envelope)
        await sleep(PAUSE_MS)
      }
    })
    const idleShare = idle.cpuMs / idle.wallMs
    const cpuMs = Math.max(0, said.cpuMs - idleShare * said.wallMs) / MESSAGES
    return {
      peers,
      delivered: arrived / (MESSAGES * peers),
      cpuMs,
      cpuMsEach: cpuMs / peers,
      idleMsPerSecond: (idleShare * 1000) / peers,
      fewestConnections: fewest()
    }
  } finally {
    await Promise.all(nets.map((net) => net.stop()))
    await rm(dir, { recursive: true, force: true })
  }
}
