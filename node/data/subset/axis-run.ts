/**
 * Which indices of an axis a box needs: those inside and one on either side, so that its edge lies
 * between nodes. Longitudes turn: the same place may be 350 and -10, and a box across the seam of
 * an axis is two or three runs of indices.
 */

/** Indices of an axis, both ends included. */
export interface AxisRun {
  readonly first: number
  readonly last: number
}

export interface LongitudeRun extends AxisRun {
  /** Added to the axis' own longitudes so that the runs follow each other. */
  readonly shiftDegrees: number
}

/** Longitudes closer than this are the same node. */
const SAME_DEGREES = 1e-6
/** A step wider than this many usual ones is a gap, not a cell. */
const GAP_STEPS = 1.5

/**
 * @param values rising or falling
 * @returns undefined when the axis ends before `from` or begins after `to`
 */
export function runBetween(
  values: ArrayLike<number>,
  from: number,
  to: number
): AxisRun | undefined {
  const count = values.length
  if (count === 0) return undefined
  const isRising = (values[0] ?? 0) <= (values[count - 1] ?? 0)
  const at = (index: number): number => values[isRising ? index : count - 1 - index] ?? Number.NaN
  if (at(0) > to || at(count - 1) < from) return undefined
  let low = 0
  while (low + 1 < count && at(low + 1) <= from) low++
  let high = count - 1
  while (high > 0 && at(high - 1) >= to) high--
  return isRising
    ? { first: low, last: Math.max(low, high) }
    : { first: count - 1 - Math.max(low, high), last: count - 1 - low }
}

/** Index of the value nearest to a wanted one. */
export function nearestIndex(values: ArrayLike<number>, wanted: number): number {
  let best = 0
  for (let index = 1; index < values.length; index++) {
    const isNearer =
      Math.abs((values[index] ?? 0) - wanted) < Math.abs((values[best] ?? 0) - wanted)
    if (isNearer) best = index
  }
  return best
}

interface Node {
  readonly index: number
  readonly degrees: number
  readonly shiftDegrees: number
}

/** Every node in [-720, 1080], in order, each place once. */
function unrolled(values: ArrayLike<number>): Node[] {
  const nodes: Node[] = []
  for (let turn = -3; turn <= 3; turn++) {
    for (let index = 0; index < values.length; index++) {
      const shiftDegrees = turn * 360
      nodes.push({ index, degrees: (values[index] ?? 0) + shiftDegrees, shiftDegrees })
    }
  }
  // Of two nodes at one place the unshifted one is kept.
  nodes.sort((a, b) => a.degrees - b.degrees || Math.abs(a.shiftDegrees) - Math.abs(b.shiftDegrees))
  return nodes.filter((node, at) => {
    const before = nodes[at - 1]
    return before === undefined || node.degrees - before.degrees > SAME_DEGREES
  })
}

function usualStep(values: ArrayLike<number>): number {
  const steps = Array.from({ length: Math.max(0, values.length - 1) }, (_, index) =>
    Math.abs((values[index + 1] ?? 0) - (values[index] ?? 0))
  ).sort((a, b) => a - b)
  return steps[Math.floor(steps.length / 2)] ?? 360
}

/** Nodes that follow each other without a gap. */
function stretches(nodes: readonly Node[], gapDegrees: number): Node[][] {
  const found: Node[][] = []
  for (const node of nodes) {
    const last = found.at(-1)?.at(-1)
    if (last !== undefined && node.degrees - last.degrees <= gapDegrees) found.at(-1)?.push(node)
    else found.push([node])
  }
  return found
}

/**
 * The runs of a longitude axis that hold the box from west to east, in order eastward.
 * @param values monotonic, any range of 360 degrees
 * @param west @param east degrees, east > west, at most 360 apart
 * @returns none when the box lies beside the data
 */
export function longitudeRuns(
  values: ArrayLike<number>,
  west: number,
  east: number
): LongitudeRun[] {
  const gapDegrees = GAP_STEPS * usualStep(values) + SAME_DEGREES
  const [widest] = stretches(unrolled(values), gapDegrees)
    .map((stretch) => {
      const run = runBetween(
        stretch.map(({ degrees }) => degrees),
        west,
        east
      )
      return run === undefined ? [] : stretch.slice(run.first, run.last + 1)
    })
    .sort((a, b) => b.length - a.length)
  const chosen = widest ?? []
  const [head] = chosen
  // A whole circle would meet its first node again at its end.
  const last = chosen.findLastIndex(
    ({ degrees }) => degrees - (head?.degrees ?? 0) < 360 - SAME_DEGREES
  )
  const runs: { nodes: Node[] }[] = []
  for (const node of chosen.slice(0, last + 1)) {
    const run = runs.at(-1)?.nodes
    const before = run?.at(-1)
    const isNext =
      before !== undefined &&
      Math.abs(node.index - before.index) === 1 &&
      node.shiftDegrees === before.shiftDegrees
    if (isNext) run?.push(node)
    else runs.push({ nodes: [node] })
  }
  return runs.map(({ nodes }) => {
    const indices = nodes.map(({ index }) => index)
    const shiftDegrees = nodes[0]?.shiftDegrees ?? 0
    return { first: Math.min(...indices), last: Math.max(...indices), shiftDegrees }
  })
}
