/**
 * A piece of a subset as a NetCDF-3 file: what the server sent per run of longitudes is put side by
 * side, numbers as they were stored, with the attributes of the data set.
 */
import {
  type NetcdfAttribute,
  type NetcdfVariable,
  writeNetcdf3
} from '../../forcing/netcdf3-writer.ts'
import { MeshError } from '../../mesh-error.ts'
import { type DapAttribute, NETCDF_TYPES, netcdfAttribute } from '../opendap/das.ts'
import { type DapValues, decodeDods } from '../opendap/xdr.ts'
import { shownUrl } from '../transfer/shown-url.ts'
import type { AxisRun } from './axis-run.ts'
import type { SubsetPlan } from './subset-plan.ts'

/** What is only true of the whole data set, or of the way it was stored. */
const DROPPED = /^(_ChunkSizes|_Netcdf4.*|_NCProperties|_Unsigned|actual_range|_edu_ucar.*)$/
/** Bounds that shifted longitudes leave. */
const BOUNDS = /^valid_(min|max|range)$/
const GLOBALS = ['NC_GLOBAL', 'HDF5_GLOBAL', 'GLOBAL']

function kept(
  attributes: ReadonlyMap<string, DapAttribute> | undefined,
  more: RegExp = /^$/
): Record<string, NetcdfAttribute> {
  const entries = [...(attributes ?? [])]
    .filter(([name, { values }]) => !DROPPED.test(name) && !more.test(name) && values.length > 0)
    .map(([name, attribute]) => [name, netcdfAttribute(attribute)])
  return Object.fromEntries(entries)
}

/** Arrays of several runs as one, side by side along one dimension. */
function sideBySide(parts: readonly DapValues[], dimension: number): Float64Array {
  const [first] = parts
  if (first === undefined) throw new Error('nothing to put together')
  if (parts.length === 1) return first.values
  const widths = parts.map(({ array }) =>
    array.dimensions.slice(dimension).reduce((product, { count }) => product * count, 1)
  )
  const outer = first.values.length / (widths[0] ?? 1)
  const row = widths.reduce((sum, width) => sum + width, 0)
  const out = new Float64Array(outer * row)
  let column = 0
  for (const [index, { values }] of parts.entries()) {
    const width = widths[index] ?? 0
    for (let at = 0; at < outer; at++) {
      out.set(values.subarray(at * width, (at + 1) * width), at * row + column)
    }
    column += width
  }
  return out
}

/** Longitudes of the runs; their own where there is no seam. */
function longitudes({ axes, longitude }: SubsetPlan): Float64Array {
  const { values } = axes.get(longitude.axis) ?? { values: new Float64Array() }
  const isWhole = longitude.runs.length === 1
  return Float64Array.from(
    longitude.runs.flatMap(({ first, last, shiftDegrees }) =>
      Array.from(values.subarray(first, last + 1), (degrees) =>
        isWhole ? degrees : degrees + shiftDegrees
      )
    )
  )
}

function axisVariable(
  plan: SubsetPlan,
  name: string,
  values: Float64Array
): NetcdfVariable | undefined {
  const axis = plan.axes.get(name)
  if (axis === undefined) return undefined
  const isShifted = name === plan.longitude.axis && plan.longitude.runs.length > 1
  const attributes = kept(plan.set.attributes.get(name), isShifted ? BOUNDS : undefined)
  return { name, type: NETCDF_TYPES[axis.type], dimensions: [name], attributes, values }
}

/** Values of every dimension that the variables use, in order of first use. */
function dimensionValues(plan: SubsetPlan, piece: AxisRun | undefined): Map<string, Float64Array> {
  const found = new Map<string, Float64Array>()
  for (const variable of plan.variables) {
    for (const { name } of plan.set.variables.get(variable)?.dimensions ?? []) {
      const run = name === plan.time?.axis ? piece : plan.runs.get(name)
      const { first, last } = run ?? { first: 0, last: 0 }
      const own = plan.axes.get(name)?.values.subarray(first, last + 1)
      const values = name === plan.longitude.axis ? longitudes(plan) : own
      found.set(name, values ?? new Float64Array(last - first + 1))
    }
  }
  return found
}

/**
 * @param answers `.dods` bytes, one per run of longitudes
 * @throws MeshError data/not-understood when the server sent another shape than asked
 */
export function subsetNetcdf(
  plan: SubsetPlan,
  piece: AxisRun | undefined,
  answers: readonly Uint8Array[]
): Uint8Array {
  const decoded = answers.map(decodeDods)
  const dimensions = dimensionValues(plan, piece)
  const axes = [...dimensions].flatMap(([name, values]) => axisVariable(plan, name, values) ?? [])
  const data = plan.variables.map((name): NetcdfVariable => {
    const names = (plan.set.variables.get(name)?.dimensions ?? []).map((each) => each.name)
    const parts = decoded.map((answer) => answer.get(name))
    const sent = parts.filter((part) => part !== undefined)
    const type = sent[0]?.array.type
    const values =
      sent.length === 0 ? undefined : sideBySide(sent, names.indexOf(plan.longitude.axis))
    const count = names.reduce((product, each) => product * (dimensions.get(each)?.length ?? 1), 1)
    const isWhole = sent.length === parts.length && values?.length === count
    if (!isWhole || type === undefined || type === 'String' || type === 'Url') {
      const message = `sent ${values?.length ?? 0} values of ${name}, not ${count}`
      throw new MeshError('data/not-understood', `${shownUrl(plan.set.url)} ${message}; try again`)
    }
    const attributes = kept(plan.set.attributes.get(name))
    return { name, type: NETCDF_TYPES[type], dimensions: names, attributes, values }
  })
  const globals = GLOBALS.map((name) => plan.set.attributes.get(name)).find(Boolean)
  return writeNetcdf3({
    dimensions: Object.fromEntries([...dimensions].map(([name, { length }]) => [name, length])),
    attributes: kept(globals),
    variables: [...axes, ...data]
  })
}
