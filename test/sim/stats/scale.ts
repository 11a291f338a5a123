/**
 * What a mesh of many volunteers costs: one forecast from submission to publication, with colluders
 * in it; and one hour of a small mesh, for the speed of the simulator itself.
 */
import { type CampaignCount, type CampaignInit, runCampaign } from './campaign.ts'

export interface ScaleInit {
  readonly volunteers: number
  readonly units: number
}

/** A forecast of three institutions; every tenth volunteer lies, always, as one gang. */
const MESH = {
  rngSeed: 1,
  coordinators: 3,
  policy: 'quorum',
  colluderShare: 0.1,
  gang: { variant: 'always', segment: 'last' },
  plans: 1,
  unitSeconds: 120,
  quietMs: 0
} satisfies Partial<CampaignInit>

export interface ScaleCount extends CampaignCount, ScaleInit {
  readonly cpuMs: number
  readonly peakBytes: number
}

const KIB = 1024

/** Runs it, and what it took. */
export function runScale({ volunteers, units }: ScaleInit): ScaleCount {
  const cpu = process.cpuUsage()
  const count = runCampaign({ ...MESH, operators: volunteers, unitsPerPlan: units })
  const { user, system } = process.cpuUsage(cpu)
  const { maxRSS } = process.resourceUsage()
  const cpuMs = Math.round((user + system) / 1000)
  return { ...count, volunteers, units, cpuMs, peakBytes: maxRSS * KIB }
}
