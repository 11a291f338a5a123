/**
 * A whole mesh on this machine: relay, coordinators and volunteers as processes of their own, each
 * with its own key and folder, under a federation made for the occasion. Tests use it too: any
 * node can be killed and started again on its folder.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { toHex } from '../../protocol/hex.ts'
import { publicKeyOf } from '../../protocol/signed.ts'
import { makeFederation } from '../service/federation-file.ts'
import { writeAtomically } from '../service/home.ts'
import { peerSecret } from '../service/keys.ts'
import { loadOrCreateSecret } from '../store/key-file.ts'
import { type ChildNode, startChildNode } from './child-node.ts'

/** Local meshes run the manifest's timers this much faster (PROTOCOL §3). */
const TIME_SCALE = 30

export interface LocalMeshInit {
  /** Folder that holds every node's folder. */
  readonly dir: string
  readonly coordinatorCount: number
  readonly volunteerCount: number
  /** Further arguments of a node, by its folder's name (addresses, in tests). */
  readonly argsOf?: (folder: string) => Promise<readonly string[]>
  readonly signal?: AbortSignal
}

export interface LocalMesh {
  readonly dir: string
  /** Hex public key that signed the federation manifest. */
  readonly rootKey: string
  readonly federationFile: string
  /** Multiaddr of the relay: all that a newcomer needs to know. */
  readonly bootstrap: string
  readonly coordinators: ChildNode[]
  readonly volunteers: ChildNode[]
  startCoordinator(index: number): Promise<ChildNode>
  startVolunteer(index: number, options?: VolunteerOptions): Promise<ChildNode>
  stop(): Promise<void>
}

export interface VolunteerOptions {
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
  const envelope = makeFederation({ network, coordinators, timeScale: TIME_SCALE, rootSecret })
  await writeAtomically(file, envelope)
  return toHex(publicKeyOf(rootSecret))
}

/** Starts every node; what was started is stopped again when one fails. */
export async function startLocalMesh(init: LocalMeshInit): Promise<LocalMesh> {
  const { dir } = init
  await mkdir(dir, { recursive: true })
  const federationFile = join(dir, 'federation.cbor')
  const rootKey = await writeFederation(init, federationFile)
  const abort = init.signal === undefined ? {} : { signal: init.signal }
  const argsOf = init.argsOf ?? (async () => [])
  const relay = await startChildNode({
    name: 'relay',
    home: join(dir, 'relay'),
    args: ['relay', 'start', '--federation', federationFile, ...(await argsOf('relay'))],
    ...abort
  })
  const bootstrap = relay.ready.addresses[0] ?? ''
  const membership = [
    '--federation',
    federationFile,
    '--root-key',
    rootKey,
    '--bootstrap',
    bootstrap
  ]
  const coordinators: ChildNode[] = []
  const volunteers: ChildNode[] = []
  const mesh: LocalMesh = {
    dir,
    rootKey,
    federationFile,
    bootstrap,
    coordinators,
    volunteers,
    startCoordinator: async (index) => {
      const node = await startChildNode({
        name: `coordinator ${index + 1}`,
        home: coordinatorHome(dir, index),
        args: [
          'coordinator',
          'start',
          ...membership,
          ...(await argsOf(`coordinator-${index + 1}`))
        ],
        ...abort
      })
      coordinators[index] = node
      return node
    },
    startVolunteer: async (index, options = {}) => {
      const node = await startChildNode({
        name: `volunteer ${index + 1}`,
        home: join(dir, `volunteer-${index + 1}`),
        args: [
          'start',
          ...membership,
          ...(await argsOf(`volunteer-${index + 1}`)),
          ...(options.args ?? [])
        ],
        ...(options.program === undefined ? {} : { program: options.program }),
        ...abort
      })
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
      ...Array.from({ length: init.coordinatorCount }, (_, index) => mesh.startCoordinator(index)),
      ...Array.from({ length: init.volunteerCount }, (_, index) => mesh.startVolunteer(index))
    ])
  } catch (error) {
    await mesh.stop()
    throw error
  }
  return mesh
}
