/** Proofs in the ledgers of a mesh, checked as a third party does that trusts nobody. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { LocalMesh } from '../../node/demo/local-mesh.ts'
import type { ProofReport } from '../../node/proof/verify-proof.ts'
import { readFederation } from '../../node/service/federation-file.ts'
import { cborCid } from '../../protocol/canonical.ts'
import { toHex } from '../../protocol/hex.ts'
import { publicKeyOf } from '../../protocol/signed.ts'
import { readLedger } from './running-mesh.ts'

const MAIN = fileURLToPath(new URL('../../node/main.ts', import.meta.url))
/** A stranger looks for blocks in the mesh; on a busy machine that takes a while. */
const READ_SECONDS = 240

export const operatorOf = async (home: string): Promise<string> =>
  toHex(publicKeyOf(new Uint8Array(await readFile(join(home, 'operator.key')))))

export const peerOf = async (home: string): Promise<string> =>
  toHex(publicKeyOf(new Uint8Array(await readFile(join(home, 'peer.key')))))

/** Whom the log of a running coordinator says to be out, operators and coordinators. */
export async function namedBy(home: string): Promise<Set<string>> {
  const named = new Set<string>()
  for (const line of (await readFile(join(home, 'node.log'), 'utf8')).split('\n')) {
    if (!line.includes('operator.convicted') && !line.includes('coordinator.expelled')) continue
    const { operator, coordinator } = JSON.parse(line)
    named.add(operator ?? coordinator)
  }
  return named
}

/** Proofs in the ledger of a coordinator that is not running, by who is accused. */
export async function proofsIn(home: string): Promise<Map<string, string>> {
  const proofs = new Map<string, string>()
  for (const fact of await readLedger(home)) {
    if (fact.kind === 'operator-convicted') {
      proofs.set(toHex(fact.operator), `${cborCid(fact.proof)}`)
    } else if (fact.kind === 'coordinator-expelled') {
      proofs.set(toHex(fact.coordinator), `${cborCid(fact.proof)}`)
    }
  }
  return proofs
}

/** `driftmesh verify` by somebody who knows the mesh's name and where to read. */
export async function verifyAsStranger(
  mesh: LocalMesh,
  proof: string,
  where: readonly string[]
): Promise<ProofReport> {
  const { network } = (await readFederation(mesh.federationFile)).body
  const args = ['verify', proof, '--network', network, '--timeout', `${READ_SECONDS}`, ...where]
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, ...args, '--json'])
  return JSON.parse(stdout)
}

/** Every proof names whom the ledger names, to a stranger. @returns kinds of proof by accused */
export async function checkProofs(
  mesh: LocalMesh,
  proofs: ReadonlyMap<string, string>,
  where: readonly string[]
): Promise<Map<string, string>> {
  const kinds = new Map<string, string>()
  for (const [accused, proof] of proofs) {
    const report = await verifyAsStranger(mesh, proof, where)
    assert.equal(report.accused, accused)
    kinds.set(accused, report.kind)
  }
  return kinds
}
