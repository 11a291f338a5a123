/**
 * The kernel this program was built with: its bytes and the CID they are pinned by, checked against
 * each other, so that a damaged installation fails before it computes anything.
 */
import { readFileSync } from 'node:fs'
import { CID } from 'multiformats/cid'
import { rawCid } from '../../protocol/canonical.ts'
import { MeshError } from '../mesh-error.ts'

export interface KernelFile {
  readonly bytes: Uint8Array
  readonly cid: CID
}

let loaded: KernelFile | undefined

/** @throws MeshError `verify/mismatch` when kernel.wasm is not the module kernel.cid names */
export function builtInKernel(): KernelFile {
  if (loaded !== undefined) return loaded
  const read = (name: string): Uint8Array =>
    new Uint8Array(readFileSync(new URL(`../../kernel/${name}`, import.meta.url)))
  const bytes = read('kernel.wasm')
  const cid = CID.parse(new TextDecoder().decode(read('kernel.cid')).trim())
  if (!cid.equals(rawCid(bytes))) {
    throw new MeshError('verify/mismatch', `kernel.wasm is not the pinned kernel ${cid}; reinstall`)
  }
  loaded = { bytes, cid }
  return loaded
}
