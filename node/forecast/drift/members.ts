/**
 * How the members of an ensemble differ beyond their random numbers: factors around 1 and delays of
 * release, drawn by the kernel from the member's key. Every draw is bounded (±√6 standard
 * deviations), so that the planner's reach holds for every member.
 */
import type { Kernel } from '../../../kernel/kernel.ts'
import type { ParticleClass, Perturbation } from '../../../protocol/work-unit.ts'
import type { ForecastDefinition } from '../definition.ts'

/** Draws of a member, by what they perturb. */
const DRAWS = { current: 0, windage: 1, diffusivity: 2, release: 3 } as const

type MemberKernel = Pick<Kernel, 'memberKey' | 'memberStandard' | 'memberUniform'>

/** What members multiply; release shifts follow when the step is known. */
export interface MemberFactors {
  readonly key: readonly [number, number]
  readonly currentFactor: number
  readonly windageFactor: number
  readonly diffusivityFactor: number
}

export function drawFactors(
  { memberCount, rngSeed, perturb }: ForecastDefinition,
  kernel: MemberKernel
): MemberFactors[] {
  return Array.from({ length: memberCount }, (_, member) => {
    const key = kernel.memberKey(rngSeed, member)
    const factor = (spread: number, which: number): number =>
      spread === 0 ? 1 : 1 + spread * kernel.memberStandard(key, which)
    return {
      key,
      currentFactor: factor(perturb.currentFactor, DRAWS.current),
      windageFactor: factor(perturb.windageFactor, DRAWS.windage),
      diffusivityFactor: factor(perturb.diffusivityFactor, DRAWS.diffusivity)
    }
  })
}

/** Perturbations of a plan; empty where nothing is perturbed. */
export function perturbationsOf(
  { perturb }: ForecastDefinition,
  members: readonly MemberFactors[],
  stepSeconds: number,
  kernel: MemberKernel
): Perturbation[] {
  if (Object.values(perturb).every((spread) => spread === 0)) return []
  const steps = Math.floor(perturb.releaseSeconds / stepSeconds)
  return members.map(({ key, ...factors }) => ({
    ...factors,
    releaseShiftSteps: Math.floor(kernel.memberUniform(key, DRAWS.release) * (steps + 1))
  }))
}

/** Classes with the rise velocities that follow from size and density. */
export function risenClasses(
  { classes, rises, water }: ForecastDefinition,
  kernel: Pick<Kernel, 'riseVelocity'>
): ParticleClass[] {
  return classes.map((each, classIndex) => {
    const rise = rises.find((request) => request.classIndex === classIndex)
    if (rise === undefined) return each
    const sphere = { diameter: rise.diameterMetres, density: rise.density }
    return { ...each, riseVelocityMetresPerSecond: kernel.riseVelocity(sphere, water) }
  })
}

/** One sentence per class that was worked out. */
export const riseNotes = (
  { rises }: ForecastDefinition,
  classes: readonly ParticleClass[]
): string[] =>
  rises.map(({ classIndex, diameterMetres, density }) => {
    const { name = '', riseVelocityMetresPerSecond: speed = 0 } = classes[classIndex] ?? {}
    return (
      `class ${name}: ${diameterMetres} m of ${density} kg/m³ rise at ` +
      `${speed.toPrecision(4)} m/s (Dietrich 1982)`
    )
  })
