/** `simulate`: a forecast without a mesh. */
import {
  type SimulateOptions,
  type SimulateProgress,
  type SimulateSummary,
  simulateForecast
} from '../forecast/simulate.ts'
import type { Context } from './program.ts'
import { etaSeconds, shortCount, type Terminal } from './terminal.ts'

interface SimulateFlags {
  readonly out?: string
  readonly tracks?: string
  readonly threads: number
  readonly json?: boolean
  readonly bootstrap?: readonly string[]
  readonly from?: string
}

/** A phase younger than this has no rate worth telling. */
const RATE_SECONDS_MIN = 1

/** Draws the progress of a run phase by phase, with rate and ETA. */
export function progressPrinter(terminal: Terminal): (progress: SimulateProgress) => void {
  let phase = ''
  let startMs = 0
  return (progress) => {
    if (progress.phase !== phase) {
      phase = progress.phase
      startMs = performance.now()
    }
    const seconds = (performance.now() - startMs) / 1000
    const isSteady = seconds >= RATE_SECONDS_MIN
    const eta = isSteady ? etaSeconds(progress.done, progress.total, seconds) : undefined
    const rate = seconds > 0 ? progress.done / seconds : 0
    const share = progress.total > 0 ? Math.floor((100 * progress.done) / progress.total) : 0
    const left = eta === undefined ? '' : ` · ${shortCount(rate)}/s · ${eta} s left`
    terminal.progress(`${phase} ${share} %${left}`)
  }
}

/** With a peer, or a folder, for sources that are named by their CID. */
async function simulateWithInputs(
  file: string,
  { bootstrap = [], from }: SimulateFlags,
  options: SimulateOptions & { readonly signal: AbortSignal }
): Promise<SimulateSummary> {
  if (bootstrap.length === 0 && from === undefined) return await simulateForecast(file, options)
  const { openReader } = await import('../service/reader.ts')
  const { signal } = options
  const reader = await openReader({ bootstrap, signal, ...(from === undefined ? {} : { from }) })
  try {
    return await simulateForecast(file, { ...options, inputs: reader.blocks })
  } finally {
    await reader[Symbol.asyncDispose]()
  }
}

export async function simulateCommand(
  file: string,
  flags: SimulateFlags,
  { terminal, signal }: Context
): Promise<void> {
  const summary = await simulateWithInputs(file, flags, {
    threads: flags.threads,
    signal,
    ...(flags.out === undefined ? {} : { out: flags.out }),
    ...(flags.tracks === undefined ? {} : { tracks: flags.tracks }),
    onProgress: progressPrinter(terminal),
    onNotes: (notes) => {
      for (const note of notes) terminal.say(`note: ${note}`)
    }
  })
  if (flags.json) {
    terminal.json(summary)
    return
  }
  const counts = Object.entries(summary.status).map(([status, count]) => `${count} ${status}`)
  terminal.answer(`product ${summary.product}`)
  terminal.answer(`${summary.particles} particles at the end: ${counts.join(', ')}`)
  const rate = summary.particleSteps / Math.max(summary.seconds, 1e-3)
  terminal.answer(
    `${summary.particleSteps} particle-steps in ${summary.seconds.toFixed(1)} s, ` +
      `${shortCount(rate)}/s`
  )
  if (flags.out !== undefined) terminal.answer(`written to ${flags.out}`)
  if (flags.tracks !== undefined) terminal.answer(`tracks in ${flags.tracks}`)
}
