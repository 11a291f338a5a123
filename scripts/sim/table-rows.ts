/** The rows of the table of colluders: who lies when, and how many of the operators they are. */
import type { CampaignInit } from '../../test/sim/stats/campaign.ts'

export interface Row {
  readonly name: string
  /** Rows that the bound has to hold for come first; the others are told for honesty. */
  readonly isBound: boolean
  readonly init: Omit<CampaignInit, 'rngSeed' | 'plans' | 'unitsPerPlan'>
}

const OPERATORS = 100
const quorum = { operators: OPERATORS, policy: 'quorum', coordinators: 1 } as const
const SHARES = [0.1, 0.3] as const
const VARIANTS = [
  ['always', 'always wrong'],
  ['sleeper', 'honest for 50 units, then always wrong'],
  ['seldom', 'wrong on one unit in ten, chosen together']
] as const

const percent = (share: number): string => `${Math.round(share * 100)} %`

export const ROWS: readonly Row[] = [
  ...VARIANTS.flatMap(([variant, name]) =>
    SHARES.map(
      (share): Row => ({
        name: `${percent(share)} | ${name}`,
        isBound: true,
        init: { ...quorum, colluderShare: share, gang: { variant, segment: 'last' } }
      })
    )
  ),
  ...SHARES.map(
    (share): Row => ({
      name: `${percent(share)} | lies only when both replicas are theirs`,
      isBound: false,
      init: { ...quorum, colluderShare: share, gang: { variant: 'pairs', segment: 'last' } }
    })
  ),
  {
    name: '10 % | wrong in every segment, one unit in ten',
    isBound: false,
    init: { ...quorum, colluderShare: 0.1, gang: { variant: 'seldom', segment: 'all' } }
  },
  {
    name: '0 % | nobody lies, 20 % of the runs are left in the middle',
    isBound: false,
    init: {
      ...quorum,
      colluderShare: 0,
      gang: { variant: 'always', segment: 'last' },
      churnPerUnit: 0.2
    }
  },
  ...[0, 0.1].map(
    (share): Row => ({
      name: `${percent(share)} | throughput, always wrong`,
      isBound: false,
      init: {
        operators: OPERATORS,
        policy: 'throughput',
        coordinators: 2,
        colluderShare: share,
        gang: { variant: 'always', segment: 'last' }
      }
    })
  )
]
