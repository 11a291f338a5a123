/** The version, from the package file that ships with the program. */
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { Context } from './program.ts'

const packageShape = z.object({ version: z.string() })

export async function printVersion(context: Context): Promise<void> {
  // dist/driftmesh.mjs is one folder below the package, node/cli/version-command.ts two.
  const up = import.meta.url.endsWith('.mjs') ? '../package.json' : '../../package.json'
  const text = await readFile(new URL(up, import.meta.url), 'utf8')
  context.terminal.answer(packageShape.parse(JSON.parse(text)).version)
}
