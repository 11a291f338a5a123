/** All threats that are simulated, in the order of the table. */
import { OF_COORDINATORS } from './of-coordinators.ts'
import { OF_LEASES } from './of-leases.ts'
import { OF_RESULTS } from './of-results.ts'
import type { Threat } from './threat.ts'

export const THREATS: readonly Threat[] = [...OF_RESULTS, ...OF_LEASES, ...OF_COORDINATORS]
