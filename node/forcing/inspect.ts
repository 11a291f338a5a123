/**
 * What is in these files, and what is understood of it: the answer of `driftmesh data inspect`.
 * A file that cannot be read is an error; one that cannot be understood is described with the
 * reason, because that is what the user came to find out.
 */
import type { Component, FieldInFile } from './meaning/field.ts'
import { boxOf, columnsOf, isNodeGrid, rowsOf } from './meaning/grid.ts'
import { isoTime } from './meaning/time-axis.ts'
import { understandFile } from './meaning/understand.ts'
import type { DataFile, DataVariable } from './read/data-file.ts'
import { openDataFile } from './read/open-data-file.ts'
import { readComponent } from './slice.ts'
import type { ForcingRole } from './source.ts'

/** A component (eastward or northward) as it stands in the file. */
interface InspectedVariable {
  readonly name: string
  /** How it was recognised: its CF standard name, or `alias`. */
  readonly understoodBy: string
  /** As written; empty when the file gives none. */
  readonly units: string
  /** What values are multiplied by to be in m/s. */
  readonly metresPerSecondFactor: number
  /** Over all times at the chosen level, m/s; absent when every value is missing. */
  readonly statistics?: { readonly min: number; readonly mean: number; readonly max: number }
  /** Share of values that are missing, 0 to 1. */
  readonly missingShare: number
}

interface InspectedAxis {
  readonly name: string
  readonly count: number
  readonly min: number
  readonly max: number
}

interface InspectedRole {
  readonly role: ForcingRole
  /** Absent where the file holds the other component only. */
  readonly u?: InspectedVariable
  readonly v?: InspectedVariable
  /** What the grid is, where it is not on longitude and latitude axes. */
  readonly gridName?: string
  /** Range of longitudes and columns; of latitudes and rows. */
  readonly longitudes: InspectedAxis
  readonly latitudes: InspectedAxis
  readonly isPeriodic: boolean
  /** ISO 8601. */
  readonly times: { readonly count: number; readonly first: string; readonly last: string }
  readonly depthsMetres: readonly number[]
  readonly depthUsedMetres?: number
}

interface InspectedFile {
  readonly file: string
  readonly format: 'NetCDF-3' | 'NetCDF-4'
  readonly roles: readonly InspectedRole[]
  /** Variables that no role uses. */
  readonly otherVariables: readonly string[]
  readonly warnings: readonly string[]
}

export interface Inspection {
  readonly files: readonly InspectedFile[]
}

/** @throws MeshError `forcing/unreadable` when a file is not a data file or is cut off */
export async function inspectFiles(
  files: readonly string[],
  options: { signal?: AbortSignal } = {}
): Promise<Inspection> {
  const inspected: InspectedFile[] = []
  for (const path of files) {
    options.signal?.throwIfAborted()
    const file = await openDataFile(path)
    try {
      inspected.push(await inspectFile(file, options.signal))
    } finally {
      await file.close()
    }
  }
  return { files: inspected }
}

async function inspectFile(file: DataFile, signal?: AbortSignal): Promise<InspectedFile> {
  const { fields, problems, others } = await understandFile(file, { isFlat: false })
  const roles: InspectedRole[] = []
  const warnings = problems.map(({ role, error }) => `${role}: ${error.message}`)
  for (const field of fields) {
    const role = await inspectField(file, field, signal)
    roles.push(role)
    warnings.push(...field.notes.map((note) => `${field.role}: ${note}`))
    warnings.push(...suspicions(role))
  }
  if (roles.length === 0 && problems.length === 0) {
    warnings.push('no current, wind or Stokes drift is recognised; name the variables with map:')
  }
  return {
    file: file.file,
    format: file.format,
    roles,
    otherVariables: others
      .flatMap((name) => file.variables.get(name) ?? [])
      .filter((variable) => !isAxis(variable))
      .map(withStandardName),
    warnings
  }
}

/** Coordinates and lone numbers are no fields. */
const isAxis = ({ name, dimensions }: DataVariable): boolean =>
  dimensions.length === 0 || (dimensions.length === 1 && dimensions[0]?.name === name)

function withStandardName({ name, attributes }: DataVariable): string {
  const standard = attributes.get('standard_name')
  return typeof standard === 'string' && standard !== name ? `${name} (${standard})` : name
}

async function inspectField(
  file: DataFile,
  field: FieldInFile,
  signal?: AbortSignal
): Promise<InspectedRole> {
  const { role, grid, axisNames, times, depthsMetres, depthUsedMetres, components } = field
  const inspected: { u?: InspectedVariable; v?: InspectedVariable } = {}
  for (const name of ['u', 'v'] as const) {
    const component = components[name]
    if (component === undefined) continue
    const summary = await summarise(file, field, name, signal)
    inspected[name] = { ...describe(component), ...summary }
  }
  const { west, east, south, north } = boxOf(grid)
  const names = isNodeGrid(grid) ? (['longitude', 'latitude'] as const) : axisNames
  const sorted = [...times].sort((a, b) => a - b)
  return {
    role,
    ...inspected,
    ...(isNodeGrid(grid) ? { gridName: grid.name } : {}),
    longitudes: { name: names[0], count: columnsOf(grid), min: west, max: east },
    latitudes: { name: names[1], count: rowsOf(grid), min: south, max: north },
    isPeriodic: grid.isPeriodic,
    times: {
      count: times.length,
      first: isoTime(sorted[0] ?? 0),
      last: isoTime(sorted.at(-1) ?? 0)
    },
    depthsMetres,
    ...(depthUsedMetres === undefined ? {} : { depthUsedMetres })
  }
}

