/** `identity show` and `identity vouch`: this home's keys, and whom a coordinator answers for. */
import { toHex as hex } from '../../protocol/hex.ts'
import { keyringOf, publicKeyOf } from '../../protocol/signed.ts'
import { MeshError } from '../mesh-error.ts'
import { readFederation } from '../service/federation-file.ts'
import { ensureHome, homeFolder, writeAtomically } from '../service/home.ts'
import { operatorSecret, peerSecret } from '../service/identity/keys.ts'
import { parseKey } from '../service/identity/public-key.ts'
import { refuseExisting } from './new-file.ts'
import type { Context } from './program.ts'

const DAY_MS = 86_400_000

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

interface VouchFlags {
  readonly home?: string
  readonly federation: string
  readonly days: number
  readonly out: string
}

/** Signs with the coordinator's key of this home that an operator needs no proof of work. */
export async function vouchFor(
  operatorKey: string,
  flags: VouchFlags,
  { terminal }: Context
): Promise<void> {
  await refuseExisting(flags.out)
  const home = homeFolder(flags.home, process.env)
  const { body } = await readFederation(flags.federation)
  const { key, sign } = keyringOf(await peerSecret(home), body.network)
  if (!body.coordinators.some((coordinator) => hex(coordinator.key) === hex(key))) {
    throw new MeshError('cli/usage', `${home} holds no coordinator's key of ${body.network}`)
  }
  const operator = parseKey(operatorKey)
  const expiresAtMs = Date.now() + flags.days * DAY_MS
  await writeAtomically(flags.out, sign('vouch', { kind: 'vouch', operator, expiresAtMs }))
  terminal.answer(`written to ${flags.out}`)
  terminal.say('its owner puts it into the home of the volunteer, as admission.cbor')
}
