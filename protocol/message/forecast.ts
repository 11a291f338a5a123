/**
 * The forecast: what every coordinator signs once it found the same, and how it gets known.
 */
import { publicKey } from '../federation.ts'
import { BLOCK_BYTES_MAX, PLAN_BLOCKS_MAX } from '../limits.ts'
import { slot } from '../plan.ts'
import { bytes, type Infer, integer, link, list, object, text } from '../shape.ts'
import { unixMs } from './parts.ts'

/** The body every coordinator signs once it holds for it: the forecast. */
export const forecastBody = object('forecast', {
  plan: link,
  /** CID of the federation manifest itself, not of an envelope. */
  federation: link,
  product: link,
  /** CID of the units table: the signed verdict of every settled slot (units.ts). */
  units: link,
  /** Slots that failed, by name; the products lack them. */
  gaps: list(slot, PLAN_BLOCKS_MAX),
  version: integer(1e6, 1)
})
export type ForecastBody = Infer<typeof forecastBody>

/** Signed by the coordinator itself: it assembled the same product. */
export const cosignature = object('cosignature', {
  /** CID of the canonical forecast body. */
  forecast: link,
  coordinator: publicKey,
  /** Slots of which it re-ran a segment of its own choosing, the first 64 of them. */
  recomputed: list(slot, 64)
})
export type Cosignature = Infer<typeof cosignature>

/** Signed by the lead, to every other coordinator: sign this if you find the same. */
export const forecastProposal = object('forecast-proposal', { body: bytes(BLOCK_BYTES_MAX, 1) })
export type ForecastProposal = Infer<typeof forecastProposal>

/** Gossip, signed by the lead: a forecast is published. */
export const publication = object('publication', {
  forecast: link,
  product: link,
  plan: link,
  name: text(64),
  atMs: unixMs
})
export type Publication = Infer<typeof publication>