const describe = ({ variable, understoodBy, unit, metresPerSecondFactor }: Component) => ({
  name: variable.name,
  understoodBy,
  units: unit,
  metresPerSecondFactor
})

async function summarise(
  file: DataFile,
  field: FieldInFile,
  name: 'u' | 'v',
  signal?: AbortSignal
): Promise<Pick<InspectedVariable, 'statistics' | 'missingShare'>> {
  let [min, max, sum, count, total] = [Infinity, -Infinity, 0, 0, 0]
  for (let timeIndex = 0; timeIndex < field.times.length; timeIndex++) {
    signal?.throwIfAborted()
    const values = await readComponent(file, field, name, timeIndex)
    total += values.length
    for (const value of values) {
      if (Number.isNaN(value)) continue
      min = Math.min(min, value)
      max = Math.max(max, value)
      sum += value
      count++
    }
  }
  const missingShare = total === 0 ? 0 : 1 - count / total
  return count === 0
    ? { missingShare }
    : { missingShare, statistics: { min, mean: sum / count, max } }
}

/** Greatest component that is still weather: above it the unit is more likely wrong. */
const PLAUSIBLE_METRES_PER_SECOND = { current: 5, wind: 80, stokes: 3 } as const

function suspicions({ role, u, v, times }: InspectedRole): string[] {
  const found: string[] = []
  for (const variable of [u, v]) {
    if (variable === undefined) continue
    const { statistics, name } = variable
    if (statistics === undefined) found.push(`${role}: every value of ${name} is missing`)
    else if (Math.max(-statistics.min, statistics.max) > PLAUSIBLE_METRES_PER_SECOND[role]) {
      found.push(`${role}: ${name} reaches ${speed(statistics.max)} m/s; is its unit right?`)
    }
  }
  if (u === undefined) found.push(`${role}: the eastward component must come from another file`)
  if (v === undefined) found.push(`${role}: the northward component must come from another file`)
  if (times.count === 1) found.push(`${role}: one time only; a forecast needs at least two`)
  return found
}

const speed = (value: number): string => value.toFixed(3)

/** The inspection as text for a terminal. */
export function formatInspection(inspection: Inspection): string {
  return inspection.files.map(formatFile).join('\n')
}

function formatFile({ file, format, roles, otherVariables, warnings }: InspectedFile): string {
  const lines = [`${file}  (${format})`]
  for (const role of roles) lines.push(...formatRole(role))
  if (otherVariables.length > 0) lines.push(`  not used: ${otherVariables.join(', ')}`)
  for (const warning of warnings) lines.push(`  ! ${warning}`)
  return `${lines.join('\n')}\n`
}

function formatRole(inspected: InspectedRole): string[] {
  const { role, u, v, longitudes, latitudes, isPeriodic, times } = inspected
  const axis = ({ name, count, min, max }: InspectedAxis): string =>
    `${name} ${Number(min.toFixed(4))} to ${Number(max.toFixed(4))} (${count})`
  const lines = [`  ${role}`]
  for (const variable of [u, v]) if (variable !== undefined) lines.push(formatVariable(variable))
  const around = isPeriodic ? ', around the globe' : ''
  const name = inspected.gridName === undefined ? '' : `${inspected.gridName}, `
  lines.push(`    grid   ${name}${axis(longitudes)}, ${axis(latitudes)}${around}`)
  lines.push(`    times  ${times.first} to ${times.last} (${times.count})`)
  if (inspected.depthUsedMetres !== undefined) {
    const others =
      inspected.depthsMetres.length > 1 ? ` of ${inspected.depthsMetres.join(', ')}` : ''
    lines.push(`    level  ${inspected.depthUsedMetres} m${others}`)
  }
  return lines
}

function formatVariable(variable: InspectedVariable): string {
  const { name, understoodBy, units, metresPerSecondFactor, statistics, missingShare } = variable
  const factor = metresPerSecondFactor === 1 ? '' : ` × ${metresPerSecondFactor}`
  const values =
    statistics === undefined
      ? 'all missing'
      : `min ${speed(statistics.min)}, mean ${speed(statistics.mean)}, ` +
        `max ${speed(statistics.max)} m/s`
  const missing = `${(100 * missingShare).toFixed(1)} % missing`
  return `    ${name} [${units || 'no unit'}${factor}] by ${understoodBy}: ${values}, ${missing}`
}
