/** `forecast init`, `validate` and `plan`: forecast files before anything runs. */
import { slotsOf } from '../../coordinator/slots.ts'
import { initForecast } from '../forcing/init.ts'
import { readForecastFile } from '../forecast/definition.ts'
import { checkFileTarget } from '../forecast/output-target.ts'
import { prepareForecast } from '../forecast/prepare.ts'
import { writeAtomically } from '../service/home.ts'
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

export async function planCommand(
  file: string,
  flags: { readonly json?: boolean },
  { terminal, signal }: Context
): Promise<void> {
  const blocks = openMemoryBlocks()
  const { block, plan, notes } = await prepareForecast(file, {
    blocks,
    kernel: builtInKernel(),
    signal,
    onProgress: progressPrinter(terminal)
  })
  const summary = {
    plan: block.cid.toString(),
    forcing: plan.forcing.toString(),
    kernel: plan.kernel.toString(),
    particles: plan.particleCount * plan.memberCount,
    stepSeconds: plan.stepSeconds,
    steps: plan.stepCount,
    particleStepsMax: plan.particleCount * plan.memberCount * plan.stepCount,
    units: [...slotsOf(plan)].length,
    replicas: plan.mesh.quorum,
    inputBytes: blocks.bytesCount,
    notes
  }
  if (flags.json) {
    terminal.json(summary)
    return
  }
  for (const note of notes) terminal.say(`note: ${note}`)
  for (const [name, value] of Object.entries(summary)) {
    if (name !== 'notes') terminal.answer(`${name}: ${value}`)
  }
}
