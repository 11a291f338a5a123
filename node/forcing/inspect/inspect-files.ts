/**
 * What is in these files, and what is understood of it: the answer of `driftmesh data inspect`.
 * A file that cannot be read is an error; one that cannot be understood is described with the
 * reason, because that is what the user came to find out.
 */

import type { FileSet } from '../init/sets.ts'
import { kindOf } from '../meaning/coordinates.ts'
import type { Component, FieldInFile } from '../meaning/field.ts'
import { boxOf, columnsOf, isNodeGrid, rowsOf } from '../meaning/grid.ts'
import { isoTime } from '../meaning/time-axis.ts'
import { understandFile } from '../meaning/understand.ts'
import type { DataFile, DataVariable } from '../read/data-file.ts'
import { openDataFile } from '../read/open-data-file.ts'
import { readComponent } from '../slice.ts'
import type { ForcingRole } from '../source.ts'
import type { InspectedFile, InspectedRole, InspectedVariable, Inspection } from './inspection.ts'
import { seenTogether } from './seen-together.ts'

/** @throws MeshError `forcing/unreadable` when a file is not a data file or is cut off */
export async function inspectFiles(
  files: readonly string[],
  options: { signal?: AbortSignal } = {}
): Promise<{ readonly inspection: Inspection; readonly sets: readonly FileSet[] }> {
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
  const { sets, feeds, warnings } = await seenTogether(inspected, files, options.signal)
  return { inspection: { files: inspected, feeds, warnings }, sets }
}

async function inspectFile(file: DataFile, signal?: AbortSignal): Promise<InspectedFile> {
  const { fields: found, problems, others } = await understandFile(file, { isFlat: false })
  const isCurrent = found.some(({ role }) => role === 'current')
  const level = { role: 'current', from: 'seaLevel', isFlat: false } as const
  const levels = isCurrent ? [] : (await understandFile(file, level)).fields
  const fields = [...found, ...levels]
  const used = levels.map(({ components }) => components.u?.variable.name)
  const roles: InspectedRole[] = []
  const warnings = problems.map(({ role, error }) => `${role}: ${error.message}`)
  for (const field of fields) {
    const role = await inspectField(file, field, signal)
    roles.push(role)
    warnings.push(...field.notes.map((note) => `${field.role}: ${note}`))
    warnings.push(...suspicions(field.role, role))
  }
  if (roles.length === 0 && problems.length === 0) {
    warnings.push('no current, wind or Stokes drift is recognised; name the variables with map:')
  }
  return {
    file: file.file,
    format: file.format,
    roles,
    otherVariables: others
      .filter((name) => !used.includes(name))
      .flatMap((name) => file.variables.get(name) ?? [])
      .filter((variable) => !isAxis(variable))
      .map(withStandardName),
    warnings
  }
}

/** Coordinates and lone numbers are no fields. */
function isAxis(variable: DataVariable): boolean {
  const { name, dimensions } = variable
  if (dimensions.length === 0) return true
  if (dimensions.length === 1 && dimensions[0]?.name === name) return true
  return ['longitude', 'latitude'].includes(kindOf(variable))
}

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
  const isLevel = field.from === 'seaLevel'
  for (const name of isLevel ? (['u'] as const) : (['u', 'v'] as const)) {
    const component = components[name]
    if (component === undefined) continue
    const summary = await summarise(file, field, name, signal)
    inspected[name] = { ...describe(component), ...summary }
  }
  const { west, east, south, north } = boxOf(grid)
  const names = isNodeGrid(grid) ? (['longitude', 'latitude'] as const) : axisNames
  const sorted = [...times].sort((a, b) => a - b)
  return {
    role: isLevel ? 'seaLevel' : role,
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

function suspicions(role: ForcingRole, { u, v }: InspectedRole): string[] {
  const found: string[] = []
  for (const variable of [u, v]) {
    if (variable === undefined) continue
    const { statistics, name } = variable
    if (statistics === undefined) found.push(`${role}: every value of ${name} is missing`)
    else if (Math.max(-statistics.min, statistics.max) > PLAUSIBLE_METRES_PER_SECOND[role]) {
      found.push(`${role}: ${name} reaches ${statistics.max.toFixed(3)} m/s; is its unit right?`)
    }
  }
  return found
}
