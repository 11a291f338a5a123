/**
 * A whole mesh on this machine: relay, coordinators and volunteers as processes of their own, each
 * with its own key and folder, under a federation made for the occasion. Tests use it too: any
 * node can be killed and started again on its folder.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Timers } from '../../protocol/federation.ts'
import { toHex } from '../../protocol/hex.ts'
import { publicKeyOf } from '../../protocol/signed.ts'
import { makeFederation } from '../service/federation-file.ts'
import { writeAtomically } from '../service/home.ts'
import { peerSecret } from '../service/identity/keys.ts'
import { loadOrCreateSecret } from '../store/key-file.ts'
import { type ChildNode, startChildNode } from './child-node.ts'

/** Local meshes run the manifest's timers this much faster (PROTOCOL §3). */
const TIME_SCALE = 30
/** Its volunteers share one machine: to each the others are other programs. */
const EFFORT = ['--effort', 'full', '--threads', '1']
/** Newcomers pay a few milliseconds: the path is the real one. */
const ADMISSION_BITS = 8

export interface LocalMeshInit {
  /** Folder that holds every node's folder. */
  readonly dir: string
  readonly coordinatorCount: number
  readonly volunteerCount: number
  /** Default: those of the manifest, TIME_SCALE times faster. */
  readonly timers?: Timers
  /** Started later, by the test itself: the federation knows it. */
  readonly coordinatorsHeldBack?: number
  /** Further arguments of a node, by its folder's name (addresses, in tests). */
  readonly argsOf?: (folder: string) => Promise<readonly string[]>
  /** A node's process runs, ready or not. */
  readonly onStarted?: (folder: string, pid: number) => void
  readonly signal?: AbortSignal
}

export interface LocalMesh {
  readonly dir: string
  /** Hex public key that signed the federation manifest. */
  readonly rootKey: string
  readonly federationFile: string
  /** Multiaddr of the relay: all that a newcomer needs to know. */
  readonly bootstrap: string
  readonly relay: ChildNode
  readonly coordinators: ChildNode[]
  readonly volunteers: ChildNode[]
  startCoordinator(index: number, options?: ChildOptions): Promise<ChildNode>
  startVolunteer(index: number, options?: ChildOptions): Promise<ChildNode>
  stop(): Promise<void>
}

export interface ChildOptions {
  /** Another program than the driftmesh binary (hostile peers in tests). */
  readonly program?: string
  readonly args?: readonly string[]
}

const coordinatorHome = (dir: string, index: number): string =>
  join(dir, `coordinator-${index + 1}`)

async function writeFederation(init: LocalMeshInit, file: string): Promise<string> {
  const rootSecret = await loadOrCreateSecret(join(init.dir, 'federation-root.key'))
  const coordinators: { key: Uint8Array; institution: string; addresses: string[] }[] = []
  for (let index = 0; index < init.coordinatorCount; index++) {
    const home = coordinatorHome(init.dir, index)
    await mkdir(home, { recursive: true })
    const key = publicKeyOf(await peerSecret(home))
    coordinators.push({ key, institution: `Institution ${index + 1}`, addresses: [] })
  }
  const network = `local-${toHex(publicKeyOf(rootSecret).subarray(0, 6))}`
  const envelope = makeFederation({
    network,
    coordinators,
    ...(init.timers === undefined
      ? { timeScale: TIME_SCALE }
      : { timeScale: 1, timers: init.timers }),
    admissionBits: ADMISSION_BITS,
    rootSecrets: [rootSecret]
  })
  await writeAtomically(file, envelope)
  return toHex(publicKeyOf(rootSecret))
}

/** Starts every node; what was started is stopped again when one fails. */
export async function startLocalMesh(init: LocalMeshInit): Promise<LocalMesh> {
  const { dir } = init
  await mkdir(dir, { recursive: true })
  const federationFile = join(dir, 'federation.cbor')
  const rootKey = await writeFederation(init, federationFile)
  const start = async (
    folder: string,
    args: readonly string[],
    program?: string
  ): Promise<ChildNode> => {
    const { argsOf, onStarted, signal } = init
    return await startChildNode({
      name: folder.replace('-', ' '),
      home: join(dir, folder),
      args: [...args, ...((await argsOf?.(folder)) ?? [])],
      onStarted: (pid) => onStarted?.(folder, pid),
      ...(program === undefined ? {} : { program }),
      ...(signal === undefined ? {} : { signal })
    })
  }
  const relay = await start('relay', ['relay', 'start', '--federation', federationFile])
  const bootstrap = relay.ready.addresses[0] ?? ''
  const trust = ['--federation', federationFile, '--root-key', rootKey]
  const membership = [...trust, '--bootstrap', bootstrap]
  const coordinators: ChildNode[] = []
  const volunteers: ChildNode[] = []
  const mesh: LocalMesh = {
    dir,
    rootKey,
    federationFile,
    bootstrap,
    relay,
    coordinators,
    volunteers,
    startCoordinator: async (index, options = {}) => {
      const args = ['coordinator', 'start', ...membership, ...(options.args ?? [])]
      const node = await start(`coordinator-${index + 1}`, args, options.program)
      coordinators[index] = node
      return node
    },
    startVolunteer: async (index, options = {}) => {
      // One gateway to a machine is enough; the coordinators have it.
      const gateway = options.program === undefined ? ['--gateway', 'off'] : []
      const args = ['start', ...EFFORT, ...membership, ...gateway, ...(options.args ?? [])]
      const node = await start(`volunteer-${index + 1}`, args, options.program)
      volunteers[index] = node
      return node
    },
    stop: async () => {
      await Promise.all([...volunteers, ...coordinators].map((node) => node?.stop()))
      await relay.stop()
    }
  }
  try {
    await Promise.all([
      ...Array.from(
        { length: init.coordinatorCount - (init.coordinatorsHeldBack ?? 0) },
        (_, index) => mesh.startCoordinator(index)
      ),
      ...Array.from({ length: init.volunteerCount }, (_, index) => mesh.startVolunteer(index))
    ])
  } catch (error) {
    await mesh.stop()
    throw error
  }
  return mesh
}
