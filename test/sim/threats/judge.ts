/** Both runs of a threat: its rule off, and on. */
import type { Rules } from '../../../coordinator/rules.ts'
import type { Threat } from './threat.ts'
import { attackWith, type Harm } from './trial.ts'

export interface Judged {
  readonly without: number
  readonly with: number
  /** Honest operators convicted in either run: never. */
  readonly honestConvictions: number
}

const off = (names: readonly (keyof Rules)[]): Partial<Rules> =>
  Object.fromEntries(names.map((name) => [name, false]))

export function judge({ attack, rule, alone = [], of }: Threat): Judged {
  const without: Harm = attackWith({ ...attack, rules: off([...alone, rule]) })
  const ruled: Harm = attackWith({ ...attack, rules: off(alone) })
  return {
    without: of(without),
    with: of(ruled),
    honestConvictions: without.honestConvictions + ruled.honestConvictions
  }
}
