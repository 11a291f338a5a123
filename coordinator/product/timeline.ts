/**
 * Which model steps belong to which window and segment, and which of them are output times. The
 * same integers in kernel, coordinator and reader, so that outputs can be checked by step.
 */
import { SEGMENTS_MAX } from '../../protocol/limits.ts'
import type { Plan } from '../../protocol/plan.ts'

type Steps = Pick<Plan, 'stepCount' | 'windowSteps' | 'outputEverySteps'>

export interface WindowSteps {
  readonly firstStep: number
  readonly stepCount: number
  readonly segmentCount: number
}

/** Output times of the plan: step 0 and every multiple of `outputEverySteps`. */
export const outputCount = (plan: Steps): number =>
  Math.floor(plan.stepCount / plan.outputEverySteps) + 1

/** Steps of one window; the last may be shorter. */
export function windowSteps(plan: Steps, window: number): WindowSteps {
  const firstStep = window * plan.windowSteps
  const stepCount = Math.min(plan.windowSteps, plan.stepCount - firstStep)
  return { firstStep, stepCount, segmentCount: Math.min(SEGMENTS_MAX, stepCount) }
}

/** Output steps that one segment of a window must hold, ascending. */
export function segmentSteps(plan: Steps, window: number, segment: number): number[] {
  const { firstStep, stepCount, segmentCount } = windowSteps(plan, window)
  const after = firstStep + Math.floor((segment * stepCount) / segmentCount)
  const last = firstStep + Math.floor(((segment + 1) * stepCount) / segmentCount)
  const every = plan.outputEverySteps
  const steps: number[] = after === 0 ? [0] : []
  for (let step = (Math.floor(after / every) + 1) * every; step <= last; step += every) {
    steps.push(step)
  }
  return steps
}
