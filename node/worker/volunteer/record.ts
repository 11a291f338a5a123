/**
 * What a volunteer must not forget: the leases it took, what it computed and how each ended. The
 * salt of a commit is here before the commit is sent, else a killed process could not reveal.
 */
import { decode, encode } from '../../../protocol/canonical.ts'
import { FRAME_BYTES_MAX } from '../../../protocol/limits.ts'
import {
  bytes,
  type Infer,
  integer,
  link,
  object,
  oneOf,
  optional,
  union
} from '../../../protocol/shape.ts'

const leaseId = bytes(32, 32)

/** How a lease ended for us. */
export const OUTCOMES = ['verified', 'dissenting', 'dropped', 'failed', 'expired', 'lost'] as const
export type Outcome = (typeof OUTCOMES)[number]

const records = {
  /** `grant` is the signed envelope. */
  leased: object('leased', { lease: leaseId, grant: bytes(FRAME_BYTES_MAX, 1) }),
  computed: object('computed', {
    lease: leaseId,
    result: link,
    traceRoot: bytes(32, 32),
    fuel: integer(),
    /** Root of the state it ended with. */
    state: optional(link),
    salt: bytes(32, 32)
  }),
  /** `witness` is the signed witnessing of our digest. */
  witnessed: object('witnessed', { lease: leaseId, witness: bytes(FRAME_BYTES_MAX, 1) }),
  /** The signed verdict where there is one, and the receipt for it. */
  ended: object('ended', {
    lease: leaseId,
    outcome: oneOf(...OUTCOMES),
    atMs: integer(),
    verdict: optional(bytes(FRAME_BYTES_MAX, 1)),
    receipt: optional(bytes(FRAME_BYTES_MAX, 1))
  })
}

const record = union(records)
export type VolunteerRecord = Infer<typeof record>

export const encodeRecord = (value: VolunteerRecord): Uint8Array => encode(value)

/** @throws ShapeError when a stored record is not one of ours */
export const decodeRecord = (entry: Uint8Array): VolunteerRecord => decode(record, entry)
