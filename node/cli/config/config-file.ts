/**
 * The config file: what a user would else repeat as flags of `start`, `coordinator start` and
 * `relay start`. Flags come before DRIFTMESH_* of the environment, these before the file, the file
 * before the defaults.
 */
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { z } from 'zod'
import { schemaProblems } from '../../forecast/schema-errors.ts'
import { readYaml } from '../../forecast/source-map.ts'
import { MeshError } from '../../mesh-error.ts'
import { EFFORTS } from '../../worker/effort/caps.ts'
import { bytesOf, bytesPerSecondOf } from '../volunteer/quantity.ts'
import { periodsOf } from './periods.ts'

const amount = (read: (text: string) => number | undefined, example: string) =>
  z.union([z.string(), z.number()]).transform((value, context) => {
    const bytes = read(String(value))
    if (bytes !== undefined && bytes > 0) return bytes
    context.addIssue({ code: 'custom', message: `write it like ${example}` })
    return z.NEVER
  })

const size = amount(bytesOf, '2 GB')
const rate = amount(bytesPerSecondOf, '200 kB/s')

export const configShape = z.strictObject({
  federation: z.string().describe('signed federation manifest of the mesh').optional(),
  rootKey: z.string().describe('refuse a manifest that this key did not sign').optional(),
  bootstrap: z.array(z.string()).describe('multiaddrs of peers of the mesh').optional(),
  listen: z.array(z.string()).describe('multiaddrs to listen on').optional(),
  announce: z.array(z.string()).describe('multiaddrs to tell others instead').optional(),
  gateway: z.string().describe('where blocks are served over HTTP, or off').optional(),
  metrics: z.string().describe('where /livez, /readyz and /metrics are served').optional(),
  effort: z.enum(EFFORTS).describe('how much of the machine a volunteer gives').optional(),
  threads: z.int().min(1).max(1024).describe('units computed at the same time').optional(),
  duty: z.int().min(1).max(100).describe('percent of the time each thread works').optional(),
  memory: size.describe('memory of units and their states').optional(),
  disk: size.describe('inputs kept on disk').optional(),
  download: rate.describe('most bytes per second received').optional(),
  upload: rate.describe('most bytes per second sent').optional(),
  connections: z.int().min(4).max(1000).describe('peers connected at most').optional(),
  offline: z.int().min(1).max(8).describe('hours out of reach at a time').optional(),
  schedule: z
    .array(
      z.strictObject({
        days: z.string().describe('mon-fri, sat,sun or daily'),
        from: z.string().describe('local time, 08:00'),
        to: z.string().describe('local time, 18:00'),
        effort: z.enum([...EFFORTS, 'off'])
      })
    )
    .transform(periodsOf)
    .describe('efforts by the time of the week; the first that holds decides')
    .optional()
})
export type Config = z.output<typeof configShape>

/** Beside the home where one is named, else the XDG folder. */
export function configPath(homeFlag: string | undefined, env: NodeJS.ProcessEnv): string {
  if (env.DRIFTMESH_CONFIG !== undefined) return resolve(env.DRIFTMESH_CONFIG)
  const home = homeFlag ?? env.DRIFTMESH_HOME
  if (home !== undefined) return resolve(home, 'config.yaml')
  return join(env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'driftmesh', 'config.yaml')
}

/** @throws MeshError config/invalid with `file:line:col path message` per problem */
export function readConfig(text: string, file: string): Config {
  const source = readYaml(text, file)
  if ('problems' in source) throw new MeshError('config/invalid', source.problems.join('\n'))
  const parsed = configShape.safeParse(source.value ?? {})
  if (parsed.success) return parsed.data
  const lines = schemaProblems(configShape, parsed.error, source).map(({ mark, message }) =>
    `${mark.place} ${mark.path} ${message}`.replace(/ {2,}/, ' ')
  )
  throw new MeshError('config/invalid', lines.join('\n'))
}

/** The file's settings; none where there is no file. @throws MeshError config/invalid */
export async function loadConfig(path: string): Promise<Config> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw new MeshError('config/invalid', `${path} cannot be read`, { cause })
  }
  return readConfig(text, path)
}

/** The options of a command, those that nobody set on it or in the environment from the file. */
export async function withConfig<T>(command: Command): Promise<T> {
  const config = await loadConfig(configPath(command.opts().home, process.env))
  for (const [key, value] of Object.entries(config)) {
    const isKnown = command.options.some((option) => option.attributeName() === key)
    const source = command.getOptionValueSource(key)
    if (isKnown && (source === undefined || source === 'default')) {
      command.setOptionValueWithSource(key, value, 'config')
    }
  }
  const schedule = config.schedule === undefined ? {} : { schedule: config.schedule }
  return { ...command.opts(), ...schedule } as T
}
