/** `start`, `coordinator start` and `relay start`: processes that run until they are stopped. */
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { type ListenAt, parseListenAt } from '../gateway/listen-at.ts'
import { MeshError } from '../mesh-error.ts'
import type { EffortSettings } from '../service/effort/governor.ts'
import { thisMachine } from '../service/effort/open-effort.ts'
import { homeFolder } from '../service/home.ts'
import { lifetime, sayReady, untilAborted } from '../service/parent.ts'
import type { NodeInit, RunningNode } from '../service/running-node.ts'
import type { Context } from './program.ts'
import { type EffortFlags, effortSettings } from './volunteer/effort-settings.ts'
import { firstRunLines } from './volunteer/first-run.ts'

interface NetFlags {
  readonly home?: string
  readonly listen?: readonly string[]
  readonly announce?: readonly string[]
  readonly bootstrap?: readonly string[]
}

interface MemberFlags extends NetFlags {
  readonly gateway?: string
  readonly federation?: string
  readonly rootKey?: string
  readonly threads?: number
}

/** Threads of a coordinator for its own checks. */
const CHECK_THREADS = 1

/** @throws MeshError cli/usage when it is named nowhere */
function federationOf({ federation }: MemberFlags): string {
  if (federation !== undefined) return federation
  const where = 'with --federation, DRIFTMESH_FEDERATION or in the config file'
  throw new MeshError('cli/usage', `name the signed federation manifest of the mesh ${where}`)
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

type VolunteerFlags = MemberFlags & EffortFlags & { readonly offline?: number }

const HOUR_MS = 3_600_000

/** What a newcomer is told before anything is used. */
async function sayFirst(home: string, effort: EffortSettings, { terminal }: Context) {
  const isKnown = await access(join(home, 'operator.key')).then(
    () => true,
    () => false
  )
  if (isKnown) return
  const { coreCount, memoryBytes: machineBytes } = thisMachine()
  const hasSchedule = effort.schedule.length > 0
  const first = { home, coreCount, machineBytes, hasSchedule, ...effort }
  for (const line of firstRunLines(first)) terminal.say(line)
}

export const startVolunteer = (flags: VolunteerFlags, context: Context): Promise<void> =>
  serve(flags, context, async (init) => {
    const federation = federationOf(flags)
    const effort = effortSettings(flags, thisMachine())
    await sayFirst(init.home, effort, context)
    const { openVolunteer } = await import('../service/volunteer.ts')
    const { rootKey, offline } = flags
    const away = offline === undefined ? {} : { offlineMs: offline * HOUR_MS }
    const gateway = gatewayOf(flags)
    const { caps } = effort
    const given = { effort, caps, threads: caps.threads }
    return openVolunteer({ ...init, federation, rootKey, gateway, ...given, ...away })
  })

export const startCoordinator = (flags: MemberFlags, context: Context): Promise<void> =>
  serve(flags, context, async (init) => {
    const federation = federationOf(flags)
    const { openCoordinator } = await import('../service/coordinator.ts')
    const { rootKey, threads = CHECK_THREADS } = flags
    return openCoordinator({ ...init, federation, rootKey, threads, gateway: gatewayOf(flags) })
  })
