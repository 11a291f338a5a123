/**
 * What lets our operator take part: a vouch that a coordinator gave, or work of our own, done once
 * per epoch and kept beside the keys.
 */
import { hash, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { concat } from 'uint8arrays/concat'
import { equals } from 'uint8arrays/equals'
import type { Federation } from '../../../protocol/federation.ts'
import {
  admissionPrefix,
  admissionWork,
  leadingZeros
} from '../../../protocol/proof/admission-work.ts'
import { ShapeError } from '../../../protocol/shape.ts'
import { bodyOf, claimedKind, type Keyring } from '../../../protocol/signed.ts'
import { writeAtomically } from '../home.ts'

/** Hashes between two turns of the event loop: a few milliseconds. */
const HASHES_PER_TURN = 4096

const fileOf = (home: string): string => join(home, 'admission.cbor')

/** Does what lies there still admit this operator? */
function isValid(envelope: Uint8Array, operator: Uint8Array, federation: Federation): boolean {
  try {
    if (claimedKind(envelope) === 'vouch') {
      const vouch = bodyOf('vouch', envelope)
      return equals(vouch.operator, operator) && vouch.expiresAtMs > Date.now()
    }
    const paid = bodyOf('admission', envelope)
    const isOurs = equals(paid.operator, operator) && paid.epoch === federation.epoch
    return isOurs && admissionWork(federation.network, paid) >= federation.admissionBits
  } catch (error) {
    if (error instanceof ShapeError) return false
    throw error
  }
}

/** A nonce whose hash has enough leading zero bits; takes 2^bits hashes on average. */
async function work(
  operator: Uint8Array,
  { network, epoch, admissionBits }: Federation,
  signal: AbortSignal
): Promise<Uint8Array> {
  const prefix = admissionPrefix(network, operator, epoch)
  const nonce = new Uint8Array(randomBytes(16))
  const counter = new DataView(nonce.buffer)
  for (let count = 0; ; count += 1) {
    if (count % HASHES_PER_TURN === 0) {
      await setImmediate()
      signal.throwIfAborted()
    }
    counter.setBigUint64(0, counter.getBigUint64(0) + 1n)
    if (leadingZeros(hash('sha256', concat([prefix, nonce]), 'buffer')) >= admissionBits) {
      return nonce
    }
  }
}

/** The signed `admission` or `vouch` of this operator; undefined where none is asked for. */
export async function operatorAdmission(
  home: string,
  operator: Keyring,
  federation: Federation,
  signal: AbortSignal
): Promise<Uint8Array | undefined> {
  if (federation.admissionBits === 0) return undefined
  const kept = await readFile(fileOf(home)).catch(() => undefined)
  if (kept !== undefined && isValid(new Uint8Array(kept), operator.key, federation)) {
    return new Uint8Array(kept)
  }
  const nonce = await work(operator.key, federation, signal)
  const { epoch } = federation
  const body = { kind: 'admission' as const, operator: operator.key, epoch, nonce }
  const envelope = operator.sign('admission', body)
  await writeAtomically(fileOf(home), envelope)
  return envelope
}
