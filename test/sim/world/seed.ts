/** What one seed is: which faults, which enemies, how many coordinators. */
import type { Conduct } from '../roles/volunteer-role.ts'
import { STORM } from './faults.ts'
import { type RunOptions, type RunSummary, runWorld } from './run.ts'

/** Enemies of a seed: at most two liars, as a third could end a unit by the cap on results. */
const ENEMIES: readonly (readonly Conduct[])[] = [
  [],
  ['wrong'],
  ['copy'],
  ['no-reveal'],
  ['vanish', 'vanish'],
  ['no-blocks'],
  ['wrong', 'copy'],
  ['bad-blocks', 'wrong-late'],
  ['copy', 'no-reveal', 'vanish'],
  ['no-openings'],
  ['hang', 'no-commit'],
  ['wrong-late', 'hang']
]
/** Federations of one to three. */
const COORDINATORS = [2, 2, 3, 1] as const

export function enemiesOf(rngSeed: number): readonly Conduct[] {
  return ENEMIES[rngSeed % ENEMIES.length] ?? []
}

/** The world of a seed, in a storm, with enemies; the same in the spec and in the script. */
export function runSeed(rngSeed: number, more: Partial<RunOptions> = {}): RunSummary {
  const coordinators = COORDINATORS[Math.floor(rngSeed / ENEMIES.length) % COORDINATORS.length] ?? 2
  return runWorld({ rngSeed, faults: STORM, coordinators, hostile: enemiesOf(rngSeed), ...more })
}
