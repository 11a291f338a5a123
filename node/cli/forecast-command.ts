/** `forecast init`, `validate` and `plan`: forecast files before anything runs. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { loadKernel } from '../../kernel/kernel.ts'
import { initForecast } from '../forcing/init.ts'
import { readForecastFile } from '../forecast/definition.ts'
import { readForcing } from '../forecast/forcing/read-forcing.ts'
import { checkFileTarget, checkFolderTarget } from '../forecast/output-target.ts'
import { planLines, reportPlan, tallied } from '../forecast/plan/plan-report.ts'
import { planDefinition } from '../forecast/prepare.ts'
import { homeFolder, writeAtomically } from '../service/home.ts'
import type { Blocks } from '../store/blocks.ts'
import { openFolderBlocks } from '../store/folder-blocks.ts'
import { openMemoryBlocks } from '../store/memory-blocks.ts'
import { builtInKernel } from '../worker/kernel-file.ts'
import { refuseExisting } from './new-file.ts'
import type { Context } from './program.ts'
import { progressPrinter } from './simulate-command.ts'

export async function initCommand(
  dir: string,
  flags: { readonly particles: number; readonly days: number; readonly out: string },
  { terminal, signal }: Context
): Promise<void> {
  await refuseExisting(flags.out)
  await checkFileTarget(flags.out, '--out')
  const { particles, days } = flags
  const { yaml, notes } = await initForecast(dir, { particles, days, signal })
  await writeAtomically(flags.out, yaml)
  for (const note of notes) terminal.say(`note: ${note}`)
  terminal.answer(`written to ${flags.out}; run it with \`driftmesh simulate ${flags.out}\``)
}

export async function validateCommand(
  file: string,
  flags: { readonly json?: boolean },
  { terminal }: Context
): Promise<void> {
  const { name, notes } = await readForecastFile(file)
  if (flags.json) {
    terminal.json({ valid: true, name, notes })
    return
  }
  for (const note of notes) terminal.say(`note: ${note}`)
  terminal.answer(`${file}: valid (${name})`)
}

interface PlanFlags {
  readonly json?: boolean
  readonly home?: string
  readonly save?: string
}

/** The blocks of this user's node, if it has any; only looked at. */
async function heldBlocks(home: string | undefined): Promise<Pick<Blocks, 'has'> | undefined> {
  const folder = join(homeFolder(home, process.env), 'blocks')
  return existsSync(folder) ? await openFolderBlocks(folder) : undefined
}

export async function planCommand(
  file: string,
  flags: PlanFlags,
  { terminal, signal }: Context
): Promise<void> {
  const definition = await readForecastFile(file)
  const held = await heldBlocks(flags.home)
  if (flags.save !== undefined) await checkFolderTarget(flags.save, '--save')
  const kept = flags.save === undefined ? undefined : await openFolderBlocks(flags.save)
  const blocks = tallied(openMemoryBlocks(), kept)
  const kernel = builtInKernel()
  const deps = { blocks, kernel, signal, onProgress: progressPrinter(terminal) }
  const ingested = await readForcing(definition, loadKernel(kernel.bytes), deps)
  const prepared = await planDefinition(definition, ingested, deps)
  const report = await reportPlan(prepared, ingested, blocks, held)
  terminal.endProgress()
  const { notes } = prepared
  if (flags.json) {
    terminal.json({ ...report, notes })
    return
  }
  for (const note of notes) terminal.say(`note: ${note}`)
  for (const line of planLines(report)) terminal.answer(line)
  if (flags.save !== undefined) terminal.answer(`saved    the plan and its inputs in ${flags.save}`)
}
