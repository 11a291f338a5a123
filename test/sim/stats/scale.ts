/**
 * What a mesh of many volunteers costs: one forecast from submission to publication, with colluders
 * in it; and an hour of a small mesh at work, for the speed of the simulator itself.
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

const HOUR_MS = 3_600_000
/** 100 volunteers with units of ten minutes; there is more work than an hour has room for. */
const HOUR = {
  ...MESH,
  operators: 100,
  coordinators: 1,
  unitSeconds: 600,
  unitsPerPlan: 2000,
  planLimitMs: HOUR_MS
} satisfies CampaignInit

export interface ScaleCount extends CampaignCount, ScaleInit {
  readonly cpuMs: number
  readonly wallMs: number
  readonly peakBytes: number
}

const KIB = 1024

/** Runs it, and says what it took. */
function measure(init: CampaignInit, { volunteers, units }: ScaleInit): ScaleCount {
  const startMs = performance.now()
  const cpu = process.cpuUsage()
  const count = runCampaign(init)
  const { user, system } = process.cpuUsage(cpu)
  const { maxRSS } = process.resourceUsage()
  return {
    ...count,
    volunteers,
    units,
    cpuMs: Math.round((user + system) / 1000),
    wallMs: Math.round(performance.now() - startMs),
    peakBytes: maxRSS * KIB
  }
}

export const runScale = (scale: ScaleInit): ScaleCount =>
  measure({ ...MESH, operators: scale.volunteers, unitsPerPlan: scale.units }, scale)

/** One simulated hour of a hundred peers. */
export const runHour = (): ScaleCount =>
  measure(HOUR, { volunteers: HOUR.operators, units: HOUR.unitsPerPlan })
