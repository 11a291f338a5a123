/**
 * Files of a flow on a grid, and the tracks that a forecast over them gives.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeNetcdf3 } from '../../../node/forcing/netcdf3-writer.ts'
import { simulateForecast } from '../../../node/forecast/simulate.ts'
import { axisVariable, type Nodes } from './nodes.ts'
import { flowAt, type LonLat, type Rotation } from './sphere.ts'

const FILL = -9999

/** A file of a steady rotation over two days from 2020-01-01. */
export function rotationFile(nodes: Nodes, rotation: Rotation): Uint8Array {
  const { rows, columns, dimensions, names, angle } = nodes
  const plane = (component: 0 | 1): number[] =>
    Array.from({ length: rows * columns }, (_, node) => {
      const [row, column] = [Math.floor(node / columns), node % columns]
      if (nodes.isLand?.(row, column) === true) return FILL
      const place = nodes.place(row, column)
      const [east, north] = flowAt(rotation, place)
      const turn = angle?.(place) ?? 0
      const [c, s] = [Math.cos(turn), Math.sin(turn)]
      return component === 0 ? c * east + s * north : c * north - s * east
    })
  const field = (component: 0 | 1) => ({
    name: component === 0 ? 'u' : 'v',
    type: 'double' as const,
    dimensions: ['time', ...dimensions],
    attributes: {
      standard_name: names[component],
      units: 'm s-1',
      _FillValue: { type: 'double' as const, values: [FILL] },
      ...(angle === undefined ? {} : { grid_mapping: 'crs' })
    },
    values: [...plane(component), ...plane(component)]
  })
  return writeNetcdf3({
    dimensions: { time: 2, [dimensions[0]]: rows, [dimensions[1]]: columns },
    variables: [
      axisVariable('time', { units: 'hours since 2020-01-01' }, [0, 48]),
      ...nodes.variables,
      field(0),
      field(1)
    ]
  })
}

export interface Forecasted {
  /** Place and status of every particle at the end. */
  readonly ends: readonly { readonly place: LonLat; readonly status: string }[]
  readonly notes: readonly string[]
  readonly product: string
}

interface Setting {
  readonly hours: number
  readonly step: string
  readonly metric?: string
  readonly start?: string
  /** One on every point. */
  readonly particles?: number
  /** m²/s */
  readonly diffusivity?: number
  /** One for the whole time. */
  readonly window?: string
}

/** A forecast file of one current and a particle on every point. */
export function forecastText(source: string, points: readonly LonLat[], more: Setting): string {
  const { particles = points.length, diffusivity = 0, window = `PT${more.hours}H` } = more
  return `apiVersion: driftmesh/v1
kind: Forecast
metadata: { name: grids }
spec:
  start: ${more.start ?? '2020-01-01T00:00:00Z'}
  duration: PT${more.hours}H
  step: ${more.step}
  output: PT6H
  metric: ${more.metric ?? 'sphere1852'}
  forcing: [{ role: current, source: ${JSON.stringify(source)} }]
  seeding:
    - { kind: points, at: ${JSON.stringify(points)}, particles: ${particles}, class: submerged }
  physics: { scheme: rk4, diffusivity: ${diffusivity}, coast: { rule: strand } }
  products: { density: { resolution: 0.5 }, tracks: { particles: ${particles} } }
  mesh: { window: ${window} }
`
}

/** Runs a forecast file and reads its tracks. */
export async function forecast(text: string): Promise<Forecasted> {
  const folder = mkdtempSync(join(tmpdir(), 'driftmesh-grids-'))
  try {
    const [file, tracks] = [join(folder, 'forecast.yaml'), join(folder, 'tracks.csv')]
    writeFileSync(file, text)
    let notes: readonly string[] = []
    const onNotes = (told: readonly string[]): void => {
      notes = told
    }
    const { product } = await simulateForecast(file, { threads: 1, tracks, onNotes })
    const rows = readFileSync(tracks, 'utf8').trim().split('\n').slice(1)
    const last = new Map(rows.map((row) => [row.split(',')[0], row.split(',')]))
    const ends = [...last.values()].map(([, , , lon, lat, status = '']) => ({
      place: [Number(lon), Number(lat)] as const,
      status
    }))
    return { ends, notes, product }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Writes a file, runs a forecast over it and removes both. */
export async function drifted(
  bytes: Uint8Array,
  points: readonly LonLat[],
  more: Setting
): Promise<Forecasted> {
  const folder = mkdtempSync(join(tmpdir(), 'driftmesh-grids-'))
  try {
    const source = join(folder, 'current.nc')
    writeFileSync(source, bytes)
    return await forecast(forecastText(source, points, more))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
