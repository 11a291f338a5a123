/**
 * A threat to the mesh and the rule that answers it. It does harm while its rule is off and none,
 * or little, while it is on; other rules that would also stop it are off in both runs and named.
 */
import type { Rules } from '../../../coordinator/rules.ts'
import type { Attack, Harm } from './trial.ts'

export interface Threat {
  readonly name: string
  readonly rule: keyof Rules
  /** Further rules that are off in both runs, so that this one stands alone. */
  readonly alone?: readonly (keyof Rules)[]
  readonly attack: Omit<Attack, 'rules'>
  /** What the harm is called in the table, and how much of it is borne. */
  readonly harm: string
  of(harm: Harm): number
  readonly most: number
}

export const wrongAtEnd = {
  harm: 'wrong results at the end',
  of: ({ wrongAtEnd: wrong }: Harm): number => wrong
} as const

export const wrongFinal = {
  harm: 'wrong results that are final',
  of: ({ wrongFinal: wrong }: Harm): number => wrong
} as const

export const credit = {
  harm: 'units credited to who computed none',
  of: ({ hostileCredit }: Harm): number => hostileCredit
} as const

export const leases = {
  harm: 'leases it got',
  of: ({ hostileLeases }: Harm): number => hostileLeases
} as const

export const never = {
  harm: 'forecasts that never come',
  of: ({ isPublished }: Harm): number => Number(!isPublished)
} as const
