/**
 * The time step of a plan. A particle may cross at most one cell per step (PHYSICS §2): the bound
 * is the fastest water, waves and wind of the whole window on the smallest cell, plus the longest
 * stride of the random walk, so that no particle of any member can break it.
 */
import { UNIT_STEPS_MAX } from '../../protocol/limits.ts'
import type { NodeMetric } from '../forcing/grids/node-metric.ts'
import { definitionError, type ForecastDefinition } from './definition.ts'
import type { Rows } from './reached-rows.ts'

/** Longest step unless the file gives one (PHYSICS §2): hourly forcing is not stepped over. */
const STEP_SECONDS_MAX = 3600
/** Room for the rounding of speeds and metric to f32 and of positions to a quantum. */
const ROUNDING = 1.001

/** What moves particles at most, and how large cells are at least. */
export interface SpeedBounds {
  /** m/s */
  readonly current: number
  readonly stokes: number
  readonly wind: number
  /** Greatest windage of any class. */
  readonly windage: number
  readonly isWindRelative: boolean
  /** Greatest diffusivity, m²/s. */
  readonly diffusivity: number
  /** Its greatest change over a metre, m/s. */
  readonly diffusivityGradient: number
  /** Greatest speed of the autoregressive noise on either axis, m/s. */
  readonly noise: number
  /** Of the smallest cell, along either axis: by a vector of one metre, and by one metre east
   * and one north together. */
  readonly cellsPerMetre: { readonly vector: number; readonly both: number }
}

/** Is this node, or one of the eight around it, sea? A particle afloat may read only such nodes. */
function isByTheSea(land: Uint8Array, columns: number, node: number): boolean {
  const column = node % columns
  for (let row = -columns; row <= columns; row += columns) {
    for (let step = -1; step <= 1; step += 1) {
      const isBeside = column + step >= 0 && column + step < columns
      if (isBeside && land[node + row + step] === 0) return true
    }
  }
  return false
}

/** Smallest cell of a grid of `columns`, where particles are; the rows are those they can reach. */
export function smallestCell(
  metric: NodeMetric,
  land: Uint8Array,
  columns: number,
  { first, last }: Rows = { first: 0, last: land.length / columns - 1 }
): SpeedBounds['cellsPerMetre'] {
  let vector = 0
  let both = 0
  for (let node = first * columns; node < (last + 1) * columns; node += 1) {
    if (land[node] !== 0 && !isByTheSea(land, columns, node)) continue
    for (let axis = 0; axis < 2; axis += 1) {
      const east = Math.abs(metric.at(node, axis * 2))
      const north = Math.abs(metric.at(node, axis * 2 + 1))
      vector = Math.max(vector, Math.sqrt(east * east + north * north))
      both = Math.max(both, east + north)
    }
  }
  return { vector, both }
}

/** Most cells a particle can cross in one step, along either axis. */
export function reachCells(stepSeconds: number, bounds: SpeedBounds): number {
  const wind = bounds.wind + (bounds.isWindRelative ? bounds.current : 0)
  const speed = bounds.current + bounds.stokes + bounds.windage * wind
  // A sum of two uniforms of variance 2·K·dt ends at ±√6 standard deviations.
  const stride = Math.sqrt(12 * bounds.diffusivity * stepSeconds)
  const { vector, both } = bounds.cellsPerMetre
  const random = stride + (bounds.noise + bounds.diffusivityGradient) * stepSeconds
  return ROUNDING * (vector * speed * stepSeconds + both * random)
}

const greatestCommonDivisor = (a: number, b: number): number =>
  b === 0 ? a : greatestCommonDivisor(b, a % b)

/** What a step must divide. */
const commonSeconds = (definition: ForecastDefinition): number =>
  [
    definition.outputSeconds,
    definition.mesh.windowSeconds ?? definition.durationSeconds,
    ...definition.seeding.map((entry) => Math.abs(entry.releaseSeconds - definition.startSeconds))
  ].reduce(greatestCommonDivisor, definition.durationSeconds)

/** The longest allowed step, or undefined when even one second is too long. */
function longestStep(definition: ForecastDefinition, bounds: SpeedBounds): number | undefined {
  const common = commonSeconds(definition)
  for (let step = Math.min(common, STEP_SECONDS_MAX); step >= 1; step -= 1) {
    if (common % step === 0 && reachCells(step, bounds) <= 1) return step
  }
  return undefined
}

/** `2.10 m/s of current + 0.04 × 20.0 m/s of wind` */
function causes(bounds: SpeedBounds): string {
  const metresPerSecond = (value: number): string => `${value.toFixed(2)} m/s`
  const parts = [`${metresPerSecond(bounds.current)} of current`]
  if (bounds.stokes > 0) parts.push(`${metresPerSecond(bounds.stokes)} of Stokes drift`)
  if (bounds.wind > 0 && bounds.windage > 0) {
    parts.push(`${bounds.windage} × ${metresPerSecond(bounds.wind)} of wind`)
  }
  if (bounds.diffusivity > 0) parts.push(`diffusion of ${bounds.diffusivity} m²/s`)
  if (bounds.noise > 0) parts.push(`noise of up to ${metresPerSecond(bounds.noise)}`)
  return `${parts.join(' + ')} on cells of ${Math.round(1 / bounds.cellsPerMetre.vector)} m`
}

export interface StepPlan {
  readonly stepSeconds: number
  readonly stepCount: number
  readonly reachCellsPerStep: number
  readonly note: string
}

/** @throws MeshError plan/refused with the numbers, when no step or not the given one holds */
export function planStep(definition: ForecastDefinition, bounds: SpeedBounds): StepPlan {
  const longest = longestStep(definition, bounds)
  const given = definition.stepSeconds
  const refuse = (message: string) => {
    const mark = definition.markOf(['spec', given === undefined ? 'duration' : 'step'])
    return definitionError('plan/refused', [{ mark, message }])
  }
  const stepSeconds = given ?? longest
  if (stepSeconds === undefined) {
    throw refuse(
      `no step of whole seconds that divides duration, output, window and releases keeps ` +
        `particles within one cell (${causes(bounds)}); use a coarser grid`
    )
  }
  const reach = reachCells(stepSeconds, bounds)
  if (reach > 1) {
    throw refuse(
      `in a step of ${stepSeconds} s a particle can cross ${reach.toFixed(2)} cells ` +
        `(${causes(bounds)}), at most 1 is allowed; ` +
        (longest === undefined ? 'use a coarser grid' : `use PT${longest}S or leave step out`)
    )
  }
  const stepCount = definition.durationSeconds / stepSeconds
  if (stepCount > UNIT_STEPS_MAX) {
    throw refuse(
      `${stepCount} steps of ${stepSeconds} s are more than ${UNIT_STEPS_MAX}; ` +
        'shorten the forecast or use a longer step'
    )
  }
  return {
    stepSeconds,
    stepCount,
    reachCellsPerStep: Math.min(1, Math.ceil(reach * 1024) / 1024),
    note:
      `step: ${stepSeconds} s${given === undefined ? ' (chosen)' : ''}, ` +
      `${stepCount} steps; a particle crosses at most ${reach.toFixed(2)} cells per step ` +
      `(${causes(bounds)})`
  }
}
