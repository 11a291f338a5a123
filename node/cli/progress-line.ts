/** One line that says how far a forecast is. */
import type { PlanProgress } from '../../coordinator/summary.ts'
import { etaSeconds, shortCount } from './terminal.ts'

/** @param elapsedSeconds since the forecast was submitted; without it no rate and no ETA */
export function progressLine(
  status: PlanProgress,
  peers?: number,
  elapsedSeconds?: number
): string {
  const { units, particleStepsDone: done } = status
  const total = status.particleStepsTotal * status.quorum
  const parts = [
    status.stage,
    `${units.verified}/${units.total} units verified`,
    `${units.open} open`,
    `${units.leased} leased`,
    `${units.committed} committed`
  ]
  if (units.elsewhere > 0) parts.push(`${units.elsewhere} with other coordinators`)
  if (units.failed > 0) parts.push(`${units.failed} failed`)
  if (peers !== undefined) parts.push(`${peers} peers`)
  if (elapsedSeconds !== undefined && elapsedSeconds > 0) {
    parts.push(`${shortCount(done / elapsedSeconds)} particle-steps/s`)
    const eta = etaSeconds(done, total, elapsedSeconds)
    if (eta !== undefined) parts.push(`${eta} s left`)
  }
  return parts.join(' · ')
}
