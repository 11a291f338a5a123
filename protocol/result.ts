/**
 * What a run returns: the state after its last step, the outputs of each segment and the trace
 * that binds them. Equal work has an equal result CID; verification is comparison.
 */
import { LINKS_MAX, SEGMENTS_MAX, UNIT_PARTICLES_MAX, UNIT_STEPS_MAX } from './limits.ts'
import { bytes, fields, type Infer, integer, link, list, object } from './shape.ts'
import type { Physics } from './work-unit.ts'

/** Bytes of one particle in a state chunk (layout: kernel/README.md). */
export const STATE_PARTICLE_BYTES = 18
/** The same with the two terms of autoregressive noise (physics.noise). */
export const NOISY_STATE_PARTICLE_BYTES = 22
/** Where cells (i16 column, i16 row), status and class are in a particle's bytes. */
export const STATE_CELLS_OFFSET = 8
export const STATE_STATUS_OFFSET = 16
export const STATE_CLASS_OFFSET = 17
/** Particles of one state chunk: the most of the larger kind that fit one block, rounded down. */
export const STATE_CHUNK_PARTICLES = 47_000

/** Bytes of one particle in the states of a unit or plan. */
export const stateParticleBytes = (physics: Pick<Physics, 'noise'>): number =>
  physics.noise === undefined ? STATE_PARTICLE_BYTES : NOISY_STATE_PARTICLE_BYTES

/** Fate of a particle; the number is its byte in the state and its column in counts. */
export const STATUSES = ['waiting', 'afloat', 'stranded', 'outside', 'retired', 'missing'] as const
export type Status = (typeof STATUSES)[number]

/** Root of a particle state: chunks of STATE_CHUNK_PARTICLES particles in id order. */
export const state = object('state', {
  firstParticle: integer(),
  particleCount: integer(UNIT_PARTICLES_MAX, 1),
  particleBytes: integer(NOISY_STATE_PARTICLE_BYTES, STATE_PARTICLE_BYTES),
  chunks: list(link, LINKS_MAX, 1)
})
export type State = Infer<typeof state>

const statusCounts = list(integer(UNIT_PARTICLES_MAX), STATUSES.length, STATUSES.length)

/**
 * One output time of one segment.
 * `density`: little-endian u32 triples (cell, class, count), ascending by cell then class, of the
 * particles afloat; cell = row · columns + column of the unit's density grid.
 * `beached`: little-endian u32 quadruples (coastal cell, origin, class, count), ascending, of the
 * particles stranded; summed over origins the beached counts per coastal cell, over classes the
 * connectivity of origins and coastal cells. Empty where the forcing knows no coast.
 * `tracks`: per tracked particle of the unit in id order: u32 id, u32 status, f64 lon, f64 lat.
 */
export const output = fields({
  step: integer(UNIT_STEPS_MAX),
  counts: statusCounts,
  density: bytes(1 << 30),
  beached: bytes(1 << 30),
  tracks: bytes(1 << 30)
})
export type Output = Infer<typeof output>

/** Outputs of one segment: dag-cbor bytes, cut into raw blocks when larger than a block. */
export const segmentOutputs = object('outputs', { outputs: list(output, UNIT_STEPS_MAX) })

export const unitResult = object('result', {
  unit: link,
  /**
   * CID of the {@link state} after each segment. Only the last travels with the result; the others
   * are what an audit of the next segment starts from, and their holder is asked for them.
   */
  states: list(link, SEGMENTS_MAX, 1),
  /** Raw blocks whose concatenation is the {@link segmentOutputs} of each segment. */
  segments: list(list(link, LINKS_MAX), SEGMENTS_MAX, 1),
  /** Merkle root over states and segments (trace.ts). */
  traceRoot: bytes(32, 32),
  /** Particle-steps executed. */
  fuel: integer(),
  /** Particles by status after the last step. */
  counts: statusCounts,
  /** Parent-grid cells that hold every particle still waiting or afloat: [x0, y0, x1, y1]. */
  bounds: list(integer(1 << 20, -(1 << 20)), 4, 4)
})
export type UnitResult = Infer<typeof unitResult>
