/**
 * Gridded data sets as real servers answer: ERDDAP's info JSON, NetCDF subsets and DAP2; a plain
 * DAP2 server. Its subsetting and its XDR are written here anew, so that both ends can be wrong.
 */

import { type NetcdfAttribute, writeNetcdf3 } from '../../../node/forcing/netcdf3-writer.ts'
import { openDataFile } from '../../../node/forcing/read/open-data-file.ts'

type DapType = 'Byte' | 'Int16' | 'Int32' | 'Float32' | 'Float64'
type Attributes = Readonly<Record<string, NetcdfAttribute>>

export interface ServedVariable {
  readonly type: DapType
  readonly dimensions: readonly string[]
  readonly values: ArrayLike<number>
  readonly attributes: Attributes
}

export interface ServedGrid {
  readonly dimensions: Readonly<Record<string, number>>
  readonly variables: Readonly<Record<string, ServedVariable>>
  readonly globals: Attributes
  /** Grids with maps, or arrays alone. */
  readonly hasGrids?: boolean
}

const NETCDF = {
  Byte: 'byte',
  Int16: 'short',
  Int32: 'int',
  Float32: 'float',
  Float64: 'double'
} as const
const ERDDAP = NETCDF
const DAP_OF = {
  byte: 'Byte',
  char: 'Byte',
  short: 'Int16',
  int: 'Int32',
  float: 'Float32',
  double: 'Float64'
} as const

/** Every numeric variable of a real file, as a server would hold it. */
export async function gridOfFile(path: string): Promise<ServedGrid> {
  const file = await openDataFile(path)
  const dimensions: Record<string, number> = {}
  const variables: Record<string, ServedVariable> = {}
  for (const variable of file.variables.values()) {
    if (variable.type === 'text' || variable.dimensions.length === 0) continue
    const type = ({ int: 'Int32', float32: 'Float32', float64: 'Float64' } as const)[variable.type]
    for (const { name, count } of variable.dimensions) dimensions[name] = count
    const whole = variable.dimensions.map(({ count }) => [0, count] as const)
    const attributes: Record<string, NetcdfAttribute> = {}
    for (const [name, value] of variable.attributes) {
      attributes[name] =
        typeof value === 'string' ? value : { type: NETCDF[type], values: [...value] }
    }
    variables[variable.name] = {
      type,
      dimensions: variable.dimensions.map(({ name }) => name),
      values: await file.read(variable.name, whole),
      attributes
    }
  }
  await file.close()
  return { dimensions, variables, globals: { title: 'A real file' } }
}

type Run = readonly [first: number, last: number]

/** `u[0:1:3][(2020-01-01T00:00:00Z):1:(…)]` as name and runs. */
function parseConstraint(text: string, grid: ServedGrid): { name: string; runs: Run[] }[] {
  if (text === '') return Object.keys(grid.variables).map((name) => ({ name, runs: [] }))
  return text.split(/,(?![^[]*\])/).map((projection) => {
    const path = /^([^[]+)/.exec(projection)?.[1] ?? ''
    const name = path.split('.').at(-1) ?? ''
    const variable = grid.variables[name]
    if (variable === undefined) throw new Error(`no ${name}`)
    const brackets = [...projection.matchAll(/\[([^\]]*)\]/g)].map((match) => match[1] ?? '')
    const runs = brackets.map((bracket, index): Run => {
      const byValue = /^\(([^)]+)\):1:\(([^)]+)\)$/.exec(bracket)
      const byIndex = /^(\d+):1:(\d+)$/.exec(bracket)
      const count = grid.dimensions[variable.dimensions[index] ?? ''] ?? 0
      const at = (iso: string): number =>
        Array.from(grid.variables.time?.values ?? []).indexOf(Date.parse(iso) / 1000)
      const run: Run = byValue
        ? [at(byValue[1] ?? ''), at(byValue[2] ?? '')]
        : [Number(byIndex?.[1]), Number(byIndex?.[2])]
      if (!(run[0] >= 0 && run[0] <= run[1] && run[1] < count)) throw new Error(`bad ${bracket}`)
      return run
    })
    return { name, runs }
  })
}

