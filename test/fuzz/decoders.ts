/**
 * Every decoder against bytes that were right once: bits flipped, cut, doubled, spliced with
 * others, lengths inflated. Each input ends in a typed value or a ShapeError, and soon.
 */
import { decodeFact } from '../../coordinator/fact.ts'
import { decodeRecord } from '../../node/worker/volunteer/record.ts'
import { admitAnnouncement, admitPublication } from '../../protocol/admission.ts'
import { decode, encode } from '../../protocol/canonical.ts'
import type { Federation } from '../../protocol/federation.ts'
import { forcing } from '../../protocol/forcing.ts'
import { openInbound, openLeaseAnswer, openNoticeAnswer } from '../../protocol/inbound.ts'
import type { StatementKind } from '../../protocol/message.ts'
import { plan } from '../../protocol/plan.ts'
import { openFraudProof, openMismatchProof } from '../../protocol/proof/fraud.ts'
import { openGarbageProof } from '../../protocol/proof/garbage.ts'
import { segmentOutputs, state, unitResult } from '../../protocol/result.ts'
import { ShapeError } from '../../protocol/shape.ts'
import { keyringOf, openFederation } from '../../protocol/signed.ts'
import { unitsChunk, unitsTable } from '../../protocol/units.ts'
import { workUnit } from '../../protocol/work-unit.ts'
import { smallPlan } from '../fixtures/plans/small-plan.ts'
import { cheapCurve } from '../sim/world/cheap-curve.ts'
import type { Random } from '../sim/world/random.ts'
import { NETWORK, SECRETS } from '../vectors/parts.ts'
import { samples } from '../vectors/samples.ts'

/** One input may take this long on a busy machine; a decoder that loops takes for ever. */
const SLOW_MS = 2_000

const federation = samples.federation.body as Federation
const admitting = { federation, atMs: 1_764_000_000_000, curve: cheapCurve }

/** Signatures are checked by the cheap curve: the forms behind them are what is tried here. */
const DECODERS: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
  inbound: (bytes) => openInbound(NETWORK, bytes, cheapCurve),
  'lease answer': (bytes) => openLeaseAnswer(NETWORK, bytes, cheapCurve),
  'notice answer': (bytes) => openNoticeAnswer(NETWORK, bytes, cheapCurve),
  announcement: (bytes) => admitAnnouncement(bytes, admitting),
  publication: (bytes) => admitPublication(bytes, admitting),
  federation: openFederation,
  'fraud proof': (bytes) => openFraudProof(NETWORK, bytes, cheapCurve),
  'mismatch proof': (bytes) => openMismatchProof(NETWORK, bytes, cheapCurve),
  'garbage proof': (bytes) => openGarbageProof(NETWORK, bytes, cheapCurve),
  fact: decodeFact,
  record: decodeRecord,
  plan: (bytes) => decode(plan, bytes),
  'work unit': (bytes) => decode(workUnit, bytes),
  result: (bytes) => decode(unitResult, bytes),
  state: (bytes) => decode(state, bytes),
  outputs: (bytes) => decode(segmentOutputs, bytes),
  forcing: (bytes) => decode(forcing, bytes),
  units: (bytes) => decode(unitsTable, bytes),
  'units chunk': (bytes) => decode(unitsChunk, bytes)
}

function seeds(): Uint8Array[] {
  const envelopes = (Object.keys(samples) as StatementKind[]).map((kind) => {
    const { signer, body } = samples[kind]
    const secret = new Uint8Array(32).fill(SECRETS[signer])
    return keyringOf(secret, NETWORK, cheapCurve).sign(kind, body)
  })
  const bodies = Object.values(samples).map(({ body }) => encode(body))
  return [...envelopes, ...bodies, encode(smallPlan())]
}

/** CBOR heads that promise more than there is: long byte strings, arrays, maps, tags, nesting. */
const BOMBS = [
  [0x5b, 0, 0, 0, 1, 0, 0, 0, 0],
  [0x9b, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff],
  [0xbb, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff],
  [0xd8, 0x2a, 0x58, 0xff],
  Array.from({ length: 2_000 }, () => 0x81)
].map((bytes) => Uint8Array.from(bytes))

function mutate(random: Random, all: readonly Uint8Array[]): Uint8Array {
  const bytes = Uint8Array.from(all[random.below(all.length)] ?? [])
  for (let change = random.below(4); change >= 0; change -= 1) {
    const at = random.below(bytes.length)
    switch (random.below(4)) {
      case 0:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8))
        break
      case 1:
        bytes[at] = random.below(256)
        break
      case 2:
        bytes.copyWithin(at, random.below(bytes.length))
        break
      default:
        bytes.fill(random.below(256), at, at + 1 + random.below(8))
    }
  }
  const end = random.isBelow(0.2) ? random.below(bytes.length) : bytes.length
  const cut = bytes.subarray(0, end)
  if (!random.isBelow(0.2)) return cut
  const bomb = BOMBS[random.below(BOMBS.length)] ?? new Uint8Array(0)
  const at = random.below(cut.length + 1)
  return Uint8Array.from([...cut.subarray(0, at), ...bomb, ...cut.subarray(at)])
}

export interface FuzzOutcome {
  readonly inputs: number
  /** Inputs that some decoder took. */
  readonly taken: number
}

/** @throws Error naming decoder and input when one ends in anything but a value or ShapeError */
export function fuzzDecoders(random: Random, inputs: number): FuzzOutcome {
  const all = seeds()
  const decoders = Object.entries(DECODERS)
  let taken = 0
  for (let input = 0; input < inputs; input += 1) {
    const bytes = mutate(random, all)
    const [name, run] = decoders[input % decoders.length] ?? ['', () => undefined]
    const startMs = performance.now()
    try {
      run(bytes)
      taken += 1
    } catch (error) {
      if (!(error instanceof ShapeError)) {
        const hex = Buffer.from(bytes).toString('hex')
        throw new Error(`${name} of ${hex}: ${String(error)}`, { cause: error })
      }
    }
    if (performance.now() - startMs > SLOW_MS) throw new Error(`${name} took too long`)
  }
  return { inputs, taken }
}
