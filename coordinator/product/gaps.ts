/**
 * What a product lacks, in the words of the forecast: which particles of which member over which
 * steps. Neighbouring blocks and windows are merged, so that a gap does not show how the particles
 * were cut into units.
 */
import type { Plan } from '../../protocol/plan.ts'
import { windowSteps } from './timeline.ts'

export interface Gap {
  readonly member: number
  readonly firstParticle: number
  readonly particleCount: number
  readonly firstStep: number
  readonly stepCount: number
}

function blockGaps(
  plan: Plan,
  member: number,
  block: number,
  isSettled: (member: number, block: number, window: number) => boolean
): Gap[] {
  const { firstParticle, particleCount } = plan.blocks[block] ?? assertBlock(block)
  const gaps: Gap[] = []
  for (let window = 0; window * plan.windowSteps < plan.stepCount; window += 1) {
    if (isSettled(member, block, window)) continue
    const { firstStep, stepCount } = windowSteps(plan, window)
    const last = gaps.at(-1)
    if (last !== undefined && last.firstStep + last.stepCount === firstStep) {
      gaps[gaps.length - 1] = { ...last, stepCount: last.stepCount + stepCount }
    } else {
      gaps.push({ member, firstParticle, particleCount, firstStep, stepCount })
    }
  }
  return gaps
}

const assertBlock = (block: number): never => {
  throw new Error(`the plan has no block ${block}`)
}

/** Gaps of a plan in the order of members and particles. */
export function gapsOf(
  plan: Plan,
  isSettled: (member: number, block: number, window: number) => boolean
): readonly Gap[] {
  const merged: Gap[] = []
  for (let member = 0; member < plan.memberCount; member += 1) {
    for (const block of plan.blocks.keys()) {
      for (const gap of blockGaps(plan, member, block, isSettled)) {
        const before = merged.findIndex(
          (other) =>
            other.member === member &&
            other.firstParticle + other.particleCount === gap.firstParticle &&
            other.firstStep === gap.firstStep &&
            other.stepCount === gap.stepCount
        )
        const other = merged[before]
        if (other === undefined) merged.push(gap)
        else {
          merged[before] = { ...other, particleCount: other.particleCount + gap.particleCount }
        }
      }
    }
  }
  return merged
}
