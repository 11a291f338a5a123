/**
 * What one gateway spends on its readers at most. Each number has its reason; a reader who meets
 * one is told which.
 */

/**
 * Answers under way at once. Each holds a few blocks of at most 1 MiB and its socket's buffer: the
 * gateway stays below 256 MiB, however many readers it has.
 */
export const READS_MAX = 32
/** Readers that wait for their turn: some browsers and one zarr client with a hundred requests. */
export const WAITING_MAX = 512
/** Blocks of one file fetched ahead of the reader. */
export const BLOCKS_AHEAD = 2
/** A socket on which nothing moves for this long: twice what the store waits for a block. */
export const IDLE_MS = 120_000
/** One answer, whatever its length: 1 GiB at 3 Mbit/s. Whoever needs longer asks for ranges. */
export const ANSWER_MS = 3_600_000
/** Names in one listed folder; the folders of a forecast hold at most 1,000. */
export const LISTED_MAX = 10_000
/** Blocks of one CAR: 100 GiB of full blocks. A folder that links itself to no end stops here. */
export const CAR_BLOCKS_MAX = 100_000
/** Steps of one path: deeper than any product. */
export const PATH_STEPS_MAX = 32
