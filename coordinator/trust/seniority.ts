/**
 * Who is senior: the operators with the longest records that together did most of the work so far.
 * A bar that grows with the mesh: an identity that is thrown away costs all the work of its peers,
 * not a fixed fee. It is counted in work, so many small identities do not lower it.
 */

/**
 * Share of the validated work that seniors did: enough that they can have one of two replicas of
 * everything and still be a choice.
 */
const SENIOR_WORK_SHARE = 0.75

export interface Seniority {
  /** Validated results of established operators by the class of their record: four per octave. */
  readonly work: number[]
  /** The record from which on an operator is senior. */
  from: number
}

export const newSeniority = (): Seniority => ({ work: [], from: 0 })

/** Its exponent and the two bits after the leading one. */
function classOf(validated: number): number {
  const exponent = 31 - Math.clz32(validated)
  return exponent * 4 + (Math.floor((validated * 4) / 2 ** exponent) % 4)
}

/** The least record of a class. */
const leastOf = (index: number): number => 2 ** Math.floor(index / 4) * (1 + (index % 4) / 4)

function barOf(work: readonly number[]): number {
  const total = work.reduce((sum, one) => sum + one, 0)
  let above = 0
  for (let index = work.length - 1; index >= 0; index -= 1) {
    above += work[index] ?? 0
    if (above > 0 && above >= total * SENIOR_WORK_SHARE) return leastOf(index)
  }
  return 0
}

/** Adds an operator with so many results, or takes it out. */
export function addRecord(seniority: Seniority, validated: number, sign: 1 | -1): void {
  const { work } = seniority
  const index = classOf(validated)
  while (work.length <= index) work.push(0)
  work[index] = (work[index] ?? 0) + sign * validated
  seniority.from = barOf(work)
}
