/** The state of one forecast as the control interface tells it: all of it from the ledger. */

export interface UnitLine {
  /** `member/block/window` */
  readonly unit: string
  readonly state: string
  /** Hex keys of the operators whose results agreed. */
  readonly operators: readonly string[]
  /** Executions that were started. */
  readonly replicas: number
}

export interface FaultLine {
  readonly unit: string
  readonly operator: string
  readonly fault: string
}

export interface ForecastStatus {
  /** CID of the plan. */
  readonly plan: string
  readonly name: string
  readonly units: {
    readonly total: number
    readonly open: number
    readonly leased: number
    readonly committed: number
    readonly verified: number
    readonly failed: number
  }
  readonly particleStepsDone: number
  readonly particleStepsTotal: number
  readonly replicas: number
  readonly faults: readonly FaultLine[]
  readonly lines: readonly UnitLine[]
  readonly product?: string
  /** CID of the published forecast. */
  readonly forecast?: string
}
