/**
 * The terms of drift of a unit as the kernel hears them: physics, classes and perturbation of the
 * unit, depth levels of its forcing.
 */
import type { Drift } from '../../kernel/drift.ts'
import type { Forcing } from '../../protocol/forcing.ts'
import type { WorkUnit } from '../../protocol/work-unit.ts'

export function driftOf(unit: WorkUnit, forcing: Forcing): Drift {
  const { physics, perturbation, classes, originStarts } = unit
  const { scheme: _, diffusivityFrom, coast, ...terms } = physics
  // Levels are read where a class may be below the surface; the surface is the first of them.
  const isDeep = physics.vertical === 'mixed' || classes.some(({ depthMetres }) => depthMetres > 0)
  const depths = isDeep ? forcing.levels?.depthsMetres : undefined
  return {
    ...terms,
    isDiffusivityField: diffusivityFrom === 'field',
    coast,
    ...(perturbation === undefined ? {} : { perturbation }),
    classes: classes.map((each) => ({
      windage: [each.windage[0] ?? 0, each.windage[1] ?? 0],
      riseVelocity: each.riseVelocityMetresPerSecond,
      depth: each.depthMetres
    })),
    ...(depths === undefined ? {} : { levelDepths: depths }),
    originStarts
  }
}
