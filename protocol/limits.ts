/**
 * Every limit of the protocol, each with its reason. A decoder, queue or loop elsewhere names one
 * of these; a bare number there is a defect.
 */

/** Gossip is for small messages: at 64 KiB libp2p loses 96 % of them under load (NETWORK §3). */
export const GOSSIP_BYTES_MAX = 16 * 1024
/** One request or answer on a stream; larger things travel as blocks. */
export const FRAME_BYTES_MAX = 1024 * 1024
/** One block: every IPFS implementation accepts 1 MiB, and a bad peer can waste no more. */
export const BLOCK_BYTES_MAX = 1024 * 1024
/** An i32 position with 20 fraction bits covers 2047 cells per axis (PHYSICS §2). */
export const CROP_CELLS_MAX = 2047
/** Segments of a run: resolution of audits and of lost work after a kill. */
export const SEGMENTS_MAX = 32
/** Particles of one unit: 22 bytes each stays far below the memory limit of a volunteer. */
export const UNIT_PARTICLES_MAX = 1_000_000
/** Time steps of one unit: a year at ten minutes. */
export const UNIT_STEPS_MAX = 60_000
/** Object classes of a forecast: a class is one byte in the state. */
export const CLASSES_MAX = 64
/** Origins (seeding entries) of a forecast: a unit lists them, and stays a small block. */
export const ORIGINS_MAX = 10_000
/** Depth levels of a current: as many as ocean models have. */
export const LEVELS_MAX = 100
/** Ensemble members of a forecast. */
export const MEMBERS_MAX = 1000
/** Units of one plan; its list stays below one block. */
export const PLAN_BLOCKS_MAX = 10_000
/** Links in one list: 38 bytes each stays below one block. */
export const LINKS_MAX = 20_000
/** Nodes along one axis of a forcing grid: 1/60 degree around the globe. */
export const AXIS_NODES_MAX = 21_600
/** Time slices of one forcing variable: a decade of hours. */
export const SLICES_MAX = 100_000
/** A block shown as garbage: with a reveal and a binding it fits one frame. */
export const GARBAGE_BYTES_MAX = 1000 * 1024
/** A title, name or reason a person reads. */
export const TEXT_MAX = 1024
/** WebAssembly pages (64 KiB) of one unit: 1 GiB, the volunteer's default memory. */
export const MEMORY_PAGES_MAX = 16_384
/** Peers named in a lease as holders of the inputs. */
export const SOURCES_MAX = 8
/** Entries of a log in one answer; what does not fit a frame is asked for next. */
export const LOG_ENTRIES_MAX = 1024
/** Root keys of a federation: people who meet, not machines. */
export const ROOTS_MAX = 16
/** Coordinators of a federation. */
export const COORDINATORS_MAX = 64
/** Replicas ever run of one unit before it is failed as poison (PROTOCOL §3). */
export const REPLICAS_MAX = 16
/** Errors (expired, hung, inadmissible) of one unit before it is failed as poison. */
export const ERRORS_MAX = 8
/** Longest that a volunteer may compute without being heard (PROTOCOL §3): a night at sea. */
export const OFFLINE_MS_MAX = 8 * 3_600_000
/** Verdicts of one slot that were proven wrong, one after the other. */
export const REVISIONS_MAX = 64
/** Different results of one unit before it is failed as poison. */
export const DISTINCT_MAX = 4
/**
 * A statement is fresh when its clock differs from ours by at most this (skew of home machines).
 */
export const CLOCK_SKEW_MS = 10 * 60_000
