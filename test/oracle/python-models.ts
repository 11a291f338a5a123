/**
 * Parcels and OpenDrift as contenders of the bench: writes a unit's forcing and seeds as files both
 * read, keeps a Python process with the model loaded, and asks it for rounds.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { writeNetcdf3 } from '../../node/forcing/netcdf3-writer.ts'
import type { Unit } from './unit.ts'

const NAMES = {
  current: ['uo', 'vo', 'eastward_sea_water_velocity', 'northward_sea_water_velocity'],
  wind: ['u10', 'v10', 'eastward_wind', 'northward_wind']
} as const
const HALO = 2
const STATE_BYTES = 18

/** The nodes of the crop without its halo. */
function inner(values: Float32Array, columns: number, rows: number): Float32Array {
  const out = new Float32Array(columns * rows)
  for (let row = 0; row < rows; row++) {
    const from = (row + HALO) * (columns + 2 * HALO) + HALO
    out.set(values.subarray(from, from + columns), row * columns)
  }
  return out
}

function netcdfOf({ setup, roles }: Unit, role: 'current' | 'wind'): Uint8Array {
  const series = roles.find((each) => each.role === role)
  if (series === undefined) throw new RangeError(`the unit has no ${role}`)
  const { columns, rows } = setup.crop
  const [uName, vName, uStandard, vStandard] = NAMES[role]
  const field = (name: string, standardName: string, part: 'u' | 'v') => ({
    name,
    type: 'float' as const,
    dimensions: ['time', 'lat', 'lon'],
    attributes: { standard_name: standardName, units: 'm s-1' },
    values: Float32Array.from(
      series.slices.flatMap((slice) => [...inner(slice[part], columns, rows)])
    )
  })
  const axis = (name: string, standardName: string, units: string, values: ArrayLike<number>) => ({
    name,
    type: 'double' as const,
    dimensions: [name],
    attributes: { standard_name: standardName, units },
    values
  })
  return writeNetcdf3({
    dimensions: { time: series.times.length, lat: rows, lon: columns },
    attributes: { Conventions: 'CF-1.8' },
    variables: [
      axis('time', 'time', 'seconds since 1970-01-01 00:00:00', series.times),
      axis('lat', 'latitude', 'degrees_north', setup.latitudes),
      axis('lon', 'longitude', 'degrees_east', setup.longitudes),
      field(uName, uStandard, 'u'),
      field(vName, vStandard, 'v')
    ]
  })
}

/** Degrees of every particle on a regular grid. */
export function placesOfState({ setup }: Unit, state: Uint8Array): [lon: number, lat: number][] {
  const view = new DataView(state.buffer, state.byteOffset, state.byteLength)
  const at = (axis: Float64Array, cell: number, fraction: number): number => {
    const cells = view.getInt16(cell, true) + view.getUint32(fraction, true) / 2 ** 32
    return (axis[0] ?? 0) + cells * ((axis[1] ?? 0) - (axis[0] ?? 0))
  }
  return Array.from({ length: state.length / STATE_BYTES }, (_, i) => [
    at(setup.longitudes, i * STATE_BYTES + 8, i * STATE_BYTES),
    at(setup.latitudes, i * STATE_BYTES + 10, i * STATE_BYTES + 4)
  ])
}

export async function writeModelFiles(folder: string, unit: Unit): Promise<void> {
  await writeFile(join(folder, 'current.nc'), netcdfOf(unit, 'current'))
  await writeFile(join(folder, 'wind.nc'), netcdfOf(unit, 'wind'))
  const seeds = placesOfState(unit, unit.setup.state).map((place) => place.join(','))
  await writeFile(join(folder, 'seeds.csv'), seeds.join('\n'))
}

/** A Python process with one model loaded. */
export class PythonModel {
  readonly name: string
  readonly version: string
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>
  readonly #folder: string

  private constructor(
    name: string,
    version: string,
    child: ChildProcess,
    lines: AsyncIterator<string>,
    folder: string
  ) {
    this.name = name
    this.version = version
    this.#child = child
    this.#lines = lines
    this.#folder = folder
  }

  /** Undefined where `python` cannot import the model. */
  static async open(
    name: 'parcels' | 'opendrift',
    python: string,
    folder: string,
    { clock }: Unit
  ): Promise<PythonModel | undefined> {
    const script = fileURLToPath(new URL(`./${name}_rate.py`, import.meta.url))
    const args = [script, folder, String(clock.stepSeconds), String(clock.stepCount)]
    const child = spawn(python, args, { stdio: ['pipe', 'pipe', 'ignore'] })
    child.on('error', () => undefined)
    const lines = linesOf(child)[Symbol.asyncIterator]()
    const first = await lines.next()
    if (first.done) return undefined
    const { version } = JSON.parse(first.value) as { version: string }
    return new PythonModel(name, version, child, lines, folder)
  }

  /** Processor seconds of one round with this windage. */
  async round(windage: number): Promise<number> {
    this.#child.stdin?.write(`${windage}\n`)
    const line = await this.#lines.next()
    if (line.done) throw new Error(`${this.name} ended`)
    return (JSON.parse(line.value) as { seconds: number }).seconds
  }

  /** Degrees of every particle after the last round. */
  async places(): Promise<number[][]> {
    const text = await readFile(join(this.#folder, `${this.name}.csv`), 'utf8')
    return text
      .trim()
      .split('\n')
      .map((line) => line.split(',').map(Number))
  }

  close(): void {
    this.#child.stdin?.end()
  }
}

function linesOf({ stdout }: ChildProcess): Interface {
  if (stdout === null) throw new Error('a process without output')
  return createInterface({ input: stdout })
}
