/**
 * A gridded data set of an ERDDAP server by its id: `/info/ID/index.json` tells dimensions,
 * variables and attributes; data come from `/griddap/ID`.
 */
import { z } from 'zod'
import { MeshError } from '../../mesh-error.ts'
import type { DapAttribute } from '../opendap/das.ts'
import type { GridSet, GridVariable } from '../subset/grid-set.ts'
import { downloadText, type TransferContext } from '../transfer/download.ts'
import { checkUrl, shownUrl } from '../transfer/shown-url.ts'

const infoShape = z.object({
  table: z.object({
    columnNames: z.array(z.string()),
    rows: z.array(z.array(z.union([z.string(), z.number(), z.null()])))
  })
})

/** ERDDAP's types as DAP2 sends them, with the bytes of one value. */
const TYPES: Readonly<Record<string, readonly [dap: string, bytes: number]>> = {
  byte: ['Byte', 1],
  ubyte: ['Byte', 1],
  short: ['Int16', 4],
  ushort: ['UInt16', 4],
  int: ['Int32', 4],
  uint: ['UInt32', 4],
  long: ['Float64', 8],
  ulong: ['Float64', 8],
  float: ['Float32', 4],
  double: ['Float64', 8]
}

interface InfoRow {
  readonly kind: string
  readonly variable: string
  readonly attribute: string
  readonly type: string
  readonly value: string
}

/** @throws MeshError cli/usage unless it is an address of a data set, or a server and an id */
export function erddapPlace(
  dataset: string,
  server: string | undefined
): { base: string; id: string } {
  const whole = /^(https?:\/\/.+)\/(?:griddap|info)\/([^/.?]+)/.exec(dataset)
  const base = server ?? whole?.[1]
  const id = whole?.[2] ?? dataset
  if (base !== undefined) checkUrl(base)
  if (base === undefined || !/^[A-Za-z0-9_-]+$/.test(id)) {
    const form = '--dataset https://HOST/erddap/griddap/ID, or --server https://HOST/erddap'
    throw new MeshError('cli/usage', `${dataset}: name the data set as ${form} --dataset ID`)
  }
  return { base: base.replace(/\/+$/, ''), id }
}

function readInfo(text: string, url: URL): InfoRow[] {
  const refuse = (cause: unknown): MeshError =>
    new MeshError('data/not-understood', `${shownUrl(url)} is no description of ERDDAP`, { cause })
  try {
    const { table } = infoShape.parse(JSON.parse(text))
    const at = ['Row Type', 'Variable Name', 'Attribute Name', 'Data Type', 'Value'].map((name) =>
      table.columnNames.indexOf(name)
    )
    if (at.includes(-1)) throw new Error('columns are missing')
    return table.rows.map((row) => {
      const [kind = '', variable = '', attribute = '', type = '', value = ''] = at.map((column) =>
        String(row[column] ?? '')
      )
      return { kind, variable, attribute, type, value }
    })
  } catch (cause) {
    throw refuse(cause)
  }
}

function attributesOf(rows: readonly InfoRow[]): Map<string, Map<string, DapAttribute>> {
  const all = new Map<string, Map<string, DapAttribute>>()
  for (const { kind, variable, attribute, type, value } of rows) {
    if (kind !== 'attribute') continue
    const own = all.get(variable) ?? new Map<string, DapAttribute>()
    const dap = TYPES[type]?.[0]
    const values = dap === undefined ? [value] : value.split(/,\s*/)
    own.set(attribute, { type: dap ?? 'String', values })
    all.set(variable, own)
  }
  return all
}

/** @throws MeshError data/* */
export async function openErddapSet(
  { base, id }: { base: string; id: string },
  context: TransferContext
): Promise<GridSet> {
  const info = new URL(`${base}/info/${id}/index.json`)
  const rows = readInfo(await downloadText(info, context), info)
  const axisCounts = new Map<string, number>()
  for (const { kind, variable, value } of rows) {
    if (kind !== 'dimension') continue
    const count = Number(/\bnValues=(\d+)/.exec(value)?.[1])
    if (Number.isSafeInteger(count) && count > 0) axisCounts.set(variable, count)
  }
  if (axisCounts.size === 0) {
    const message = 'is a table, not a grid: it cannot be cut by a box (griddap sets can)'
    throw new MeshError('data/not-understood', `${shownUrl(info)} ${message}`)
  }
  const variables = new Map<string, GridVariable>()
  for (const { kind, variable, type, value } of rows) {
    const width = TYPES[type]?.[1]
    if (kind !== 'variable' || width === undefined) continue
    const dimensions = value
      .split(/,\s*/)
      .map((name) => ({ name, count: axisCounts.get(name) ?? 0 }))
    variables.set(variable, { dimensions, width })
  }
  return {
    kind: 'erddap',
    url: new URL(`${base}/griddap/${id}`),
    variables,
    axisCounts,
    axisPaths: new Map(),
    attributes: attributesOf(rows)
  }
}
