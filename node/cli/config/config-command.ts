/** `config validate|show|schema|path`: the config file of this user. */
import { access } from 'node:fs/promises'
import { z } from 'zod'
import { MeshError } from '../../mesh-error.ts'
import type { Context } from '../program.ts'
import { configPath, configShape, loadConfig } from './config-file.ts'

interface Flags {
  readonly home?: string
}

const pathOf = (file: string | undefined, flags: Flags): string =>
  file ?? configPath(flags.home, process.env)

export async function validateConfig(
  file: string | undefined,
  flags: Flags,
  { terminal }: Context
): Promise<void> {
  const path = pathOf(file, flags)
  await access(path).catch((cause) => {
    throw new MeshError('config/invalid', `${path}: no such file`, { cause })
  })
  const config = await loadConfig(path)
  terminal.answer(`${path}: valid, ${Object.keys(config).length} settings`)
}

export async function showConfig(flags: Flags, { terminal }: Context): Promise<void> {
  const path = pathOf(undefined, flags)
  terminal.json({ file: path, settings: await loadConfig(path) })
}

export function showSchema({ terminal }: Context): void {
  terminal.json(z.toJSONSchema(configShape, { io: 'input' }))
}

export function showPath(flags: Flags, { terminal }: Context): void {
  terminal.answer(pathOf(undefined, flags))
}