const wholeRuns = (variable: ServedVariable, grid: ServedGrid): Run[] =>
  variable.dimensions.map((name) => [0, (grid.dimensions[name] ?? 1) - 1])

function cut(variable: ServedVariable, runs: readonly Run[], grid: ServedGrid): number[] {
  const counts = variable.dimensions.map((name) => grid.dimensions[name] ?? 1)
  const out: number[] = []
  const walk = (level: number, offset: number): void => {
    const run = runs[level]
    if (run === undefined) {
      out.push(Number(variable.values[offset]))
      return
    }
    for (let index = run[0]; index <= run[1]; index++) {
      walk(level + 1, offset * (counts[level] ?? 1) + index)
    }
  }
  walk(0, 0)
  return out
}

function xdr(type: DapType, values: readonly number[]): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(values.length, 0)
  head.writeUInt32BE(values.length, 4)
  const width = { Byte: 1, Int16: 4, Int32: 4, Float32: 4, Float64: 8 }[type]
  const body = Buffer.alloc(Math.ceil((width * values.length) / 4) * 4)
  for (const [index, value] of values.entries()) {
    if (type === 'Float64') body.writeDoubleBE(value, index * 8)
    else if (type === 'Float32') body.writeFloatBE(value, index * 4)
    else if (type === 'Byte') body.writeUInt8(value & 0xff, index)
    else body.writeInt32BE(value, index * 4)
  }
  return Buffer.concat([head, body])
}

function ddsOf(grid: ServedGrid, wanted: readonly { name: string; runs: Run[] }[]): string {
  const sized = (name: string, variable: ServedVariable, runs: readonly Run[]): string =>
    variable.dimensions.reduce(
      (text, dimension, index) =>
        `${text}[${dimension} = ${(runs[index]?.[1] ?? 0) - (runs[index]?.[0] ?? 0) + 1}]`,
      `${variable.type} ${name}`
    )
  const lines = wanted.map(({ name, runs }) => {
    const variable = grid.variables[name]
    if (variable === undefined) throw new Error(name)
    const used = runs.length > 0 ? runs : wholeRuns(variable, grid)
    const isGrid = grid.hasGrids === true && variable.dimensions.length > 1
    if (!isGrid) return `    ${sized(name, variable, used)};`
    const maps = variable.dimensions.map((dimension, index) => {
      const map = grid.variables[dimension]
      if (map === undefined) throw new Error(dimension)
      return `        ${sized(dimension, map, [used[index] ?? [0, 0]])};`
    })
    const array = `        ${sized(name, variable, used)};`
    return `    Grid {\n      ARRAY:\n${array}\n      MAPS:\n${maps.join('\n')}\n    } ${name};`
  })
  return `Dataset {\n${lines.join('\n')}\n} served;`
}

function dodsOf(grid: ServedGrid, constraint: string): Buffer {
  const wanted = parseConstraint(constraint, grid)
  const parts: Buffer[] = [Buffer.from(`${ddsOf(grid, wanted)}\nData:\n`)]
  for (const { name, runs } of wanted) {
    const variable = grid.variables[name]
    if (variable === undefined) throw new Error(name)
    const used = runs.length > 0 ? runs : wholeRuns(variable, grid)
    parts.push(xdr(variable.type, cut(variable, used, grid)))
    if (grid.hasGrids !== true || variable.dimensions.length < 2) continue
    for (const [index, dimension] of variable.dimensions.entries()) {
      const map = grid.variables[dimension]
      if (map !== undefined) parts.push(xdr(map.type, cut(map, [used[index] ?? [0, 0]], grid)))
    }
  }
  return Buffer.concat(parts)
}

