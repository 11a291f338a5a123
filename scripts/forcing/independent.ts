/** Asks the independent reader (independent.py, Debian's python3-netcdf4) many things at once. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Range } from '../../node/forcing/read/data-file.ts'

const PROGRAM = fileURLToPath(new URL('./independent.py', import.meta.url))
const PYTHON = '/usr/bin/python3'

export type Question =
  | { readonly file: string; readonly variable: string; readonly ranges: readonly Range[] }
  | { readonly file: string; readonly times: string }

/** What was found, or why nothing. */
export interface Answer {
  readonly count?: number
  readonly sum?: number
  readonly min?: number
  readonly max?: number
  readonly first?: number
  readonly last?: number
  readonly error?: string
}

/** Undefined where this machine has no netCDF4. */
export function independently(questions: readonly Question[]): Answer[] | undefined {
  const has = spawnSync(PYTHON, ['-c', 'import netCDF4'], { stdio: 'ignore' })
  if (has.status !== 0) return undefined
  const input = questions.map((question) => JSON.stringify(question)).join('\n')
  const run = spawnSync(PYTHON, [PROGRAM], { input, encoding: 'utf8', maxBuffer: 2 ** 28 })
  if (run.status !== 0) throw new Error(run.stderr)
  return run.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Answer)
}
