/**
 * Fields of one number per node: horizontal diffusivity and the peak period of waves. They are
 * found by CF standard name, then by the names models use, or by the name that the forecast gives,
 * and are brought to the current's grid like any other field.
 */
import { pipe } from 'it-pipe'
import type { CID } from 'multiformats/cid'
import { HOLE } from '../../../protocol/forcing.ts'
import { MeshError } from '../../mesh-error.ts'
import { type Coast, fillCoast } from '../coast.ts'
import { mapTo } from '../grids/grid-content.ts'
import type { NodeMetric } from '../grids/node-metric.ts'
import type { IngestRequest } from '../ingest.ts'
import { textOf } from '../meaning/coordinates.ts'
import type { Grid } from '../meaning/grid.ts'
import { openDataFile } from '../read/open-data-file.ts'
import { openSeries, type Series } from '../series.ts'
import { coverWindow, type TimeRule } from '../sets/time-rule.ts'
import type { Slice } from '../slice.ts'
import type { ForcingSource } from '../source.ts'
import { slicesOf } from '../stages.ts'
import { type Put, type Tiling, tileSeries } from '../tiles.ts'
import { sliceWindow } from '../window.ts'

const HOLE_F32 = Math.fround(HOLE)

export type ScalarRole = 'diffusivity' | 'wavePeriod'

export interface ScalarSource extends TimeRule {
  readonly role: ScalarRole
  readonly files: readonly string[]
  /** Name of the variable, where it is not understood by itself. */
  readonly variable?: string
  readonly select?: ForcingSource['select']
  readonly inputs?: ForcingSource['inputs']
}

interface Kind {
  readonly names: readonly string[]
  /** What a value in a unit is multiplied by to be in m²/s or s; undefined for another quantity. */
  readonly factorOf: (unit: string) => number | undefined
  readonly most: number
}

const SQUARE_METRES = /^(m2|m\^2|m\*\*2)\s*(\/\s*s|[\s.*]*s(\*\*|\^)?-1)$/
const SECONDS = /^(s|sec|secs|second|seconds)$/
const KINDS: Readonly<Record<ScalarRole, Kind>> = {
  diffusivity: {
    names: [
      'ocean_tracer_xy_laplacian_diffusivity',
      'ocean_tracer_laplacian_diffusivity',
      'horizontal_diffusivity',
      'diffusivity',
      'kh'
    ],
    factorOf: (unit) => (unit === '' || SQUARE_METRES.test(unit) ? 1 : undefined),
    most: 1e6
  },
  wavePeriod: {
    names: [
      'sea_surface_wave_period_at_variance_spectral_density_maximum',
      'vtpk',
      'pp1d',
      'tp',
      'perpw',
      'peak_period'
    ],
    factorOf: (unit) => (unit === '' || SECONDS.test(unit) ? 1 : undefined),
    most: 60
  }
}

/** The role of a variable by its name, or by `name (standard_name)`. */
export function scalarRoleOf(text: string): ScalarRole | undefined {
  const words = text.toLowerCase().split(/[\s()]+/)
  return (['diffusivity', 'wavePeriod'] as const).find((role) =>
    words.some((word) => KINDS[role].names.includes(word))
  )
}

/** The variable of a role in any of the files. */
async function findVariable({ role, files, variable, inputs }: ScalarSource): Promise<string> {
  if (variable !== undefined) return variable
  const seen = new Set<string>()
  for (const path of files) {
    const file = await openDataFile(path, { inputs })
    try {
      for (const name of KINDS[role].names) {
        for (const each of file.variables.values()) {
          seen.add(each.name)
          const standard = textOf(each, 'standard_name').toLowerCase()
          if (standard === name || each.name.toLowerCase() === name) return each.name
        }
      }
    } finally {
      await file.close()
    }
  }
  throw new MeshError(
    'forcing/not-understood',
    `${files[0]}: no ${role} is recognised among ${[...seen].slice(0, 12).join(', ')}; ` +
      `name it in the forecast file: { role: ${role}, …, map: { value: NAME } }`,
    { detail: { files, role } }
  )
}

