/**
 * Signatures: domain-separated Ed25519 over canonical bytes, verified strictly (RFC 8032, not
 * ZIP-215). This is the only file that imports noble's curve and the only one that can mint
 * `Authentic`, the type in which cores accept what a peer said.
 */
import { getPublicKey, hashes, Point, sign, verify } from '@noble/ed25519'
import { sha512 } from '@noble/hashes/sha2.js'
import type { CID } from 'multiformats/cid'
import { concat } from 'uint8arrays/concat'
import { equals } from 'uint8arrays/equals'
import { fromString } from 'uint8arrays/from-string'
import { cborCid, decode, encode } from './canonical.ts'
import { type Federation, federation, manifest, publicKey } from './federation.ts'
import { toHex } from './hex.ts'
import { BLOCK_BYTES_MAX } from './limits.ts'
import { type StatementKind, type StatementOf, statements } from './message.ts'
import { bytes, object, type Shape, ShapeError, text } from './shape.ts'

hashes.sha512 = sha512

/**
 * The curve as a port. Everybody uses {@link ed25519}; only the simulator passes one that mints
 * statements without curve arithmetic, so that a thousand seeds fit in a minute.
 */
export interface Curve {
  publicKeyOf(secretKey: Uint8Array): Uint8Array
  sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array
  verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean
}

/** Ed25519 by RFC 8032, verified strictly. */
export const ed25519: Curve = {
  publicKeyOf: getPublicKey,
  sign,
  verify: (signature, message, key) => verify(signature, message, key, { zip215: false })
}

/**
 * Is it the canonical encoding of a point that is not of small order? For such a key every
 * verification without a cofactor that compares R byte by byte and refuses S >= L (RFC 8032 §5.1.7
 * as most libraries do it) accepts nothing that {@link ed25519} refuses; not the other way round.
 */
export function isStrictKey(key: Uint8Array): boolean {
  try {
    return !Point.fromBytes(key, false).isSmallOrder()
  } catch {
    return false // no point of the curve, or another way of writing one
  }
}

const signedShape = object('signed', {
  type: text(64),
  body: bytes(BLOCK_BYTES_MAX, 1),
  signer: publicKey,
  signature: bytes(64, 64)
})

declare const authentic: unique symbol

/** A statement whose signature was checked: `signer` said `body` in this network. */
export interface Authentic<T> {
  readonly body: T
  readonly signer: Uint8Array
  /** The canonical envelope, to store or pass on. */
  readonly envelope: Uint8Array
  /** CID of the envelope. */
  readonly cid: CID
  readonly [authentic]: true
}

const signedBytes = (kind: string, network: string, body: Uint8Array): Uint8Array =>
  concat([fromString(`driftmesh/${kind}/v1\0${network}\0`), body])

/** Public key (32 bytes) of a 32-byte secret key. */
export const publicKeyOf = (secretKey: Uint8Array): Uint8Array => getPublicKey(secretKey)

/** Canonical envelope of a statement, signed. */
export function signStatement<K extends StatementKind>(
  kind: K,
  network: string,
  body: StatementOf<K>,
  secretKey: Uint8Array,
  curve: Curve = ed25519
): Uint8Array {
  return keyringOf(secretKey, network, curve).sign(kind, body)
}

/** The kind an envelope claims to hold; nothing is checked but its form. */
export const claimedKind = (envelope: Uint8Array): string => decode(signedShape, envelope).type

/**
 * What an envelope claims, for checks that are cheaper than its signature, and the shape its body
 * has to have if it is of this kind.
 * @throws ShapeError when it is not an envelope in canonical form
 */
export function claimsOf<K extends StatementKind>(
  kind: K,
  envelope: Uint8Array
): { type: string; signer: Uint8Array; body: Uint8Array; shape: Shape<StatementOf<K>> } {
  const { type, signer, body } = decode(signedShape, envelope)
  return { type, signer, body, shape: statements[kind] as Shape<StatementOf<K>> }
}

/**
 * Opens an envelope of one kind.
 * @throws ShapeError when form, kind or signature is wrong
 */
