/** What a volunteer's status says to a person: the one reason first. */
import type { Caps } from '../../worker/effort/caps.ts'
import type { Why } from '../../worker/effort/reason.ts'
import { byteText } from '../data/byte-text.ts'
import { shortCount } from '../terminal.ts'
import { spanText } from './quantity.ts'

export interface VolunteerStatusView extends Why {
  readonly peer: string
  readonly operator: string
  readonly network: string
  readonly peers: number
  readonly computing: number
  readonly awaiting: number
  readonly outcomes: Readonly<Record<string, number>>
  readonly fuelVerified: number
  readonly particleStepsPerSecond: number
  readonly effort: string
  readonly caps: Caps
  readonly used: {
    readonly memoryBytes: number
    readonly inputBytes: number
    readonly receivedBytes: number
    readonly sentBytes: number
  }
  readonly unitLimits: { readonly memoryBytes: number; readonly wallMs: number }
}

const rateText = (limit: number | undefined): string =>
  limit === undefined ? 'no limit' : `limit ${byteText(limit)}/s`

/** Lines of `status`. */
export function statusLines(status: VolunteerStatusView, nowMs: number): string[] {
  const { activity, text, untilMs, outcomes, caps, used, unitLimits } = status
  const left = untilMs === undefined ? '' : `, for ${spanText(Math.max(0, untilMs - nowMs))}`
  const { verified = 0, dissenting = 0, failed = 0 } = outcomes
  const duty = caps.dutyPercent === 100 ? '' : ` at ${caps.dutyPercent} %`
  return [
    `${activity}: ${text}${left}`,
    `units      ${status.computing} computing, ${status.awaiting} waiting for a verdict; ` +
      `${verified} verified, ${dissenting} rejected, ${failed} failed`,
    `work       ${shortCount(status.fuelVerified)} particle-steps verified, ` +
      `${shortCount(status.particleStepsPerSecond)}/s`,
    `effort     ${status.effort}: ${caps.threads} thread${caps.threads === 1 ? '' : 's'}${duty}`,
    `memory     ${byteText(used.memoryBytes)} now; units and states ${byteText(caps.memoryBytes)}`,
    `disk       ${byteText(used.inputBytes)} of inputs, limit ${byteText(caps.diskBytes)}`,
    `network    ${status.network}, ${status.peers} peers of at most ${caps.connections}; ` +
      `received ${byteText(used.receivedBytes)} (${rateText(caps.downloadBytesPerSecond)}), ` +
      `sent ${byteText(used.sentBytes)} (${rateText(caps.uploadBytesPerSecond)})`,
    `sandbox    a unit gets ${byteText(unitLimits.memoryBytes)} of memory, ` +
      `${spanText(unitLimits.wallMs)}, no files, no network`,
    `operator   ${status.operator.slice(0, 16)}`
  ]
}
