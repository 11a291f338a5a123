/** `forecast submit`, `list` and `status`: what a user asks of the running coordinator. */
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PlanProgress } from '../../coordinator/summary.ts'
import { openControlClient } from '../api/control-client.ts'
import { homeFolder } from '../service/home.ts'
import type { Context } from './program.ts'
import { progressLine } from './progress-line.ts'

interface Flags {
  readonly home?: string
  readonly json?: boolean
  readonly wait?: boolean
}

/** How often a waiting command asks: often enough for a progress line. */
const POLL_MS = 500

const clientOf = (flags: Flags) => openControlClient(homeFolder(flags.home, process.env))

export async function submitCommand(
  file: string,
  flags: Flags,
  { terminal, signal }: Context
): Promise<void> {
  const client = await clientOf(flags)
  const answer = await client.post<{ plan: string; notes: string[] }>(
    '/forecasts',
    { file: resolve(file) },
    signal
  )
  for (const note of answer.notes) terminal.say(`note: ${note}`)
  if (!flags.wait) {
    if (flags.json) terminal.json(answer)
    else terminal.answer(`plan ${answer.plan}`)
    return
  }
  for (;;) {
    const status = await client.get<PlanProgress>(`/forecasts/${answer.plan}`, signal)
    if (status.forecast !== undefined) {
      terminal.endProgress()
      if (flags.json) terminal.json(status)
      else terminal.answer(`forecast ${status.forecast}`)
      return
    }
    terminal.progress(progressLine(status))
    await sleep(POLL_MS, undefined, { signal })
  }
}

export async function listCommand(flags: Flags, { terminal, signal }: Context): Promise<void> {
  const client = await clientOf(flags)
  const forecasts = await client.get<PlanProgress[]>('/forecasts', signal)
  if (flags.json) {
    terminal.json(forecasts)
    return
  }
  for (const status of forecasts) {
    const result = status.forecast === undefined ? progressLine(status) : status.forecast
    terminal.answer(`${status.plan}  ${status.name}  ${result}`)
  }
}

export async function statusCommand(
  plan: string,
  flags: Flags,
  { terminal, signal }: Context
): Promise<void> {
  const client = await clientOf(flags)
  const status = await client.get<PlanProgress>(`/forecasts/${plan}`, signal)
  if (flags.json) terminal.json(status)
  else terminal.answer(status.forecast ?? progressLine(status))
}
