/**
 * The demonstration's proof: a new process with a new key and an empty store, knowing only a
 * bootstrap address, the root key and a CID, fetches the forecast and verifies all of it.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { VerifyReport } from '../forecast/product/verify/verify.ts'
import { MeshError } from '../mesh-error.ts'
import { binaryPath } from './child-node.ts'
import type { LocalMesh } from './local-mesh.ts'

const execute = promisify(execFile)

/** A report lists every unit; far beyond what a demonstration has. */
const REPORT_BYTES_MAX = 16 * 1024 * 1024

export type SelfCheck = VerifyReport

async function driftmesh(args: readonly string[], signal: AbortSignal): Promise<string> {
  try {
    const { stdout } = await execute(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', binaryPath(), ...args],
      { signal, maxBuffer: REPORT_BYTES_MAX }
    )
    return stdout
  } catch (cause) {
    if (signal.aborted) throw cause
    const stderr = String((cause as { stderr?: unknown }).stderr ?? cause)
    throw new MeshError('verify/mismatch', `the self-check failed: ${stderr.trim()}`, { cause })
  }
}

/** Verifies the forecast as a stranger would, and writes its folder to `dir`. */
export async function selfCheck(
  mesh: LocalMesh,
  forecast: string,
  dir: string,
  signal: AbortSignal
): Promise<SelfCheck> {
  const from = ['--bootstrap', mesh.bootstrap]
  const report = await driftmesh(
    ['verify', forecast, '--all', '--json', '--root-key', mesh.rootKey, '--out', dir, ...from],
    signal
  )
  return JSON.parse(report) as SelfCheck
}
