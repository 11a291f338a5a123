/**
 * `forecast.nc`: mean density and its confidence in NetCDF-3 with 64-bit offsets, which every
 * program of the field opens. Records are output times, so the file grows as times complete.
 */

import type { Gap } from '../../../../coordinator/product/gaps.ts'
import type { Plan } from '../../../../protocol/plan.ts'
import { STATUSES } from '../../../../protocol/result.ts'
import {
  layNetcdf3,
  type NetcdfAttribute,
  type NetcdfColumn,
  type NetcdfShape,
  netcdfBytes
} from '../../../forcing/netcdf3-writer.ts'
import type { Blocks } from '../../../store/blocks.ts'
import { SpooledFile, type SpooledLeaves } from '../folder/spooled-file.ts'
import type { ProductLayout } from '../layout.ts'
import { axesOf, cellCentreValues, storeAttributes } from '../zarr/attributes.ts'
import { densityArrays } from '../zarr/density-arrays.ts'
import type { ChunkMaps } from '../zarr/whole-maps.ts'

/** Uncompressed; above it there is none, and README.md does not name it. */
const FILE_BYTES_MAX = 1024 * 1024 * 1024

export const NETCDF_FILE = 'forecast.nc'

const SUMMARY = 'Floating particles per square kilometre, mean over members, with confidence'

/** Attributes as NetCDF has them: text, or numbers in doubles. */
function attributesOf(from: Readonly<Record<string, unknown>>): Record<string, NetcdfAttribute> {
  const entries = Object.entries(from).map(([name, value]): [string, NetcdfAttribute] => {
    if (typeof value === 'number') return [name, { type: 'double', values: [value] }]
    return [name, Array.isArray(value) ? value.join('; ') : String(value)]
  })
  // An empty text attribute has no bytes, which some readers take for a missing one.
  return Object.fromEntries(entries.filter(([, value]) => value !== ''))
}

function columnsOf(plan: Plan, layout: ProductLayout): NetcdfColumn[] {
  const { x, y } = axesOf(plan)
  const { confidence, density } = densityArrays(plan, layout)
  const map = ({ attributes, name }: typeof density): NetcdfColumn => ({
    name,
    type: 'float',
    dimensions: ['time', y.name, x.name],
    attributes: attributesOf(attributes)
  })
  const axis = ({ name, ...rest }: typeof x): NetcdfColumn => ({
    name,
    type: 'double',
    dimensions: [name],
    attributes: { ...rest, long_name: `${name} of cell centre` }
  })
  return [
    axis(y),
    axis(x),
    {
      name: 'time',
      type: 'double',
      dimensions: ['time'],
      attributes: {
        standard_name: 'time',
        units: 'seconds since 1970-01-01 00:00:00',
        calendar: 'proleptic_gregorian'
      }
    },
    {
      name: 'status_count',
      type: 'double',
      dimensions: ['time', 'status'],
      attributes: {
        long_name: 'number of particles by status, all members',
        units: '1',
        status_names: STATUSES.join(' ')
      }
    },
    map(density),
    map(confidence)
  ]
}

/** What the file will say, or undefined where it would be too large. */
export function netcdfShapeOf(
  plan: Plan,
  layout: ProductLayout,
  gaps: readonly Gap[]
): NetcdfShape | undefined {
  const { x, y } = axesOf(plan)
  const { columns, rows } = plan.products.density
  const shape: NetcdfShape = {
    dimensions: {
      time: layout.timeCount,
      [y.name]: rows,
      [x.name]: columns,
      status: STATUSES.length
    },
    record: 'time',
    attributes: attributesOf(storeAttributes(plan, SUMMARY, gaps)),
    variables: columnsOf(plan, layout),
    is64Bit: true
  }
  return layNetcdf3(shape).byteCount <= FILE_BYTES_MAX ? shape : undefined
}

export class ForecastNetcdf {
  readonly #plan: Plan
  readonly #layout: ProductLayout
  readonly #file: SpooledFile
  readonly #shape: NetcdfShape
  #hasHeader = false

  constructor(
    plan: Plan,
    { layout, shape }: { readonly layout: ProductLayout; readonly shape: NetcdfShape },
    blocks: Pick<Blocks, 'put'>,
    signal: AbortSignal | undefined
  ) {
    this.#plan = plan
    this.#layout = layout
    this.#shape = shape
    this.#file = new SpooledFile(NETCDF_FILE, blocks, signal)
  }

  /** Appends the records of one complete chunk of times; chunks come in order. */
  async chunk(timeChunk: number, maps: ChunkMaps): Promise<void> {
    const { outputEverySteps, startSeconds, stepSeconds } = this.#plan
    const { timeCount, timesPerChunk } = this.#layout
    if (!this.#hasHeader) await this.#head()
    const first = timeChunk * timesPerChunk
    const cells = maps.density.length / timesPerChunk
    const countOf = (time: number): number[] =>
      STATUSES.map((_, status) => maps.statuses[time * STATUSES.length + status] ?? 0)
    for (let time = 0; time < Math.min(timesPerChunk, timeCount - first); time += 1) {
      const seconds = startSeconds + (first + time) * outputEverySteps * stepSeconds
      await this.#file.append(netcdfBytes('double', [seconds]))
      await this.#file.append(netcdfBytes('double', countOf(time)))
      for (const map of [maps.density, maps.confidence]) {
        const values = map.subarray(time * cells, (time + 1) * cells)
        await this.#file.append(netcdfBytes('float', values))
      }
    }
  }

  finish(): Promise<SpooledLeaves> {
    return this.#file.finish()
  }

  async #head(): Promise<void> {
    this.#hasHeader = true
    await this.#file.append(layNetcdf3(this.#shape).header)
    await this.#file.append(netcdfBytes('double', cellCentreValues(this.#plan, 'y')))
    await this.#file.append(netcdfBytes('double', cellCentreValues(this.#plan, 'x')))
  }
}
