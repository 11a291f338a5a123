/** A DAP2 data set by its URL: structure and attributes as the server describes them. */
import { MeshError } from '../../mesh-error.ts'
import type { GridSet, GridVariable } from '../subset/grid-set.ts'
import { downloadText, type TransferContext } from '../transfer/download.ts'
import { shownUrl } from '../transfer/shown-url.ts'
import { parseDas } from './das.ts'
import { DAP_WIDTHS, type DapArray, type DapVariable, parseDds } from './dds.ts'

/** Endings of pages that people copy from a browser. */
const PAGE_ENDING = /\.(html|dds|das|info)$/

const isNumeric = ({ type }: DapArray): boolean => type in DAP_WIDTHS
const isAxis = ({ name, dimensions }: DapArray): boolean =>
  dimensions.length === 1 && dimensions[0]?.name === name

/** @throws MeshError data/* */
export async function openDapSet(address: URL, context: TransferContext): Promise<GridSet> {
  const url = new URL(address.origin + address.pathname.replace(PAGE_ENDING, ''))
  const at = (ending: string): URL => new URL(`${url.href}${ending}`)
  const named = async <T>(parse: (text: string) => T, ending: string): Promise<T> => {
    const text = await downloadText(at(ending), context)
    try {
      return parse(text)
    } catch (cause) {
      if (!(cause instanceof MeshError)) throw cause
      const message = `${shownUrl(at(ending))}: ${cause.message}; is it an OPeNDAP address?`
      throw new MeshError(cause.code, message, { cause })
    }
  }
  const structure = await named(parseDds, '.dds')
  const attributes = await named(parseDas, '.das')
  const variables = new Map<string, GridVariable>()
  const axisCounts = new Map<string, number>()
  const axisPaths = new Map<string, string>()
  const addAxis = (array: DapArray, path: string): void => {
    if (!isNumeric(array) || !isAxis(array) || axisCounts.has(array.name)) return
    axisCounts.set(array.name, array.dimensions[0]?.count ?? 0)
    if (path !== array.name) axisPaths.set(array.name, path)
  }
  const addVariable = (name: string, array: DapArray): void => {
    if (!isNumeric(array) || array.dimensions.length < 2) return
    const width = DAP_WIDTHS[array.type as keyof typeof DAP_WIDTHS]
    variables.set(name, { dimensions: array.dimensions, width })
  }
  const arrays = structure.filter((each): each is DapArray => each.kind === 'array')
  for (const array of arrays) addAxis(array, array.name)
  for (const variable of structure as DapVariable[]) {
    if (variable.kind === 'array') addVariable(variable.name, variable)
    if (variable.kind !== 'grid') continue
    addVariable(variable.name, variable.array)
    for (const map of variable.maps) addAxis(map, `${variable.name}.${map.name}`)
  }
  return { kind: 'opendap', url, variables, axisCounts, axisPaths, attributes }
}
