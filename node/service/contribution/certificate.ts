/**
 * What an operator has contributed, by the receipts that coordinators signed: a sum for the eye,
 * and a certificate that anybody can check without a network, from the receipts themselves and the
 * manifest that says whose signatures count.
 */
import { equals } from 'uint8arrays/equals'
import { fromString } from 'uint8arrays/from-string'
import { toString as toText } from 'uint8arrays/to-string'
import { z } from 'zod'
import { fromHex, toHex } from '../../../protocol/hex.ts'
import { ShapeError } from '../../../protocol/shape.ts'
import {
  type Curve,
  ed25519,
  type OpenedFederation,
  openFederation,
  openStatement
} from '../../../protocol/signed.ts'
import { MeshError } from '../../mesh-error.ts'

export interface Contribution {
  readonly network: string
  readonly operator: string
  readonly units: number
  readonly particleSteps: number
  /** ISO 8601 of the first and last receipt; absent without any. */
  readonly from?: string
  readonly to?: string
  /** Receipts that count, by the institution whose coordinator signed them. */
  readonly institutions: Readonly<Record<string, number>>
}

const certificateShape = z.object({
  kind: z.literal('driftmesh-certificate'),
  version: z.literal(1),
  operator: z.string().regex(/^[0-9a-f]{64}$/),
  manifest: z.string(),
  receipts: z.array(z.string())
})
export type Certificate = z.infer<typeof certificateShape>

/**
 * Sums up receipts. One that is twice there counts once; one of another operator, or that no
 * coordinator of the manifest signed, does not count.
 */
export function contributionOf(
  federation: OpenedFederation,
  operator: Uint8Array,
  receipts: Iterable<Uint8Array>,
  curve: Curve = ed25519
): { readonly contribution: Contribution; readonly refused: number } {
  const { network, coordinators } = federation.body
  const verdicts = new Set<string>()
  const institutions: Record<string, number> = {}
  let particleSteps = 0
  let refused = 0
  let [firstMs, lastMs] = [Number.POSITIVE_INFINITY, 0]
  for (const envelope of receipts) {
    const opened = openReceipt(network, envelope, curve)
    const by = coordinators.find(({ key }) => opened !== undefined && equals(key, opened.signer))
    if (opened === undefined || by === undefined || !equals(opened.body.operator, operator)) {
      refused += 1
      continue
    }
    const { verdict, fuel, atMs, peer } = opened.body
    const name = `${verdict} ${toHex(peer)}`
    if (verdicts.has(name)) continue
    verdicts.add(name)
    institutions[by.institution] = (institutions[by.institution] ?? 0) + 1
    particleSteps += fuel
    firstMs = Math.min(firstMs, atMs)
    lastMs = Math.max(lastMs, atMs)
  }
  const span =
    verdicts.size === 0
      ? {}
      : { from: new Date(firstMs).toISOString(), to: new Date(lastMs).toISOString() }
  const sum = { network, operator: toHex(operator), units: verdicts.size, particleSteps }
  return { contribution: { ...sum, ...span, institutions }, refused }
}

function openReceipt(network: string, envelope: Uint8Array, curve: Curve) {
  try {
    return openStatement('receipt', network, envelope, curve)
  } catch (error) {
    if (error instanceof ShapeError) return undefined
    throw error
  }
}

const text = (bytes: Uint8Array): string => toText(bytes, 'base64')

export const certificateOf = (
  manifest: Uint8Array,
  operator: Uint8Array,
  receipts: readonly Uint8Array[]
): Certificate => ({
  kind: 'driftmesh-certificate',
  version: 1,
  operator: toHex(operator),
  manifest: text(manifest),
  receipts: receipts.map(text)
})

const bad = (why: string, cause?: unknown): MeshError =>
  new MeshError('verify/mismatch', `the certificate is not valid: ${why}`, { cause })

/**
 * Checks a certificate by itself.
 * @param rootKey who must have signed its manifest; else the caller has to trust it
 * @throws MeshError verify/mismatch
 */
export function verifyCertificate(
  json: unknown,
  rootKey: Uint8Array | undefined,
  curve: Curve = ed25519
): { readonly contribution: Contribution; readonly roots: readonly string[] } {
  const parsed = certificateShape.safeParse(json)
  if (!parsed.success) throw bad('it has not the form of one', parsed.error)
  const { operator, manifest, receipts } = parsed.data
  let federation: OpenedFederation
  let envelopes: Uint8Array[]
  try {
    federation = openFederation(fromString(manifest, 'base64'))
    envelopes = receipts.map((each) => fromString(each, 'base64'))
  } catch (cause) {
    throw bad('its manifest or a receipt cannot be read', cause)
  }
  if (rootKey !== undefined && !federation.signers.some((signer) => equals(signer, rootKey))) {
    throw bad('its manifest is not signed by the root key that was given')
  }
  const { contribution, refused } = contributionOf(federation, fromHex(operator), envelopes, curve)
  if (refused > 0) throw bad(`${refused} of ${receipts.length} receipts do not count`)
  return { contribution, roots: federation.signers.map(toHex) }
}
