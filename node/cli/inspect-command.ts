/** `data inspect`: what is in files, what is understood of it, and a quick look at the speed. */
import { stat } from 'node:fs/promises'
import { namedSet } from '../data/catalogue/data-set.ts'
import { formatInspection } from '../forcing/inspect/format.ts'
import { inspectFiles } from '../forcing/inspect/inspect-files.ts'
import { PNG_CANVAS, pngMap } from '../forcing/inspect/png-map.ts'
import { lookAt } from '../forcing/inspect/quick-look.ts'
import { terminalCanvas, terminalMap } from '../forcing/inspect/terminal-map.ts'
import { expandSource } from '../forcing/source.ts'
import { checkFileTarget } from '../forecast/output-target.ts'
import { MeshError } from '../mesh-error.ts'
import { writeAtomically } from '../service/home.ts'
import type { Context } from './program.ts'

interface InspectFlags {
  readonly json?: boolean
  readonly png?: string
}

/** Roles in the order in which a map of them says most. */
const DRAWN = ['current', 'stokes', 'wind'] as const

export async function inspectCommand(
  files: readonly string[],
  flags: InspectFlags,
  { terminal, signal }: Context
): Promise<void> {
  if (flags.png !== undefined) await checkFileTarget(flags.png, '--png')
  const named: string[] = []
  for (const file of files) {
    const isFolder = (await stat(file).catch(() => undefined))?.isDirectory() === true
    const isMany = isFolder || namedSet(file) !== undefined
    named.push(...(isMany ? await expandSource(file, '.') : [file]))
  }
  const { inspection, sets } = await inspectFiles(named, { signal })
  const drawn = DRAWN.flatMap((role) => sets.filter((set) => set.role === role))[0]
  if (flags.json) terminal.json(inspection)
  else {
    terminal.answer(formatInspection(inspection))
    const style = terminal.mapStyle
    if (drawn !== undefined) {
      terminal.answer(terminalMap(await lookAt(drawn, terminalCanvas(style), signal), style))
    }
  }
  if (flags.png === undefined) return
  if (drawn === undefined) {
    const what = `${named[0]}: holds nothing that can be drawn, ${flags.png} is not written`
    throw new MeshError('forcing/not-understood', what)
  }
  await writeAtomically(flags.png, pngMap(await lookAt(drawn, PNG_CANVAS, signal)))
  terminal.say(`map written to ${flags.png}`)
}
