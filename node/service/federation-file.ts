/** The federation manifest on disk: made and signed by the root key, or read and checked. */
import { readFile } from 'node:fs/promises'
import { equals } from 'uint8arrays/equals'
import { DEFAULT_TIMERS, type Federation } from '../../protocol/federation.ts'
import { type Authentic, openFederation, signStatement } from '../../protocol/signed.ts'
import { MeshError } from '../mesh-error.ts'
import { builtInKernel } from '../worker/kernel-file.ts'

export interface FederationInit {
  readonly network: string
  readonly coordinators: Federation['coordinators']
  readonly timeScale: number
  readonly rootSecret: Uint8Array
}

/** Co-signatures that n coordinators need for a verified forecast (PROTOCOL §4). */
export const signaturesNeeded = (count: number): number =>
  count <= 2 ? count : count === 3 ? 2 : Math.floor((2 * count) / 3) + 1

/** The signed manifest of a new federation that allows the built-in kernel. */
export function makeFederation(init: FederationInit): Uint8Array {
  const { network, coordinators, timeScale, rootSecret } = init
  const { cid } = builtInKernel()
  return signStatement(
    'federation',
    network,
    {
      kind: 'federation',
      network,
      epoch: 1,
      coordinators,
      signaturesNeeded: signaturesNeeded(coordinators.length),
      kernels: [cid],
      timers: DEFAULT_TIMERS,
      timeScale
    },
    rootSecret
  )
}

/**
 * Reads a manifest file.
 * @throws MeshError config/invalid when it is not a manifest, or not signed by `rootKey`
 */
export async function readFederation(
  file: string,
  rootKey?: Uint8Array
): Promise<Authentic<Federation>> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    const why = (cause as { code?: unknown }).code === 'ENOENT' ? 'no such file' : 'cannot be read'
    const advice = 'ask a coordinator for the manifest, or make one: driftmesh federation init'
    throw new MeshError('config/invalid', `${file}: ${why}; ${advice}`, { cause })
  })
  let manifest: Authentic<Federation>
  try {
    manifest = openFederation(new Uint8Array(bytes))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new MeshError('config/invalid', `${file}: not a signed federation manifest (${why})`, {
      cause
    })
  }
  if (rootKey !== undefined && !equals(manifest.signer, rootKey)) {
    throw new MeshError('config/invalid', `${file}: not signed by the root key that was given`)
  }
  return manifest
}
