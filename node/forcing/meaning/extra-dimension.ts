/**
 * Dimensions of a field that are neither place, time nor depth: members of an ensemble, forecast
 * steps, ERA5's experiment version. One is taken as `select:` names it; two versions of ERA5 are
 * one field, the final one where it has values. Anything else is a question to the user.
 */
import type { DataFile, DataVariable, Dimension } from '../read/data-file.ts'
import { notUnderstood } from './horizontal.ts'

/** Values shown in the question. */
const SHOWN_MAX = 6

export interface Chosen {
  /** Indices whose values are merged, the first that has a value winning. */
  readonly indices: readonly number[]
  readonly note: string
}

/** @throws MeshError `forcing/not-understood` with the YAML to paste */
export async function chooseAlong(
  file: DataFile,
  variable: DataVariable,
  dimension: Dimension,
  where: { readonly role: string; readonly select?: Readonly<Record<string, number>> | undefined }
): Promise<Chosen> {
  const { name, count } = dimension
  const values = await valuesOf(file, dimension)
  const wanted = where.select?.[name]
  if (wanted !== undefined) {
    const index = values.indexOf(wanted)
    const note = `${variable.name}: ${name} ${wanted} of ${count} is taken`
    if (index >= 0) return { indices: [index], note }
    throw notUnderstood(file, `${name} has no ${wanted}; it has ${shown(values)}`)
  }
  if (name.toLowerCase() === 'expver') {
    const indices = values.map((_, index) => index)
    // Experiment 1 is the final reanalysis, 5 the first look at the last months.
    indices.sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0))
    const order = indices.map((index) => values[index]).join(', then ')
    return { indices, note: `${variable.name}: ${name} ${order} where that has no value` }
  }
  throw notUnderstood(
    file,
    `${variable.name} has a dimension '${name}' of ${count} that is neither time nor depth ` +
      `(${shown(values)}); say which in the forecast file: ` +
      `{ role: ${where.role}, …, select: { ${name}: ${values[0]} } }`
  )
}

const shown = (values: readonly number[]): string =>
  values.slice(0, SHOWN_MAX).join(', ') + (values.length > SHOWN_MAX ? ', …' : '')

/** Its coordinate's values, else its indices. */
async function valuesOf(file: DataFile, { name, count }: Dimension): Promise<number[]> {
  const axis = file.variables.get(name)
  const isAxis = axis?.dimensions.length === 1 && axis.type !== 'text'
  if (!isAxis) return Array.from({ length: count }, (_, index) => index)
  return Array.from(await file.read(name, [[0, count]]))
}
