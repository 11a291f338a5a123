/** `status`, `drain` and `stop`: what a user asks of the node that runs on this home. */
import { setTimeout as sleep } from 'node:timers/promises'
import { openControlClient } from '../api/control-client.ts'
import { MeshError } from '../mesh-error.ts'
import { homeFolder, readControl } from '../service/home.ts'
import type { Context } from './program.ts'
import { statusLines, type VolunteerStatusView } from './volunteer/status-text.ts'

interface Flags {
  readonly home?: string
  readonly json?: boolean
}

/** A node that still runs this long after it was asked to stop is reported. */
const STOP_MS = 10_000
const POLL_MS = 100

export async function nodeStatus(flags: Flags, { terminal, signal }: Context): Promise<void> {
  const client = await openControlClient(homeFolder(flags.home, process.env))
  const status = await client.get<Record<string, unknown>>('/status', signal)
  if (flags.json) {
    terminal.json(status)
    return
  }
  if (status.role === 'volunteer') {
    const view = status as unknown as VolunteerStatusView
    for (const line of statusLines(view, Date.now())) terminal.answer(line)
    return
  }
  for (const [name, value] of Object.entries(status)) {
    terminal.answer(`${name}: ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
  }
}

export async function drainNode(flags: Flags, { terminal, signal }: Context): Promise<void> {
  const client = await openControlClient(homeFolder(flags.home, process.env))
  await client.post('/drain', {}, signal)
  terminal.say('draining: nothing new is taken on; stop it when status shows nothing under way')
}

export async function stopNode(flags: Flags, { terminal, signal }: Context): Promise<void> {
  const home = homeFolder(flags.home, process.env)
  const client = await openControlClient(home)
  await client.post('/stop', {}, signal)
  const endMs = performance.now() + STOP_MS
  while (performance.now() < endMs) {
    const stillRuns = await readControl(home).then(
      () => true,
      () => false
    )
    if (!stillRuns) {
      terminal.say(`stopped (process ${client.pid})`)
      return
    }
    await sleep(POLL_MS, undefined, { signal })
  }
  throw new MeshError('node/unreachable', `process ${client.pid} did not stop in time`)
}
