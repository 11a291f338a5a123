/** `skill`: a forecast against real drifters. */
import { readDuration } from '../forecast/quantities.ts'
import { compareWithDrifters } from '../forecast/skill/skill.ts'
import { LEADS_HOURS, type MeanSkill } from '../forecast/skill/summary.ts'
import { MeshError } from '../mesh-error.ts'
import type { Context } from './program.ts'
import { progressPrinter } from './simulate-command.ts'
import type { Terminal } from './terminal.ts'

interface SkillFlags {
  readonly drifters: readonly string[]
  readonly restart?: string
  readonly class?: string
  readonly threads: number
  readonly json?: boolean
}

const number = (value: number | null | undefined, digits: number): string =>
  (value === null || value === undefined ? '–' : value.toFixed(digits)).padStart(8)

function line(name: string, mean: MeanSkill): string {
  const leads = LEADS_HOURS.map((hours) => number(mean.separationKm[hours]?.mean, 1))
  const measures = [number(mean.skill, 3), number(mean.normalisedSeparation, 3)]
  return [name.padEnd(24), String(mean.starts).padStart(6), ...measures, ...leads].join(' ')
}

function restartSeconds(text: string): number {
  const read = readDuration(text)
  if ('value' in read && read.value > 0) return read.value
  throw new MeshError('cli/usage', `--restart ${text} is no duration: use PT24H or P1D`)
}

function answer(report: Awaited<ReturnType<typeof compareWithDrifters>>, terminal: Terminal): void {
  const heads = LEADS_HOURS.map((hours) => `${hours} h km`.padStart(8))
  terminal.answer(
    [`${'drifter'.padEnd(24)} ${'starts'.padStart(6)}`, '   skill', '   s    ', ...heads].join(' ')
  )
  for (const [id, mean] of Object.entries(report.drifters)) terminal.answer(line(id, mean))
  terminal.answer(line('all', report.all))
  for (const { drifter, start, why } of report.refused.slice(0, 10)) {
    terminal.say(`no start for ${drifter} at ${start}: ${why}`)
  }
  if (report.refused.length > 10) terminal.say(`… and ${report.refused.length - 10} more`)
}

export async function skillCommand(
  file: string,
  flags: SkillFlags,
  { terminal, signal }: Context
): Promise<void> {
  const report = await compareWithDrifters(file, {
    drifters: flags.drifters,
    threads: flags.threads,
    signal,
    ...(flags.restart === undefined ? {} : { restartSeconds: restartSeconds(flags.restart) }),
    ...(flags.class === undefined ? {} : { className: flags.class }),
    onProgress: progressPrinter(terminal)
  })
  for (const note of report.notes) terminal.say(`note: ${note}`)
  if (flags.json) terminal.json(report)
  else answer(report, terminal)
}
