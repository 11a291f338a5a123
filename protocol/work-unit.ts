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
  SEGMENTS_MAX,
  UNIT_STEPS_MAX
} from './limits.ts'
import { fields, flag, float, type Infer, integer, link, list, object, oneOf } from './shape.ts'

const seconds = integer(1e11, -1e11)

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

export const physics = fields({
  scheme: oneOf('rk4', 'rk2', 'euler'),
  /** Horizontal diffusivity K, m²/s. */
  diffusivity: float(0, 1e6),
  /** Windage acts on wind minus current. */
  isWindRelative: flag,
  coast: oneOf('strand')
})

export const workUnit = object('work-unit', {
  kernel: link,
  forcing: link,
  crop,
  /** Unix seconds of step 0 of the plan; steps of all its units count from there. */
  startSeconds: seconds,
  stepSeconds: integer(86_400, 1),
  firstStep: integer(UNIT_STEPS_MAX),
  stepCount: integer(UNIT_STEPS_MAX, 1),
  /** Outputs are made after every step whose plan number is a multiple of this, and at step 0. */
  outputEverySteps: integer(UNIT_STEPS_MAX, 1),
  /** CID of the input {@link state}. */
  state: link,
  /** 64-bit random seed of the member as two 32-bit words. */
  rngKey: list(integer(0xffff_ffff), 2, 2),
  physics,
  classCount: integer(CLASSES_MAX, 1),
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
