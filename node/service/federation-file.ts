/** The federation manifest on disk: made and signed by the root key, or read and checked. */
import { readFile } from 'node:fs/promises'
import { equals } from 'uint8arrays/equals'
import { decode, encode } from '../../protocol/canonical.ts'
import {
  DEFAULT_ADMISSION_BITS,
  DEFAULT_TIMERS,
  type Federation,
  type Manifest,
  manifest,
  type Timers
} from '../../protocol/federation.ts'
import {
  type OpenedFederation,
  openFederation,
  publicKeyOf,
  signManifest
} from '../../protocol/signed.ts'
import { MeshError } from '../mesh-error.ts'
import { builtInKernel } from '../worker/kernel-file.ts'

export interface FederationInit {
  readonly network: string
  readonly coordinators: Federation['coordinators']
  readonly timeScale: number
  /** Those that differ from DEFAULT_TIMERS. */
  readonly timers?: Partial<Timers>
  /** Default: DEFAULT_ADMISSION_BITS. */
  readonly admissionBits?: number
  /** Further roots than those that sign now. */
  readonly roots?: readonly Uint8Array[]
  /** Default: all of the roots that sign now. */
  readonly rootsNeeded?: number
  readonly rootSecrets: readonly Uint8Array[]
}

/** Co-signatures that n coordinators need for a verified forecast (PROTOCOL §4). */
export const signaturesNeeded = (count: number): number =>
  count <= 2 ? count : count === 3 ? 2 : Math.floor((2 * count) / 3) + 1

/** The signed manifest of a new federation that allows the built-in kernel. */
export function makeFederation(init: FederationInit): Uint8Array {
  const { network, coordinators, timeScale, rootSecrets, roots = [] } = init
  const { cid } = builtInKernel()
  return signAll(
    encode({
      kind: 'federation',
      network,
      epoch: 1,
      roots: [...rootSecrets.map(publicKeyOf), ...roots],
      rootsNeeded: init.rootsNeeded ?? rootSecrets.length,
      coordinators,
      signaturesNeeded: signaturesNeeded(coordinators.length),
      kernels: [cid],
      admissionBits: init.admissionBits ?? DEFAULT_ADMISSION_BITS,
      timers: { ...DEFAULT_TIMERS, ...init.timers },
      timeScale
    }),
    rootSecrets
  )
}

/** A manifest body with these signatures beside those it may bear already. */
export function signAll(
  body: Uint8Array,
  rootSecrets: readonly Uint8Array[],
  signatures: Manifest['signatures'] = []
): Uint8Array {
  let made = encode({ kind: 'manifest', body, signatures })
  for (const secret of rootSecrets) {
    made = signManifest(body, secret, decode(manifest, made).signatures)
  }
  return made
}

/**
 * Reads a manifest file.
 * @throws MeshError config/invalid when it is not a manifest, or not signed by `rootKey`
 */
export async function readFederation(
  file: string,
  rootKey?: Uint8Array
): Promise<OpenedFederation> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    const why = (cause as { code?: unknown }).code === 'ENOENT' ? 'no such file' : 'cannot be read'
    const advice = 'ask a coordinator for the manifest, or make one: driftmesh federation init'
    throw new MeshError('config/invalid', `${file}: ${why}; ${advice}`, { cause })
  })
  let opened: OpenedFederation
  try {
    opened = openFederation(new Uint8Array(bytes))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new MeshError('config/invalid', `${file}: not a signed federation manifest (${why})`, {
      cause
    })
  }
  if (rootKey !== undefined && !opened.signers.some((signer) => equals(signer, rootKey))) {
    throw new MeshError('config/invalid', `${file}: not signed by the root key that was given`)
  }
  return opened
}
