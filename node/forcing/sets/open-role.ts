/**
 * A role as ingest reads it: one data set as it is, several in order of priority blended on one
 * grid; either way known at every instant of the forecast.
 */
import { MeshError } from '../../mesh-error.ts'
import { checkSize } from '../grids/grid-content.ts'
import { type AxisGrid, columnsOf, type Grid, isNodeGrid, rowsOf } from '../meaning/grid.ts'
import { openSeries, type Series } from '../series.ts'
import type { ForcingSource } from '../source.ts'
import { describeBox } from '../stages.ts'
import { defaultGap } from '../window.ts'
import { blended } from './blend.ts'
import { bridged } from './bridged.ts'
import { type LayerRequest, makeLayer } from './layer.ts'
import { coverWindow } from './time-rule.ts'

export interface RoleRequest extends LayerRequest {
  /** Whose nodes the forecast uses: a named set's, or the first set's continued over all. */
  readonly gridName?: string
}

/** The first set's grid continued over all sets. */
const EXTENDED = 'extended'

/**
 * Opens the sources of one role, each a data set, the first counting most. Several are brought to
 * `grid`: currents to one of their own (absent), others to the current's.
 * @throws MeshError `forcing/*`, `forecast/unsupported`, `plan/refused`
 */
export async function openRole(
  sources: readonly ForcingSource[],
  request: RoleRequest,
  grid?: Grid
): Promise<Series> {
  const { startSeconds, endSeconds, metric, signal } = request
  const window = [startSeconds, endSeconds] as const
  const opened: Series[] = []
  try {
    for (const source of sources) {
      const series = await openSeries([source], metric === 'flat', signal)
      const maxGap = source.maxGapSeconds ?? defaultGap(series.times)
      opened.push(source.missing === 'gap' ? bridged(series, maxGap) : series)
    }
    const [first, ...others] = opened
    const [rule, ...rules] = sources
    if (first === undefined || rule === undefined) throw new Error('a role has a source')
    if (others.length === 0) return coverWindow(first, rule, window)
    const target = grid ?? currentGrid(opened, sources, request.gridName)
    const layers = [await makeLayer(first, rule, target, request)]
    for (const [index, series] of others.entries()) {
      layers.push(await makeLayer(series, rules[index] ?? rule, target, request))
    }
    const series = blended(layers, target)
    const maxGapSeconds = Math.max(...layers.map((layer) => layer.maxGapSeconds))
    const covered = coverWindow(series, { maxGapSeconds }, window)
    const notes = [...covered.notes, ...setNotes(opened, sources, target)]
    return { ...covered, notes: [...new Set(notes)] }
  } catch (cause) {
    for (const series of opened) await series.close()
    throw cause
  }
}

const nameOf = (source: ForcingSource | undefined, index: number): string =>
  source?.name ?? `set ${index + 1}`

function setNotes(
  opened: readonly Series[],
  sources: readonly ForcingSource[],
  target: Grid
): string[] {
  const [{ role } = { role: 'current' }] = opened
  const sets = opened.map(
    ({ grid }, index) => `${nameOf(sources[index], index)} (${describeBox(grid)})`
  )
  const size = `${columnsOf(target)} x ${rowsOf(target)} nodes, ${describeBox(target)}`
  return [`${role}: ${sets.join(', then ')}, blended at their edges on a grid of ${size}`]
}

/** The grid of a forecast with several currents. */
function currentGrid(
  opened: readonly Series[],
  sources: readonly ForcingSource[],
  gridName: string | undefined
): Grid {
  const grids = opened.map(({ grid }) => grid)
  const [first] = grids
  if (first === undefined) throw new Error('a forecast has a current')
  if (gridName === EXTENDED) return extended(first, grids)
  const named = sources.findIndex(({ name }) => gridName !== undefined && name === gridName)
  return grids[named] ?? first
}

/** The axes of the first grid continued by their own steps to where any of the others ends. */
export function extended(first: Grid, grids: readonly Grid[]): Grid {
  const axes = grids.filter((grid): grid is AxisGrid => !isNodeGrid(grid) && !grid.isPeriodic)
  if (isNodeGrid(first) || axes.length < grids.length) {
    throw new MeshError(
      'forecast/unsupported',
      'grid: extended continues the axes of the first current, but one of them lies on a ' +
        'projected or curvilinear grid or goes around the globe; name one of them instead'
    )
  }
  const middle = (axis: Float64Array): number => ((axis[0] ?? 0) + (axis.at(-1) ?? 0)) / 2
  const own = middle(first.longitudes)
  const ends = axes.map(({ longitudes, latitudes }) => {
    const turns = 360 * Math.round((own - middle(longitudes)) / 360)
    return {
      west: (longitudes[0] ?? 0) + turns,
      east: (longitudes.at(-1) ?? 0) + turns,
      south: latitudes[0] ?? 0,
      north: latitudes.at(-1) ?? 0
    }
  })
  const least = (key: 'west' | 'south'): number => Math.min(...ends.map((end) => end[key]))
  const most = (key: 'east' | 'north'): number => Math.max(...ends.map((end) => end[key]))
  const longitudes = continued(first.longitudes, least('west'), most('east'))
  const latitudes = continued(first.latitudes, least('south'), most('north'))
  checkSize(latitudes.length, longitudes.length)
  return {
    longitudes,
    latitudes,
    isPeriodic: false,
    rowOrder: Array.from(latitudes, (_, index) => index),
    columnOrder: Array.from(longitudes, (_, index) => index)
  }
}

function continued(axis: Float64Array, from: number, to: number): Float64Array {
  const count = axis.length
  const [start, end] = [axis[0] ?? 0, axis[count - 1] ?? 0]
  const low = (axis[1] ?? 0) - start
  const high = end - (axis[count - 2] ?? 0)
  const before = Math.max(0, Math.floor((start - from) / low + ROUNDING))
  const after = Math.max(0, Math.floor((to - end) / high + ROUNDING))
  return Float64Array.from({ length: before + count + after }, (_, index) => {
    if (index < before) return start - (before - index) * low
    if (index < before + count) return axis[index - before] ?? 0
    return end + (index - before - count + 1) * high
  })
}

/** Share of a cell by which ends that mean the same may differ. */
const ROUNDING = 1e-3