/** Opens a scalar as a series whose both components are the one variable. */
async function openScalar(source: ScalarSource, request: IngestRequest): Promise<Series> {
  const name = await findVariable(source)
  const { factorOf } = KINDS[source.role]
  const pair = {
    role: 'current' as const,
    files: source.files,
    map: { u: name, v: name },
    ...(source.select === undefined ? {} : { select: source.select }),
    ...(source.inputs === undefined ? {} : { inputs: source.inputs }),
    factorOf
  }
  const series = await openSeries([pair], request.metric === 'flat', request.signal)
  return coverWindow(series, source, [request.startSeconds, request.endSeconds], source.role)
}

export interface ScalarTarget {
  readonly grid: Grid
  readonly coast: Coast
  readonly tiling: Tiling
  readonly put: Put
  readonly columns: number
  readonly metric: NodeMetric
  readonly notes: string[]
}

export interface IngestedScalar {
  readonly series: CID
  readonly most: number
  /** Greatest change over a metre. */
  readonly slope: number
}

/** Greatest change over a metre on either axis, cell by cell, by the finest metric of the cell. */
function slopeOf(values: Float32Array, { columns, metric }: ScalarTarget): number {
  let most = 0
  const change = (a: number, b: number): number =>
    values[a] === HOLE_F32 || values[b] === HOLE_F32
      ? 0
      : Math.abs((values[b] ?? 0) - (values[a] ?? 0))
  const cells = (node: number, axis: number): number =>
    Math.max(Math.abs(metric.at(node, 2 * axis)), Math.abs(metric.at(node, 2 * axis + 1)))
  for (let node = 0; node + columns + 1 < values.length; node++) {
    if (node % columns === columns - 1) continue
    const corners = [node, node + 1, node + columns, node + columns + 1]
    const byX = Math.max(change(node, node + 1), change(node + columns, node + columns + 1))
    const byY = Math.max(change(node, node + columns), change(node + 1, node + columns + 1))
    const fine = (axis: number): number => Math.max(...corners.map((each) => cells(each, axis)))
    most = Math.max(most, byX * fine(0) + byY * fine(1))
  }
  return most
}

/** @throws MeshError `forcing/*` */
export async function ingestScalar(
  source: ScalarSource,
  target: ScalarTarget,
  request: IngestRequest
): Promise<IngestedScalar> {
  const { role } = source
  const series = await openScalar(source, request)
  let [most, slope] = [0, 0]
  try {
    target.notes.push(...series.notes.map((note) => note.replace(/^current:/, `${role}:`)))
    const named = { ...series, role }
    const window = sliceWindow(named, request.startSeconds, request.endSeconds)
    const map = mapTo(target.grid, series, request.metric)
    const fitted = async function* (slices: AsyncIterable<Slice>): AsyncGenerator<[Float32Array]> {
      for await (const slice of slices) {
        const values = map.scalars(slice.u)
        fillCoast(values, target.coast)
        for (const value of values) {
          if (value === HOLE_F32) continue
          if (!(value >= 0 && value <= KINDS[role].most)) throw outOfRange(role, value)
          most = Math.max(most, value)
        }
        if (role === 'diffusivity') slope = Math.max(slope, slopeOf(values, target))
        yield [values]
      }
    }
    const tiled = await pipe(
      slicesOf(series, window, request, `reading ${role}`),
      fitted,
      (slices) => tileSeries(slices, window.times, target.tiling, target.put)
    )
    if (tiled === undefined) throw new Error('defect: a series ended early')
    return { series: tiled, most, slope }
  } finally {
    await series.close()
  }
}

const outOfRange = (role: ScalarRole, value: number): MeshError =>
  new MeshError(
    'forcing/not-understood',
    `the ${role} holds ${value}, which is not from 0 to ${KINDS[role].most}`,
    { detail: { role } }
  )
