/**
 * What members together say about each cell, from their integer counts: mean, quantiles, how many
 * exceed a threshold and how far they agree. Only `+ - * /` and comparisons, in a fixed order, so
 * that every machine gets the same bits.
 */

/** Tenths of the members at or below each quantile: p10, p50, p90. */
export const QUANTILE_TENTHS = [1, 5, 9] as const

/** Cells looked at together: all members' counts of them stay in the processor's cache. */
const BLOCK_CELLS = 4096

export interface StatisticsShape {
  /** Values of the tile. */
  readonly length: number
  readonly memberCount: number
  readonly classCount: number
  /** Per area, ascending. */
  readonly thresholds: readonly number[]
}

export interface TileStatistics {
  /** Counts of all members and classes. */
  readonly total: Float64Array
  /** Per area, mean over members. */
  readonly mean: Float32Array
  /** Per area, one for each of {@link QUANTILE_TENTHS}. */
  readonly quantiles: readonly Float32Array[]
  /** Share of members above each threshold. */
  readonly exceedance: readonly Float32Array[]
  /** 1 − (p90 − p10) / (p90 + p10); 1 where both are 0. */
  readonly agreement: Float32Array
}

/** Place of a quantile among sorted members: the least that so many tenths do not exceed. */
export const quantileRank = (tenths: number, memberCount: number): number =>
  Math.max(0, Math.ceil((tenths * memberCount) / 10) - 1)

/** Sums the classes of each member over a block of cells; false when all is zero. */
function sumBlock(
  into: Uint32Array,
  from: number,
  cells: number,
  shape: StatisticsShape,
  counts: (member: number, classIndex: number) => Uint32Array | undefined
): boolean {
  let isUsed = false
  into.fill(0)
  for (let member = 0; member < shape.memberCount; member += 1) {
    for (let classIndex = 0; classIndex < shape.classCount; classIndex += 1) {
      const own = counts(member, classIndex)
      if (own === undefined) continue
      isUsed = true
      const base = member * BLOCK_CELLS
      for (let cell = 0; cell < cells; cell += 1) {
        into[base + cell] = (into[base + cell] ?? 0) + (own[from + cell] ?? 0)
      }
    }
  }
  return isUsed
}

/** Statistics of one tile; `areaOf` gives the area of a value's cell. */
export function tileStatistics(
  shape: StatisticsShape,
  counts: (member: number, classIndex: number) => Uint32Array | undefined,
  areaOf: (index: number) => number
): TileStatistics {
  const { length, memberCount, thresholds } = shape
  const made = {
    total: new Float64Array(length),
    mean: new Float32Array(length),
    quantiles: QUANTILE_TENTHS.map(() => new Float32Array(length)),
    exceedance: thresholds.map(() => new Float32Array(length)),
    agreement: new Float32Array(length).fill(1)
  }
  const ranks = QUANTILE_TENTHS.map((tenths) => quantileRank(tenths, memberCount))
  const block = new Uint32Array(memberCount * BLOCK_CELLS)
  const members = new Uint32Array(memberCount)
  for (let from = 0; from < length; from += BLOCK_CELLS) {
    const cells = Math.min(BLOCK_CELLS, length - from)
    if (!sumBlock(block, from, cells, shape, counts)) continue
    for (let cell = 0; cell < cells; cell += 1) {
      let sum = 0
      for (let member = 0; member < memberCount; member += 1) {
        const count = block[member * BLOCK_CELLS + cell] ?? 0
        members[member] = count
        sum += count
      }
      if (sum > 0) setCell(made, from + cell, { sum, members, ranks, thresholds }, areaOf)
    }
  }
  return made
}

interface CellCounts {
  readonly sum: number
  readonly members: Uint32Array
  readonly ranks: readonly number[]
  readonly thresholds: readonly number[]
}

function setCell(
  made: TileStatistics,
  index: number,
  { sum, members, ranks, thresholds }: CellCounts,
  areaOf: (index: number) => number
): void {
  const area = areaOf(index)
  const memberCount = members.length
  made.total[index] = sum
  made.mean[index] = sum / memberCount / area
  members.sort()
  for (const [which, rank] of ranks.entries()) {
    const quantile = made.quantiles[which]
    if (quantile !== undefined) quantile[index] = (members[rank] ?? 0) / area
  }
  let least = 0
  for (const [which, threshold] of thresholds.entries()) {
    while (least < memberCount && !((members[least] ?? 0) / area > threshold)) least += 1
    const exceedance = made.exceedance[which]
    if (exceedance !== undefined) exceedance[index] = (memberCount - least) / memberCount
  }
  const low = members[ranks[0] ?? 0] ?? 0
  const high = members[ranks.at(-1) ?? 0] ?? 0
  if (high > 0) made.agreement[index] = 1 - (high - low) / (high + low)
}
