/** `identity show`, `federation init` and `federation show`: keys and who may coordinate. */
import { toHex as hex } from '../../protocol/hex.ts'
import { publicKeyOf } from '../../protocol/signed.ts'
import { MeshError } from '../mesh-error.ts'
import { makeFederation, readFederation } from '../service/federation-file.ts'
import { ensureHome, homeFolder, writeAtomically } from '../service/home.ts'
import { operatorSecret, peerSecret } from '../service/keys.ts'
import { parseKey } from '../service/public-key.ts'
import { loadOrCreateSecret } from '../store/key-file.ts'
import { refuseExisting } from './new-file.ts'
import type { Context } from './program.ts'

export async function showIdentity(
  flags: { readonly home?: string; readonly json?: boolean },
  { terminal }: Context
): Promise<void> {
  const home = homeFolder(flags.home, process.env)
  await ensureHome(home)
  const peer = hex(publicKeyOf(await peerSecret(home)))
  const operator = hex(publicKeyOf(await operatorSecret(home)))
  if (flags.json) {
    terminal.json({ home, peer, operator })
    return
  }
  terminal.answer(`peer      ${peer}  (a coordinator signs with this key)`)
  terminal.answer(`operator  ${operator}`)
}

interface InitFlags {
  readonly network: string
  readonly coordinator?: readonly string[]
  readonly root: string
  readonly out: string
  readonly timeScale: number
}

export async function initFederation(flags: InitFlags, { terminal }: Context): Promise<void> {
  await refuseExisting(flags.out)
  if (!(flags.timeScale > 0)) throw new MeshError('cli/usage', '--time-scale must be positive')
  const coordinators = (flags.coordinator ?? []).map((entry) => {
    const [key = '', institution = ''] = entry.split('=', 2)
    return { key: parseKey(key), institution, addresses: [] }
  })
  const rootSecret = await loadOrCreateSecret(flags.root)
  const { network, timeScale } = flags
  await writeAtomically(flags.out, makeFederation({ network, coordinators, timeScale, rootSecret }))
  terminal.answer(`written to ${flags.out}`)
  terminal.answer(`root key ${hex(publicKeyOf(rootSecret))} (tell it to your readers)`)
  terminal.say(`keep ${flags.root} secret and offline: whoever has it decides who coordinates`)
}

export async function showFederation(
  file: string,
  flags: { readonly json?: boolean },
  { terminal }: Context
): Promise<void> {
  const { body, signer } = await readFederation(file)
  const summary = {
    network: body.network,
    epoch: body.epoch,
    rootKey: hex(signer),
    signaturesNeeded: body.signaturesNeeded,
    coordinators: body.coordinators.map(({ key, institution }) => ({ key: hex(key), institution })),
    kernels: body.kernels.map(String),
    timeScale: body.timeScale
  }
  if (flags.json) {
    terminal.json(summary)
    return
  }
  terminal.answer(`network   ${summary.network}, epoch ${summary.epoch}`)
  terminal.answer(`root key  ${summary.rootKey}`)
  terminal.answer(`needs     ${summary.signaturesNeeded} co-signatures`)
  for (const { key, institution } of summary.coordinators) terminal.answer(`${key}  ${institution}`)
}
