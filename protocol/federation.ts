/**
 * The federation manifest names who may coordinate, which kernels may run and every timer, signed
 * by enough of the federation's root keys. A node is configured with the root key or the file; the
 * epoch only grows. Timers are real-time milliseconds divided by `timeScale` (local meshes: 30).
 */
import { CLOCK_SKEW_MS, COORDINATORS_MAX, GOSSIP_BYTES_MAX, ROOTS_MAX, TEXT_MAX } from './limits.ts'
import { bytes, fields, float, type Infer, integer, link, list, object, text } from './shape.ts'

const ms = integer(30 * 86_400_000, 1)
export const publicKey = bytes(32, 32)

export const timers = fields({
  /** A volunteer reports every leased or committed unit this often; three missed free the lease. */
  heartbeatMs: ms,
  /** Shortest and longest lease; between them 4 × the estimate + leaseExtraMs. */
  leaseMinMs: ms,
  leaseMaxMs: ms,
  leaseExtraMs: ms,
  /** A commit whose reveal does not arrive in this time is a fault. */
  revealMs: ms,
  /** A reveal whose blocks cannot be fetched in this time is a fault. */
  fetchMs: ms,
  /** Coordinators repeat an announcement of open units this often (fresh peers, lost gossip). */
  announceMs: ms,
  /** A statement to another coordinator is repeated this often until it is answered. */
  resendMs: ms,
  /** An idle volunteer asks again after this time. */
  retryMs: ms,
  /** Coordinators tell each other the heads of their logs this often. */
  headMs: ms,
  /** A coordinator of which nothing is heard for this long is silent. */
  silentMs: ms
})
export type Timers = Infer<typeof timers>

export const federation = object('federation', {
  network: text(64),
  /** Only grows; of two manifests the higher one holds. */
  epoch: integer(),
  /** Who may sign a manifest, and how many of them have to. */
  roots: list(publicKey, ROOTS_MAX, 1),
  rootsNeeded: integer(ROOTS_MAX, 1),
  coordinators: list(
    fields({
      key: publicKey,
      institution: text(TEXT_MAX),
      addresses: list(text(TEXT_MAX), 16)
    }),
    COORDINATORS_MAX,
    1
  ),
  /** Checked co-signatures a verified forecast needs (PROTOCOL §4). */
  signaturesNeeded: integer(COORDINATORS_MAX, 1),
  kernels: list(link, 64, 1),
  /** Leading zero bits an operator's proof of work needs; 0: everybody may compute. */
  admissionBits: integer(64),
  timers,
  timeScale: float(0.001, 10_000)
})
export type Federation = Infer<typeof federation>

/** A manifest with the signatures of root keys: what a federation file and topic `control` hold. */
export const manifest = object('manifest', {
  /** Canonical bytes of the {@link federation}. */
  body: bytes(GOSSIP_BYTES_MAX, 1),
  signatures: list(fields({ signer: publicKey, signature: bytes(64, 64) }), ROOTS_MAX)
})
export type Manifest = Infer<typeof manifest>

/** A few seconds of one core per identity and epoch; local meshes ask for less. */
export const DEFAULT_ADMISSION_BITS = 22

/** The timers of PROTOCOL.md §3 in real time. */
export const DEFAULT_TIMERS: Timers = {
  heartbeatMs: 30_000,
  leaseMinMs: 15 * 60_000,
  leaseMaxMs: 24 * 3_600_000,
  leaseExtraMs: 10 * 60_000,
  revealMs: CLOCK_SKEW_MS,
  fetchMs: 10 * 60_000,
  announceMs: 60_000,
  resendMs: 30_000,
  retryMs: 60_000,
  headMs: 30_000,
  silentMs: 90_000
}
