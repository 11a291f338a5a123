/** What a copier knows: everything that travelled in the open, as if it sat on every wire. */
import type { CID } from 'multiformats/cid'
import { toHex } from '../../../protocol/hex.ts'
import type { Reveal } from '../../../protocol/message/result.ts'
import { bodyOf, claimedKind, type Keyring } from '../../../protocol/signed.ts'

/** What travelled in the open, as a spy on every wire would know it. */
export class Spy {
  readonly #commits = new Map<string, Uint8Array>()
  readonly #reveals = new Map<string, Reveal>()

  /** Notes what an honest volunteer says. @returns the same envelope */
  hear(envelope: Uint8Array): Uint8Array {
    const kind = claimedKind(envelope)
    if (kind === 'commit') {
      const { unit, digest } = bodyOf(kind, envelope)
      this.#commits.set(unit.toString(), digest)
    }
    if (kind === 'reveal') {
      const body = bodyOf(kind, envelope)
      this.#reveals.set(body.unit.toString(), body)
    }
    return envelope
  }

  hasCommit(unit: CID): boolean {
    return this.#commits.has(unit.toString())
  }

  hasReveal(unit: CID): boolean {
    return this.#reveals.has(unit.toString())
  }

  /** The copier's commit: somebody else's seal under its own name. */
  copyCommit(keyring: Keyring, envelope: Uint8Array): Uint8Array {
    const body = bodyOf('commit', envelope)
    const digest = this.#commits.get(body.unit.toString()) ?? body.digest
    return keyring.sign('commit', { ...body, digest })
  }

  /** The copier's reveal: what the other one revealed, under its own name. */
  copyReveal(keyring: Keyring, envelope: Uint8Array): Uint8Array {
    const body = bodyOf('reveal', envelope)
    const other = this.#reveals.get(body.unit.toString())
    if (other === undefined || toHex(other.peer) === toHex(body.peer)) return envelope
    const { result, traceRoot, fuel, salt } = other
    return keyring.sign('reveal', { ...body, result, traceRoot, fuel, salt })
  }
}
