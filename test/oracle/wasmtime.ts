/** The units of the determinism matrix in wasmtime, by replay of a trace (replay_wasmtime.py). */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
/** A Python that has wasmtime. */
const PYTHON = process.env.DRIFTMESH_WASMTIME_PYTHON ?? 'python3'

export interface Replayed {
  readonly version: string
  readonly hash: string
}

/** Undefined where Python has no wasmtime; throws when a call or a memory image differs. */
export async function hashInWasmtime(folder: string): Promise<Replayed | undefined> {
  const hasWasmtime = await run(PYTHON, ['-c', 'import wasmtime']).then(
    () => true,
    () => false
  )
  if (!hasWasmtime) return undefined
  const trace = join(folder, 'trace')
  await run(process.execPath, [pathOf('./trace-main.ts'), trace])
  const { stdout } = await run(PYTHON, [pathOf('./replay_wasmtime.py'), trace])
  return JSON.parse(stdout) as Replayed
}
