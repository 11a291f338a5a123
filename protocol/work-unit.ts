/**
 * A work unit holds exactly what changes the bytes of its result: no plan, title, deadline,
 * priority or policy. Same content, same CID: an identical unit of another forecast is a cache hit.
 * Model time is whole Unix seconds; particle state and steps are those of kernel/README.md.
 */
import {
  AXIS_NODES_MAX,
  CLASSES_MAX,
  CROP_CELLS_MAX,
  MEMORY_PAGES_MAX,
  ORIGINS_MAX,
  SEGMENTS_MAX,
  UNIT_STEPS_MAX
} from './limits.ts'
import {
  fields,
  flag,
  float,
  type Infer,
  integer,
  link,
  list,
  object,
  oneOf,
  optional,
  type Shape,
  ShapeError,
  text
} from './shape.ts'

const seconds = integer(1e11, -1e11)

const anyStep = integer(86_400, -86_400)
/** Seconds of one step: not 0; negative is backtracking. */
export const stepSeconds: Shape<number> = (value, path = '') => {
  const step = anyStep(value, path)
  if (step === 0) throw new ShapeError(path, 'must not be 0')
  return step
}

/** Particles beyond the last step of a plan have no step; release steps are bounded like steps. */
export const crop = fields({
  column: integer(AXIS_NODES_MAX, -AXIS_NODES_MAX),
  row: integer(AXIS_NODES_MAX),
  columns: integer(CROP_CELLS_MAX, 2),
  rows: integer(CROP_CELLS_MAX, 2)
})
export type Crop = Infer<typeof crop>

/**
 * The regular grid on which density is counted; on the flat metric its degrees are metres, which
 * is why the ranges are wider than the globe.
 */
export const densityGrid = fields({
  westDegrees: float(-1e8, 1e8),
  southDegrees: float(-1e8, 1e8),
  resolutionDegrees: float(1e-4, 1e7),
  columns: integer(100_000, 1),
  rows: integer(100_000, 1)
})
export type DensityGrid = Infer<typeof densityGrid>

const factor = float(0, 100)

/**
 * Motion (PHYSICS §3). Times are seconds whatever the sign of the time step; a backtracking unit
 * has no beaching and no half-life: its planner writes `hold` instead of `strand`.
 */
export const physics = fields({
  scheme: oneOf('rk4', 'rk2', 'euler'),
  /** Horizontal diffusivity K, m²/s; with `field` the multiplier of the forcing's diffusivity. */
  diffusivity: float(0, 1e6),
  diffusivityFrom: oneOf('constant', 'field'),
  /** Windage acts on wind minus current. */
  isWindRelative: flag,
  /** Surface Stokes drift: none, the forcing's, or 0.016 times the wind. */
  stokes: oneOf('none', 'field', 'parameterised'),
  /** Peak period of the waves; absent: the forcing's, else Pierson–Moskowitz from the wind. */
  wavePeriodSeconds: optional(float(0.5, 60)),
  /** `mixed`: depth by wind and rise velocity, drawn each step (classes without a depth). */
  vertical: oneOf('surface', 'mixed'),
  /** A step that would end ashore: stays there, keeps its along-shore part, is undone. */
  coast: oneOf('strand', 'slide', 'hold', 'probabilistic'),
  /** Only with coast `probabilistic`: time scales and width of the coastal zone. */
  beaching: optional(
    fields({
      beachingSeconds: integer(1e11, 1),
      refloatSeconds: integer(1e11, 1),
      zoneMetres: float(0, 1e6)
    })
  ),
  /** Afloat for this long since release: `retired`. */
  maxAgeSeconds: optional(integer(1e11, 1)),
  /** A particle afloat is `retired` with probability 1 − 2^(−dt/halfLife) per step. */
  halfLifeSeconds: optional(integer(1e11, 1)),
  /** First-order autoregressive current noise of each particle, both axes alike. */
  noise: optional(
    fields({ deviationMetresPerSecond: float(0, 10), timescaleSeconds: integer(1e11, 1) })
  )
})
export type Physics = Infer<typeof physics>

/** What a class of objects has in common. */
const classPhysics = {
  /** Range of the wind drift factor; equal ends are a constant. */
  windage: list(float(0, 1), 2, 2),
  /** Upward speed in still water; used where `vertical` is `mixed`. */
  riseVelocityMetresPerSecond: float(0, 10),
  /** Fixed depth, 0 at the surface or where mixing decides. */
  depthMetres: float(0, 12_000)
}
const unitClass = fields(classPhysics)
export const particleClass = fields({ name: text(64), ...classPhysics })
export type ParticleClass = Infer<typeof particleClass>

/** How a member differs from the forecast; what it multiplies is in `physics` and the forcing. */
export const perturbation = fields({
  currentFactor: factor,
  windageFactor: factor,
  diffusivityFactor: factor,
  /** Every release is this many steps later. */
  releaseShiftSteps: integer(UNIT_STEPS_MAX)
})
export type Perturbation = Infer<typeof perturbation>

export const workUnit = object('work-unit', {
  kernel: link,
  forcing: link,
  crop,
  /** Unix seconds of step 0 of the plan; steps of all its units count from there. */
  startSeconds: seconds,
  stepSeconds,
  firstStep: integer(UNIT_STEPS_MAX),
  stepCount: integer(UNIT_STEPS_MAX, 1),
  /** Outputs are made after every step whose plan number is a multiple of this, and at step 0. */
  outputEverySteps: integer(UNIT_STEPS_MAX, 1),
  /** CID of the input {@link state}. */
  state: link,
  /** 64-bit random seed of the member as two 32-bit words. */
  rngKey: list(integer(0xffff_ffff), 2, 2),
  physics,
  /** Absent: the member is not perturbed. */
  perturbation: optional(perturbation),
  classes: list(unitClass, CLASSES_MAX, 1),
  /** Ascending first ids of the origins after the first: origin 0 has the ids before them. */
  originStarts: list(integer(), ORIGINS_MAX),
  density: densityGrid,
  /** Particles with an id below this are tracked. */
  trackedCount: integer(),
  segmentCount: integer(SEGMENTS_MAX, 1),
  /** Most particle-steps the kernel may execute. */
  fuelMax: integer(),
  memoryPagesMax: integer(MEMORY_PAGES_MAX, 1),
  outputBytesMax: integer()
})
export type WorkUnit = Infer<typeof workUnit>