export function openStatement<K extends StatementKind>(
  kind: K,
  network: string,
  envelope: Uint8Array,
  curve: Curve = ed25519
): Authentic<StatementOf<K>> {
  const signed = decode(signedShape, envelope)
  if (signed.type !== kind) throw new ShapeError('type', `must be ${kind}`)
  const body = decode(statements[kind] as Shape<StatementOf<K>>, signed.body)
  const message = signedBytes(kind, network, signed.body)
  if (!curve.verify(signed.signature, message, signed.signer)) {
    throw new ShapeError('signature', 'does not verify')
  }
  return mint(body, signed.signer, envelope)
}

/** The CID is hashed when it is asked for: of most statements it never is. */
function mint<T>(body: T, signer: Uint8Array, envelope: Uint8Array): Authentic<T> {
  let cid: CID | undefined
  const said = {
    body,
    signer,
    envelope,
    get cid() {
      cid ??= cborCid(envelope)
      return cid
    }
  }
  return said as Authentic<T>
}

/** A manifest that enough of its own roots signed. */
export interface OpenedFederation extends Authentic<Federation> {
  /** The roots whose signatures it bears. */
  readonly signers: readonly Uint8Array[]
}

/** Adds a root's signature to a manifest's body; `others` are signatures it bears already. */
export function signManifest(
  body: Uint8Array,
  secretKey: Uint8Array,
  others: readonly { readonly signer: Uint8Array; readonly signature: Uint8Array }[] = []
): Uint8Array {
  const signer = publicKeyOf(secretKey)
  const { network } = decode(federation, body)
  const signature = ed25519.sign(signedBytes('federation', network, body), secretKey)
  const rest = others.filter((other) => !equals(other.signer, signer))
  return encode({ kind: 'manifest', body, signatures: [...rest, { signer, signature }] })
}

/**
 * Opens a federation manifest, the one statement that itself says in which network it was signed.
 * Its own roots must have signed it, as many as it asks for; the caller still has to compare them
 * with the root key, or the roots of an earlier epoch, that it trusts.
 * @throws ShapeError when form, kind or a signature is wrong, or there are too few
 */
export function openFederation(bytes: Uint8Array): OpenedFederation {
  const said = decode(manifest, bytes)
  const body = decode(federation, said.body)
  const message = signedBytes('federation', body.network, said.body)
  const names = new Set<string>()
  for (const { signer, signature } of said.signatures) {
    if (!body.roots.some((root) => equals(root, signer))) {
      throw new ShapeError('signatures', 'hold one by no root of the manifest')
    }
    if (!ed25519.verify(signature, message, signer)) {
      throw new ShapeError('signatures', 'hold one that does not verify')
    }
    names.add(toHex(signer))
  }
  if (names.size < body.rootsNeeded) {
    throw new ShapeError('signatures', `are ${names.size}, and ${body.rootsNeeded} are needed`)
  }
  const signers = said.signatures.map(({ signer }) => signer)
  const [signer] = signers
  const cid = cborCid(bytes)
  return { body, signer, signers, envelope: bytes, cid } as unknown as OpenedFederation
}

/** May this manifest follow that one? A higher epoch, signed by enough of the roots before it. */
export const followsManifest = (next: OpenedFederation, present: Federation): boolean =>
  next.body.network === present.network &&
  next.body.epoch > present.epoch &&
  next.signers.filter((signer) => present.roots.some((root) => equals(root, signer))).length >=
    present.rootsNeeded

/**
 * The body of an envelope whose signature is *not* checked: for what this process itself logged.
 * @throws ShapeError when form or kind is wrong
 */
export function bodyOf<K extends StatementKind>(kind: K, envelope: Uint8Array): StatementOf<K> {
  const signed = decode(signedShape, envelope)
  if (signed.type !== kind) throw new ShapeError('type', `must be ${kind}`)
  return decode(statements[kind] as Shape<StatementOf<K>>, signed.body)
}

/** What a core signs with: it sees statements and its own key, never the secret. */
export interface Keyring {
  readonly key: Uint8Array
  sign<K extends StatementKind>(kind: K, body: StatementOf<K>): Uint8Array
}

export const keyringOf = (
  secretKey: Uint8Array,
  network: string,
  curve: Curve = ed25519
): Keyring => {
  const key = curve.publicKeyOf(secretKey)
  return {
    key,
    sign: (kind, body) => {
      const encoded = encode(body)
      const signature = curve.sign(signedBytes(kind, network, encoded), secretKey)
      return encode({ kind: 'signed', type: kind, body: encoded, signer: key, signature })
    }
  }
}
