/**
 * What the forcing specs share: real data where it is, small NetCDF-3 files made on the spot, and
 * a store that only remembers.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { loadKernel } from '../../../kernel/kernel.ts'
import { type IngestRequest, ingestForcing } from '../../../node/forcing/ingest.ts'
import {
  type NetcdfAttribute,
  type NetcdfContent,
  writeNetcdf3
} from '../../../node/forcing/netcdf3-writer.ts'
import type { ForcingSource } from '../../../node/forcing/source.ts'
import { builtInKernel } from '../../../node/worker/kernel-file.ts'
import type { Block } from '../../../protocol/canonical.ts'
import type { FieldSeries, Forcing } from '../../../protocol/forcing.ts'
import { blockOf, seriesOf, tilesOf } from '../../fixtures/forcing-content.ts'

const ROOT = resolve(import.meta.dirname, '../../..')

/** Path of a file or folder of the shared data; skips the test with a line where there is none. */
export function sharedData(test: Mocha.Context, name: string): string {
  const root = process.env.DRIFTMESH_DATA ?? resolve(ROOT, '../shared/data')
  const path = join(root, name)
  if (!existsSync(path)) {
    console.log(`      skipped: no ${path} (set DRIFTMESH_DATA to the shared data)`)
    test.skip()
  }
  return path
}

/** A temporary folder for one spec, removed after it. */
export function scratch(): { readonly path: () => string; write: typeof write } {
  let folder = ''
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'driftmesh-forcing-'))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))
  function write(name: string, bytes: Uint8Array | string): string {
    const file = join(folder, name)
    mkdirSync(resolve(file, '..'), { recursive: true })
    writeFileSync(file, bytes)
    return file
  }
  return { path: () => folder, write }
}

/** 2020-01-01T00:00:00Z */
export const T0 = 1_577_836_800
export const HOUR = 3600

export interface FieldFile {
  readonly longitudes?: readonly number[]
  readonly latitudes?: readonly number[]
  /** Hours since 2020-01-01. */
  readonly hours?: readonly number[]
  readonly names?: readonly [string, string]
  readonly units?: string
  /** Values of both components; NaN is written as fill. */
  readonly u?: (lon: number, lat: number, hour: number) => number
  readonly v?: (lon: number, lat: number, hour: number) => number
  readonly attributes?: Readonly<Record<string, NetcdfAttribute>>
  readonly timeUnits?: string
  readonly timeAttributes?: Readonly<Record<string, NetcdfAttribute>>
  /** Time as the unlimited dimension. */
  readonly isRecord?: boolean
  readonly axisNames?: readonly [string, string]
  readonly axisUnits?: readonly [string, string]
}

const FILL = -9999

/** A regular field in float64, as a NetCDF-3 file. */
export function fieldFile(field: FieldFile): Uint8Array {
  const { longitudes = [0, 1, 2, 3, 4], latitudes = [40, 41, 42, 43], hours = [0, 6, 12] } = field
  const { names = ['uo', 'vo'], units = 'm s-1', u = () => 0.1, v = () => 0.2 } = field
  const { axisNames: [x, y] = ['lon', 'lat'], axisUnits = ['degrees_east', 'degrees_north'] } =
    field
  const values = (of: (lon: number, lat: number, hour: number) => number): number[] =>
    hours
      .flatMap((hour) => latitudes.flatMap((lat) => longitudes.map((lon) => of(lon, lat, hour))))
      .map((value) => (Number.isNaN(value) ? FILL : value))
  const component = (name: string, of: typeof u): NetcdfContent['variables'][number] => ({
    name,
    type: 'double',
    dimensions: ['time', y, x],
    attributes: {
      ...(units === '' ? {} : { units }),
      _FillValue: { type: 'double', values: [FILL] },
      ...field.attributes
    },
    values: values(of)
  })
  const axis = (name: string, unit: string, all: readonly number[]) => ({
    name,
    type: 'double' as const,
    dimensions: [name],
    attributes: unit === '' ? {} : { units: unit },
    values: all
  })
  const time = axis('time', field.timeUnits ?? 'hours since 2020-01-01', hours)
  return writeNetcdf3({
    dimensions: { time: hours.length, [y]: latitudes.length, [x]: longitudes.length },
    ...(field.isRecord === true ? { record: 'time' } : {}),
    variables: [
      { ...time, attributes: { ...time.attributes, ...field.timeAttributes } },
      axis(y, axisUnits[1], latitudes),
      axis(x, axisUnits[0], longitudes),
      component(names[0], u),
      component(names[1], v)
    ]
  })
}

/** A store that only remembers. */
export function memory() {
  const bytes = new Map<string, Uint8Array>()
  return {
    bytes,
    put: async (block: Block): Promise<void> => {
      bytes.set(block.cid.toString(), block.bytes)
    }
  }
}

export const kernel = () => loadKernel(builtInKernel().bytes)

/** Ingests over [startHour, endHour] of 2020 and gives back fields as arrays. */
export async function ingest(
  sources: readonly ForcingSource[],
  startHour: number,
  endHour: number,
  options: Partial<Pick<IngestRequest, 'metric' | 'signal' | 'gridName' | 'coastline'>> = {}
) {
  const store = memory()
  const { metric = 'wgs84' } = options
  const ingested = await ingestForcing({
    sources,
    metric,
    startSeconds: T0 + startHour * HOUR,
    endSeconds: T0 + endHour * HOUR,
    blocks: store,
    kernel: kernel(),
    ...options
  })
  return { ...ingested, store, ...reader(ingested.forcing, store.bytes) }
}

type Field = 'current' | 'wind' | 'stokes'

/** Puts tiles together again: value at [time, row, column]. */
function reader(forcing: Forcing, bytes: ReadonlyMap<string, Uint8Array>) {
  const { columns, rows, tileRows, tileColumns } = forcing
  const across = Math.ceil(columns / tileColumns)
  const series = (role: Field): FieldSeries => seriesOf(bytes, forcing[role])
  const field = (
    role: Field,
    component: 'u' | 'v',
    time: number,
    row: number,
    column: number
  ): number => {
    const { times, tileTimes, planes } = series(role)
    const [tileTime, tileRow, tileColumn] = [
      Math.floor(time / tileTimes),
      Math.floor(row / tileRows),
      Math.floor(column / tileColumns)
    ]
    const plane = planes[tileTime]
    if (plane === undefined) throw new Error(`no time ${time}`)
    const tile = tilesOf(bytes, forcing, plane)[tileRow * across + tileColumn]
    const found = blockOf(bytes, tile)
    const height = Math.min(tileRows, rows - tileRow * tileRows)
    const width = Math.min(tileColumns, columns - tileColumn * tileColumns)
    const count = Math.min(tileTimes, times.length - tileTime * tileTimes)
    const part = (component === 'v' ? count : 0) + (time % tileTimes)
    const index = (part * height + (row % tileRows)) * width + (column % tileColumns)
    return new DataView(found.buffer, found.byteOffset).getFloat32(4 * index, true)
  }
  return { series, field }
}

/** The axis that a forcing holds as bytes. */
export function axisOf(bytes: Uint8Array = new Uint8Array()): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: bytes.length / 8 }, (_, index) => view.getFloat64(8 * index, true))
}
