/**
 * `npm run sim -- …`: seeds of the mesh on all cores (`--seeds N --from M`), one of them
 * again (`--seed N`), the rules of trust off and on (`--threats`), the table of colluders
 * (`--table MINUTES`), and both written into coordinator/README.md from their files (`--write`).
 */
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const HOOKS = new URL('../test/sim/fast/hooks.ts', import.meta.url).href

/** A part of the work in a process of its own, with the fast encoding. @returns its exit code */
const run = (script: string, args: readonly (string | number)[]): Promise<number> =>
  new Promise((resolve) => {
    const command = ['--import', HOOKS, here(script), ...args.map(String)]
    const child = spawn(process.execPath, command, { stdio: 'inherit' })
    child.once('exit', (code) => resolve(code ?? 1))
  })

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    threats: { type: 'boolean' },
    table: { type: 'string' },
    file: { type: 'string', default: 'campaigns.jsonl' },
    write: { type: 'boolean' }
  }
})

async function runAll(): Promise<readonly number[]> {
  const cores = availableParallelism()
  if (values.seed !== undefined) return [await run('./sim/seeds.ts', [values.seed, 1])]
  if (values.threats) return [await run('./sim/tables.ts', ['threats'])]
  if (values.write) return [await run('./sim/tables.ts', ['colluders', values.file])]
  if (values.table !== undefined) {
    const until = new Date(Date.now() + Number(values.table) * 60_000).toISOString()
    const parts = Array.from({ length: cores }, (_, core) =>
      run('./sim/campaigns.ts', [values.file, 1 + core * 10_000, until])
    )
    return Promise.all(parts)
  }
  const seeds = Number(values.seeds ?? 50)
  const parts = Array.from({ length: cores }, (_, core) => {
    const count = Math.ceil((seeds - core) / cores)
    return run('./sim/seeds.ts', [Number(values.from) + core, count, cores])
  })
  return Promise.all(parts)
}

process.exitCode = Math.max(...(await runAll()))
