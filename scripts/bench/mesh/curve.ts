/** Signing and opening a statement, by the reference and as nodes do it. */
import { openNativeCurve } from '../../../node/service/identity/native-curve.ts'
import { ed25519, keyringOf, openStatement } from '../../../protocol/signed.ts'
import { cpuMsOf } from './processor.ts'

const RUNS = 400
const SECRET = new Uint8Array(32).fill(7)

/** Rows: what, milliseconds of a core, per second. */
export async function curveRows(): Promise<string[][]> {
  const rows: string[][] = []
  const curves = [
    ['noble', ed25519],
    ['the host', openNativeCurve()]
  ] as const
  for (const [name, curve] of curves) {
    const keyring = keyringOf(SECRET, 'bench', curve)
    const lease = new Uint8Array(32)
    const body = { kind: 'heartbeat' as const, lease, particleStepsDone: 1, atMs: 1 }
    const envelope = keyring.sign('heartbeat', body)
    const signMs = await cpuMsOf(RUNS, () => keyring.sign('heartbeat', body))
    const openMs = await cpuMsOf(RUNS, () => openStatement('heartbeat', 'bench', envelope, curve))
    for (const [what, ms] of [
      ['sign', signMs],
      ['open and verify', openMs]
    ] as const) {
      const rate = Math.round(1000 / ms)
      rows.push([`${what} a statement, ${name}`, `${ms.toFixed(3)} ms`, `${rate}/s`])
    }
  }
  return rows
}
