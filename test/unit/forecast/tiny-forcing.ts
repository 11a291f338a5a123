/**
 * A small ocean written as NetCDF classic: an eddy and a wind over 21 × 21 nodes with land in the
 * east, hourly for a day, so that a whole simulation takes a second.
 */
import { writeFile } from 'node:fs/promises'

const NODES = 21
const SPACING = 0.05
const HOURS = 25
export const WEST = 10
export const SOUTH = 40
const FILL = -999
const TYPES = { float: 5, double: 6, char: 2 } as const

interface Variable {
  readonly name: string
  readonly dimensions: readonly number[]
  readonly attributes: Readonly<Record<string, string | number>>
  readonly values: readonly number[]
}

/** Big-endian bytes appended one after another. */
class Writer {
  readonly #parts: Buffer[] = []
  length = 0

  bytes(bytes: Buffer): this {
    this.#parts.push(bytes)
    this.length += bytes.length
    return this
  }

  int(value: number): this {
    const bytes = Buffer.alloc(4)
    bytes.writeInt32BE(value)
    return this.bytes(bytes)
  }

  /** Text with its length, padded to four bytes. */
  name(text: string): this {
    const bytes = Buffer.from(text)
    this.int(bytes.length).bytes(bytes)
    return this.bytes(Buffer.alloc(-bytes.length & 3))
  }

  finish(): Buffer {
    return Buffer.concat(this.#parts)
  }
}

function writeAttributes(writer: Writer, attributes: Variable['attributes']): void {
  const entries = Object.entries(attributes)
  writer.int(12).int(entries.length)
  for (const [name, value] of entries) {
    writer.name(name)
    if (typeof value === 'string') writer.int(TYPES.char).name(value)
    else {
      const bytes = Buffer.alloc(4)
      bytes.writeFloatBE(value)
      writer.int(TYPES.float).int(1).bytes(bytes)
    }
  }
}

/** NetCDF classic (CDF-1) of variables of doubles over fixed dimensions. */
function netcdf(dimensions: readonly [string, number][], variables: readonly Variable[]): Buffer {
  const header = (begins: readonly number[]): Buffer => {
    const writer = new Writer().bytes(Buffer.from('CDF\x01')).int(0)
    writer.int(10).int(dimensions.length)
    for (const [name, size] of dimensions) writer.name(name).int(size)
    writer.int(0).int(0).int(11).int(variables.length)
    for (const [index, variable] of variables.entries()) {
      writer.name(variable.name).int(variable.dimensions.length)
      for (const dimension of variable.dimensions) writer.int(dimension)
      writeAttributes(writer, variable.attributes)
      writer.int(TYPES.double).int(variable.values.length * 8)
      writer.int(begins[index] ?? 0)
    }
    return writer.finish()
  }
  const begins: number[] = []
  let begin = header(variables.map(() => 0)).length
  for (const { values } of variables) {
    begins.push(begin)
    begin += values.length * 8
  }
  const data = variables.map(({ values }) => {
    const bytes = Buffer.alloc(values.length * 8)
    for (const [index, value] of values.entries()) bytes.writeDoubleBE(value, index * 8)
    return bytes
  })
  return Buffer.concat([header(begins), ...data])
}

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

/** One component over (time, lat, lon); missing in the three easternmost columns where `hasLand`. */
const field = (hasLand: boolean, at: (hour: number, x: number, y: number) => number): number[] =>
  range(HOURS).flatMap((hour) =>
    range(NODES).flatMap((row) =>
      range(NODES).map((column) =>
        hasLand && column >= NODES - 3
          ? FILL
          : at(hour, column / (NODES - 1) - 0.5, row / (NODES - 1) - 0.5)
      )
    )
  )

/** Writes `current.nc` and `wind.nc` for the first day of 2020 into a folder. */
export async function writeTinyForcing(dir: string): Promise<void> {
  const dimensions: [string, number][] = [
    ['time', HOURS],
    ['lat', NODES],
    ['lon', NODES]
  ]
  const axes: Variable[] = [
    {
      name: 'time',
      dimensions: [0],
      attributes: { units: 'hours since 2020-01-01 00:00:00', standard_name: 'time' },
      values: range(HOURS)
    },
    {
      name: 'lat',
      dimensions: [1],
      attributes: { units: 'degrees_north', standard_name: 'latitude' },
      values: range(NODES).map((row) => SOUTH + row * SPACING)
    },
    {
      name: 'lon',
      dimensions: [2],
      attributes: { units: 'degrees_east', standard_name: 'longitude' },
      values: range(NODES).map((column) => WEST + column * SPACING)
    }
  ]
  const component = (name: string, standardName: string, values: number[]): Variable => ({
    name,
    dimensions: [0, 1, 2],
    attributes: { units: 'm s-1', standard_name: standardName, _FillValue: FILL },
    values
  })
  const current = [
    component(
      'uo',
      'eastward_sea_water_velocity',
      field(true, (_h, _x, y) => 0.25 - 0.6 * y)
    ),
    component(
      'vo',
      'northward_sea_water_velocity',
      field(true, (h, x) => 0.6 * x + h / 1000)
    )
  ]
  const wind = [
    component(
      'u10',
      'eastward_wind',
      field(false, (h) => 5 + h / 10)
    ),
    component(
      'v10',
      'northward_wind',
      field(false, (h) => 2 - h / 10)
    )
  ]
  await writeFile(`${dir}/current.nc`, netcdf(dimensions, [...axes, ...current]))
  await writeFile(`${dir}/wind.nc`, netcdf(dimensions, [...axes, ...wind]))
}
