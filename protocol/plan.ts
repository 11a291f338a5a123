/**
 * A plan is what a forecast file becomes once its inputs are content: everything that decides the
 * forecast, by value or by CID. Its slots (member × block × window) are what coordinators own,
 * lease and settle; a slot maps to one work unit at a time.
 */
import {
  CLASSES_MAX,
  LEVELS_MAX,
  MEMBERS_MAX,
  ORIGINS_MAX,
  PLAN_BLOCKS_MAX,
  REPLICAS_MAX,
  TEXT_MAX,
  UNIT_PARTICLES_MAX,
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
  text
} from './shape.ts'
import {
  crop,
  densityGrid,
  particleClass,
  perturbation,
  physics,
  stepSeconds
} from './work-unit.ts'

/** Consecutive particle ids that one unit carries, with their state before step 0. */
export const block = fields({
  firstParticle: integer(),
  particleCount: integer(UNIT_PARTICLES_MAX, 1),
  state: link,
  crop
})
export type PlanBlock = Infer<typeof block>

export const plan = object('plan', {
  name: text(64),
  title: text(TEXT_MAX),
  institution: text(TEXT_MAX),
  license: text(64),
  /** Who must be named for the inputs, in the order of the forecast file. */
  attributions: list(text(TEXT_MAX), 64),
  kernel: link,
  /** UnixFS folder with the page of the forecast: `index.html` and `view/`; absent: none. */
  viewer: optional(link),
  forcing: link,
  startSeconds: integer(1e11, -1e11),
  stepSeconds,
  stepCount: integer(UNIT_STEPS_MAX, 1),
  outputEverySteps: integer(UNIT_STEPS_MAX, 1),
  /** Steps of one time window; the last may be shorter. */
  windowSteps: integer(UNIT_STEPS_MAX, 1),
  /** How degrees become metres and km²; flat plans have x and y in metres. */
  metric: oneOf('wgs84', 'sphere1852', 'flat'),
  physics,
  classes: list(particleClass, CLASSES_MAX, 1),
  particleCount: integer(),
  blocks: list(block, PLAN_BLOCKS_MAX, 1),
  memberCount: integer(MEMBERS_MAX, 1),
  rngSeed: list(integer(0xffff_ffff), 2, 2),
  /** Per member: the 64-bit key of its random numbers, Threefry(rngSeed; member). */
  memberKeys: list(list(integer(0xffff_ffff), 2, 2), MEMBERS_MAX, 1),
  /** Per member; empty where members differ by their random numbers alone. */
  perturbations: list(perturbation, MEMBERS_MAX),
  /** Ascending first ids of the origins (seeding entries) after the first. */
  originStarts: list(integer(), ORIGINS_MAX),
  /** Depth levels of the current that units read: their memory grows with them. */
  levelCount: integer(LEVELS_MAX, 1),
  /** Cells a particle can travel in one step at most; the crop's margin per window step. */
  reachCellsPerStep: float(0, 1),
  /** Nodes of the parent grid, so that crops are cut without reading the forcing. */
  gridColumns: integer(1 << 20, 2),
  gridRows: integer(1 << 20, 2),
  /** True when column `gridColumns` is column 0 again; crops may then lie across the seam. */
  gridIsPeriodic: flag,
  products: fields({ density: densityGrid, trackedCount: integer() }),
  mesh: fields({
    /** `quorum`: equal results of so many operators; `throughput`: of one, and two by lot. */
    policy: oneOf('quorum', 'throughput'),
    quorum: integer(REPLICAS_MAX, 1),
    deadlineSeconds: integer(1e9, 1),
    priority: integer(100, -100)
  })
})
export type Plan = Infer<typeof plan>

/** What a coordinator owns: one block of one member over one window of a plan. */
export const slot = fields({
  plan: link,
  member: integer(MEMBERS_MAX),
  block: integer(PLAN_BLOCKS_MAX),
  window: integer(UNIT_STEPS_MAX)
})
export type Slot = Infer<typeof slot>
