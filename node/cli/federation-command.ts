/** `federation init | add | sign | show`: who may coordinate, under the keys of the roots. */
import { readFile } from 'node:fs/promises'
import { decode, encode } from '../../protocol/canonical.ts'
import { type Federation, federation, manifest } from '../../protocol/federation.ts'
import { toHex as hex } from '../../protocol/hex.ts'
import { ShapeError } from '../../protocol/shape.ts'
import { publicKeyOf } from '../../protocol/signed.ts'
import { MeshError, reasonOf } from '../mesh-error.ts'
import {
  makeFederation,
  readFederation,
  signAll,
  signaturesNeeded
} from '../service/federation-file.ts'
import { writeAtomically } from '../service/home.ts'
import { parseKey } from '../service/identity/public-key.ts'
import { loadOrCreateSecret } from '../store/key-file.ts'
import { refuseExisting } from './new-file.ts'
import type { Context } from './program.ts'

const coordinatorsOf = (entries: readonly string[] = []): Federation['coordinators'] =>
  entries.map((entry) => {
    const [key = '', institution = ''] = entry.split('=', 2)
    return { key: parseKey(key), institution, addresses: [] }
  })

interface InitFlags {
  readonly network: string
  readonly coordinator?: readonly string[]
  readonly root?: readonly string[]
  readonly rootKey?: readonly string[]
  readonly rootsNeeded?: number
  readonly out: string
  readonly timeScale: number
}

const ROOT_FILE = 'federation-root.key'

export async function initFederation(flags: InitFlags, { terminal }: Context): Promise<void> {
  await refuseExisting(flags.out)
  if (!(flags.timeScale > 0)) throw new MeshError('cli/usage', '--time-scale must be positive')
  const files = flags.root ?? [ROOT_FILE]
  const roots = (flags.rootKey ?? []).map(parseKey)
  const rootsNeeded = flags.rootsNeeded ?? files.length
  if (rootsNeeded > files.length + roots.length) {
    throw new MeshError('cli/usage', `--roots-needed ${rootsNeeded}: there are fewer roots`)
  }
  const rootSecrets: Uint8Array[] = []
  for (const file of files) rootSecrets.push(await loadOrCreateSecret(file))
  const { network, timeScale } = flags
  const coordinators = coordinatorsOf(flags.coordinator)
  const about = { network, coordinators, timeScale, roots, rootsNeeded, rootSecrets }
  await writeAtomically(flags.out, makeFederation(about))
  terminal.answer(`written to ${flags.out}`)
  for (const secret of rootSecrets) {
    terminal.answer(`root key ${hex(publicKeyOf(secret))} (tell it to your readers)`)
  }
  terminal.say(`keep ${files.join(', ')} secret and offline: the roots decide who coordinates`)
}

/** A manifest file as far as it is one, signed by enough roots or not yet. */
async function readManifest(file: string) {
  try {
    const said = decode(manifest, new Uint8Array(await readFile(file)))
    return { ...said, federation: decode(federation, said.body) }
  } catch (cause) {
    const why = cause instanceof ShapeError ? `not a manifest (${cause.message})` : reasonOf(cause)
    throw new MeshError('config/invalid', `${file}: ${why}`, { cause })
  }
}

interface AddFlags {
  readonly coordinator?: readonly string[]
  readonly remove?: readonly string[]
  readonly root?: readonly string[]
  readonly out: string
}

/** The next epoch: coordinators added or taken out, to be signed by the roots. */
export async function addToFederation(
  file: string,
  flags: AddFlags,
  { terminal }: Context
): Promise<void> {
  await refuseExisting(flags.out)
  const { federation: present } = await readManifest(file)
  const gone = new Set((flags.remove ?? []).map((key) => hex(parseKey(key))))
  const added = coordinatorsOf(flags.coordinator)
  const names = new Set(added.map(({ key }) => hex(key)))
  const kept = present.coordinators.filter(({ key }) => !gone.has(hex(key)) && !names.has(hex(key)))
  const coordinators = [...kept, ...added]
  if (coordinators.length === 0) throw new MeshError('cli/usage', 'nobody would coordinate')
  const body = encode({
    ...present,
    epoch: present.epoch + 1,
    coordinators,
    signaturesNeeded: signaturesNeeded(coordinators.length)
  })
  const secrets: Uint8Array[] = []
  for (const root of flags.root ?? []) secrets.push(await loadOrCreateSecret(root))
  await writeAtomically(flags.out, signAll(body, secrets))
  terminal.answer(`written to ${flags.out}: epoch ${present.epoch + 1}`)
  terminal.say(
    `${present.rootsNeeded} of its roots sign it: driftmesh federation sign ${flags.out}`
  )
}

/** Adds the signatures of root keys to a manifest. */
export async function signFederation(
  file: string,
  flags: { readonly root?: readonly string[] },
  { terminal }: Context
): Promise<void> {
  const { body, signatures, federation: said } = await readManifest(file)
  const secrets: Uint8Array[] = []
  for (const root of flags.root ?? [ROOT_FILE]) {
    const secret = await loadOrCreateSecret(root)
    if (!said.roots.some((key) => hex(key) === hex(publicKeyOf(secret)))) {
      throw new MeshError('cli/usage', `${root} is no root key of ${said.network}`)
    }
    secrets.push(secret)
  }
  const signed = signAll(body, secrets, signatures)
  await writeAtomically(file, signed)
  const count = decode(manifest, signed).signatures.length
  terminal.answer(`${file} bears ${count} of the ${said.rootsNeeded} signatures it needs`)
}

export async function showFederation(
  file: string,
  flags: { readonly json?: boolean },
  { terminal }: Context
): Promise<void> {
  const { federation: body, signatures } = await readManifest(file)
  // With too few signatures there is nothing to check yet; with enough all of them must hold.
  if (signatures.length >= body.rootsNeeded) await readFederation(file)
  const summary = {
    network: body.network,
    epoch: body.epoch,
    roots: body.roots.map(hex),
    rootsNeeded: body.rootsNeeded,
    signedBy: signatures.map(({ signer }) => hex(signer)),
    signaturesNeeded: body.signaturesNeeded,
    coordinators: body.coordinators.map(({ key, institution }) => ({ key: hex(key), institution })),
    kernels: body.kernels.map(String),
    admissionBits: body.admissionBits,
    timeScale: body.timeScale
  }
  if (flags.json) {
    terminal.json(summary)
    return
  }
  const signed = new Set(summary.signedBy)
  terminal.answer(`network   ${summary.network}, epoch ${summary.epoch}`)
  for (const root of summary.roots) {
    terminal.answer(`root key  ${root}${signed.has(root) ? '  signed' : ''}`)
  }
  terminal.answer(
    `needs     ${summary.rootsNeeded} of its roots, ${summary.signedBy.length} signed`
  )
  terminal.answer(`forecasts need ${summary.signaturesNeeded} co-signatures`)
  for (const { key, institution } of summary.coordinators) terminal.answer(`${key}  ${institution}`)
}
