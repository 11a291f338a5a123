/**
 * A mesh whose every node stands behind a proxy: others know it only by the proxy's address, so a
 * test decides which node reaches which.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeDemoForecast } from '../../node/demo/demo-forecast.ts'
import { startLocalMesh } from '../../node/demo/local-mesh.ts'
import { openProxies, type Proxies } from './proxy.ts'
import { type MeshOptions, PATIENT, type TestMesh } from './running-mesh.ts'

export interface PartedMesh extends TestMesh {
  readonly proxies: Proxies
  /** The network falls apart into these groups of folder names; a node in none reaches nobody. */
  part(groups: readonly (readonly string[])[]): Promise<void>
  /** Every node reaches every other again. */
  heal(): void
}

export async function openPartedMesh(options: MeshOptions): Promise<PartedMesh> {
  const dir = await mkdtemp(join(tmpdir(), 'driftmesh-parted-'))
  const forecastFile = join(dir, 'forecast.yaml')
  await writeDemoForecast(forecastFile, undefined, options.particles, options.volunteers)
  const proxies = openProxies()
  const mesh = await startLocalMesh({
    dir: join(dir, 'nodes'),
    coordinatorCount: options.coordinators,
    volunteerCount: options.volunteers,
    timers: PATIENT,
    argsOf: async (folder) => {
      const { listenPort, announcePort } = await proxies.open(folder)
      const local = '/ip4/127.0.0.1/tcp'
      return ['--listen', `${local}/${listenPort}`, '--announce', `${local}/${announcePort}`]
    },
    onStarted: (folder, pid) => proxies.name(folder, pid)
  })
  const groupOf = (groups: readonly (readonly string[])[], node: string): number =>
    groups.findIndex((group) => group.includes(node))
  return {
    dir,
    mesh,
    forecastFile,
    proxies,
    part: async (groups) => {
      proxies.rule((from, to) => {
        const group = groupOf(groups, to)
        return { isCut: group < 0 || groupOf(groups, from) !== group }
      })
      await proxies.enforce()
    },
    heal: () => proxies.rule(() => ({})),
    [Symbol.asyncDispose]: async () => {
      await mesh.stop()
      await proxies[Symbol.asyncDispose]()
      await rm(dir, { recursive: true, force: true })
    }
  }
}
