/** `start`, `coordinator start` and `relay start`: processes that run until they are stopped. */
import { type ListenAt, parseListenAt } from '../gateway/listen-at.ts'
import { homeFolder } from '../service/home.ts'
import { lifetime, sayReady, untilAborted } from '../service/parent.ts'
import type { NodeInit, RunningNode } from '../service/running-node.ts'
import type { Context } from './program.ts'

interface NetFlags {
  readonly home?: string
  readonly listen?: readonly string[]
  readonly announce?: readonly string[]
  readonly bootstrap?: readonly string[]
}

interface MemberFlags extends NetFlags {
  readonly gateway?: string
  readonly federation: string
  readonly rootKey?: string
  readonly threads: number
}

/** Runs a node until a signal, its parent's end, or `driftmesh stop`. */
async function serve(
  flags: NetFlags,
  { terminal, signal }: Context,
  start: (init: NodeInit) => Promise<RunningNode>
): Promise<void> {
  const life = lifetime(signal)
  let defect: unknown
  const node = await start({
    home: homeFolder(flags.home, process.env),
    ...(flags.listen === undefined ? {} : { listen: flags.listen }),
    ...(flags.announce === undefined ? {} : { announce: flags.announce }),
    bootstrap: flags.bootstrap ?? [],
    onStop: life.stop,
    onDefect: (error) => {
      defect = error
      life.stop()
    }
  })
  for (const address of node.addresses) terminal.say(`listening on ${address}`)
  sayReady({ peerId: node.peerId, addresses: [...node.addresses] })
  await untilAborted(life.signal)
  await node.stop()
  if (process.connected) process.disconnect()
  if (defect !== undefined) throw defect
}

export const startRelay = (
  flags: NetFlags & { readonly federation?: string },
  context: Context
): Promise<void> =>
  serve(flags, context, async (init) => {
    const { openRelay } = await import('../service/relay.ts')
    const { federation } = flags
    return openRelay({ ...init, ...(federation === undefined ? {} : { federation }) })
  })

/** Every member serves its blocks over HTTP unless told `off`. */
const gatewayOf = ({ gateway }: MemberFlags): ListenAt | undefined =>
  gateway === 'off' ? undefined : parseListenAt(gateway)

interface VolunteerFlags extends MemberFlags {
  readonly offline?: number
}

const HOUR_MS = 3_600_000

export const startVolunteer = (flags: VolunteerFlags, context: Context): Promise<void> =>
  serve(flags, context, async (init) => {
    const { openVolunteer } = await import('../service/volunteer.ts')
    const { federation, rootKey, threads, offline } = flags
    const away = offline === undefined ? {} : { offlineMs: offline * HOUR_MS }
    const gateway = gatewayOf(flags)
    return openVolunteer({ ...init, federation, rootKey, threads, gateway, ...away })
  })

export const startCoordinator = (flags: MemberFlags, context: Context): Promise<void> =>
  serve(flags, context, async (init) => {
    const { openCoordinator } = await import('../service/coordinator.ts')
    const { federation, rootKey, threads } = flags
    return openCoordinator({ ...init, federation, rootKey, threads, gateway: gatewayOf(flags) })
  })