function dasOf(grid: ServedGrid): string {
  const block = (name: string, attributes: Attributes): string =>
    `    ${name} {\n${Object.entries(attributes)
      .map(([key, value]) =>
        typeof value === 'string'
          ? `        String ${key} "${value.replace(/["\\]/g, '\\$&')}";`
          : `        ${DAP_OF[value.type]} ${key} ${value.values.join(', ')};`
      )
      .join('\n')}\n    }`
  const blocks = Object.entries(grid.variables).map(([name, { attributes }]) =>
    block(name, attributes)
  )
  return `Attributes {\n${[...blocks, block('NC_GLOBAL', grid.globals)].join('\n')}\n}\n`
}

function netcdfOf(grid: ServedGrid, constraint: string): Uint8Array {
  const wanted = parseConstraint(constraint, grid)
  const [first] = wanted
  const axes = grid.variables[first?.name ?? '']?.dimensions ?? []
  const runOf = (dimension: string): Run => first?.runs[axes.indexOf(dimension)] ?? [0, 0]
  const made = (name: string, runs: Run[]) => {
    const variable = grid.variables[name]
    if (variable === undefined) throw new Error(name)
    const { type, dimensions, attributes } = variable
    return { name, type: NETCDF[type], dimensions, attributes, values: cut(variable, runs, grid) }
  }
  return writeNetcdf3({
    dimensions: Object.fromEntries(axes.map((name) => [name, runOf(name)[1] - runOf(name)[0] + 1])),
    attributes: grid.globals,
    variables: [
      ...axes.map((name) => made(name, [runOf(name)])),
      ...wanted.map(({ name, runs }) => made(name, runs))
    ]
  })
}

/** As ERDDAP's `/info/ID/index.json` has it. */
function infoOf(grid: ServedGrid): string {
  const rows: string[][] = []
  const attributes = (name: string, all: Attributes): void => {
    for (const [key, value] of Object.entries(all)) {
      const isText = typeof value === 'string'
      const type = isText ? 'String' : value.type
      rows.push(['attribute', name, key, type, isText ? value : value.values.join(', ')])
    }
  }
  attributes('NC_GLOBAL', grid.globals)
  for (const [name, count] of Object.entries(grid.dimensions)) {
    const variable = grid.variables[name]
    const spacing = `nValues=${count}, evenlySpaced=true, averageSpacing=1`
    rows.push(['dimension', name, '', ERDDAP[variable?.type ?? 'Float64'], spacing])
    attributes(name, variable?.attributes ?? {})
  }
  for (const [name, variable] of Object.entries(grid.variables)) {
    if (name in grid.dimensions) continue
    rows.push(['variable', name, '', ERDDAP[variable.type], variable.dimensions.join(', ')])
    attributes(name, variable.attributes)
  }
  const columnNames = ['Row Type', 'Variable Name', 'Attribute Name', 'Data Type', 'Value']
  const columnTypes = columnNames.map(() => 'String')
  return JSON.stringify({ table: { columnNames, columnTypes, rows } })
}

/** Answers of a DAP2 server at `path`, and of an ERDDAP at `/erddap` with that set as `id`. */
export function griddedAnswers(grid: ServedGrid, id: string) {
  return (url: URL): Uint8Array | string | undefined => {
    const constraint = decodeURIComponent(url.search.slice(1))
    if (/[[\]]/.test(url.search)) throw new Error('brackets must be encoded')
    if (url.pathname.endsWith(`/info/${id}/index.json`)) return infoOf(grid)
    if (url.pathname.endsWith(`/${id}.dds`)) return ddsOf(grid, parseConstraint('', grid))
    if (url.pathname.endsWith(`/${id}.das`)) return dasOf(grid)
    if (url.pathname.endsWith(`/${id}.dods`)) return dodsOf(grid, constraint)
    if (url.pathname.endsWith(`/${id}.nc`)) return netcdfOf(grid, constraint)
    return undefined
  }
}
