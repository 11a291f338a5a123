/**
 * Currents below the surface: the depth levels a forecast needs, each a series of its own. Where a
 * level lies below the bottom it repeats the one above it, so that a particle over a shelf moves
 * with the deepest water there is.
 */
import { pipe } from 'it-pipe'
import type { CID } from 'multiformats/cid'
import type { Forcing } from '../../../protocol/forcing.ts'
import { LEVELS_MAX } from '../../../protocol/limits.ts'
import type { Coast } from '../coast.ts'
import { mapTo } from '../grids/grid-content.ts'
import type { Regrid } from '../grids/regrid.ts'
import type { IngestRequest } from '../ingest.ts'
import type { Grid } from '../meaning/grid.ts'
import { understandFile } from '../meaning/understand.ts'
import { openDataFile } from '../read/open-data-file.ts'
import { openSeries, type Series } from '../series.ts'
import { coverWindow } from '../sets/time-rule.ts'
import type { Slice } from '../slice.ts'
import type { ForcingSource } from '../source.ts'
import { components, fitted } from '../stages.ts'
import { type Put, type Tiling, tileSeries } from '../tiles.ts'
import { sliceWindow } from '../window.ts'

interface LevelTarget {
  readonly grid: Grid
  readonly coast: Coast
  readonly tiling: Tiling
  readonly put: Put
  readonly notes: string[]
}

/** Depths of the levels from the first down to the one that reaches `metres`; one is no choice. */
async function depthsOf(
  source: ForcingSource,
  metres: number,
  isFlat: boolean
): Promise<readonly number[]> {
  for (const path of source.files) {
    const file = await openDataFile(path, { inputs: source.inputs })
    try {
      const wish = source.map === undefined ? {} : { map: source.map }
      const { fields } = await understandFile(file, { role: 'current', isFlat, ...wish })
      const [field] = fields
      if (field === undefined) continue
      const first = field.depthUsedMetres
      if (first === undefined) return []
      const ascending = [...new Set(field.depthsMetres)].sort((a, b) => a - b)
      const below = ascending.filter((depth) => depth >= first && depth >= 0)
      const last = below.findIndex((depth) => depth >= metres)
      return below.slice(0, Math.min(last < 0 ? below.length : last + 1, LEVELS_MAX))
    } finally {
      await file.close()
    }
  }
  return []
}

/** One level with the levels above it, to fill what lies below the bottom. */
async function sliceAt(
  levels: readonly { readonly series: Series; readonly map: Regrid }[],
  level: number,
  timeIndex: number,
  land: Uint8Array
): Promise<Slice> {
  const { series, map } = levels[level] ?? {}
  if (series === undefined || map === undefined) throw new Error(`no level ${level}`)
  const { u, v } = map.vectors(await series.read(timeIndex))
  const isDry = u.some((value, node) => Number.isNaN(value) && land[node] === 0)
  if (!isDry || level === 0) return { u, v }
  const above = await sliceAt(levels, level - 1, timeIndex, land)
  for (let node = 0; node < u.length; node++) {
    if (!Number.isNaN(u[node])) continue
    u[node] = above.u[node] ?? Number.NaN
    v[node] = above.v[node] ?? Number.NaN
  }
  return { u, v }
}

/**
 * The levels below the current's own down to `metres`; undefined where the data has but one.
 * @throws MeshError `forcing/*`
 */
export async function ingestLevels(
  source: ForcingSource,
  metres: number,
  target: LevelTarget,
  request: IngestRequest,
  fastest: Float64Array
): Promise<Forcing['levels']> {
  const isFlat = request.metric === 'flat'
  const depths = await depthsOf(source, metres, isFlat)
  if (depths.length < 2) {
    target.notes.push('current: one level only, taken at every depth')
    return undefined
  }
  target.notes.push(`current: levels ${depths.join(', ')} m, linear between them`)
  const levels: { series: Series; map: Regrid }[] = []
  try {
    for (const depthMetres of depths) {
      const one = await openSeries([{ ...source, depthMetres }], isFlat, request.signal)
      const series = coverWindow(one, source, [request.startSeconds, request.endSeconds])
      levels.push({ series, map: mapTo(target.grid, series, request.metric) })
    }
    const deeper: CID[] = []
    for (let level = 1; level < levels.length; level++) {
      const series = levels[level]?.series
      if (series === undefined) continue
      const window = sliceWindow(series, request.startSeconds, request.endSeconds)
      const slices = async function* (): AsyncGenerator<Slice> {
        for (let index = 0; index < window.times.length; index++) {
          request.signal?.throwIfAborted()
          yield await sliceAt(levels, level, window.firstIndex + index, target.coast.land)
          const phase = `reading current at ${depths[level]} m`
          request.onProgress?.({ phase, done: index + 1, total: window.times.length })
        }
      }
      const tiled = pipe(slices(), fitted(target.coast, fastest), components, (all) =>
        tileSeries(all, window.times, target.tiling, target.put)
      )
      const link = await tiled
      if (link === undefined) throw new Error('defect: a series ended early')
      deeper.push(link)
    }
    return { depthsMetres: depths, deeper }
  } finally {
    for (const { series } of levels) await series.close()
  }
}
