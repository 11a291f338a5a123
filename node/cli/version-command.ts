/** The version, from the package file that ships with the program. */
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { Context } from './program.ts'

const packageShape = z.object({ version: z.string() })

export async function printVersion(context: Context): Promise<void> {
  // Both node/cli/ and dist/node/ lie two folders below the package.
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8')
  context.terminal.answer(packageShape.parse(JSON.parse(text)).version)
}
