/**
 * Which values a file's own flags and masks leave out. Flags are the variables that a field names
 * in `ancillary_variables` and that list their values with meanings (CF `flag_values`,
 * `flag_meanings`). Where some of them sum up the others (primary, aggregate, operator) only those
 * count. A value is left out where its flag means fail, bad, suspect, missing, land or the like;
 * good, probably good and not evaluated stay, and so does what has no flag.
 */
import type { DataFile, DataVariable } from '../read/data-file.ts'
import { textOf } from './coordinates.ts'

/** A variable beside a field, and its values at which the field is left out. */
export interface Flag {
  readonly variable: DataVariable
  readonly dropped: ReadonlySet<number>
  readonly note: string
}

const LEFT_OUT =
  /fail|bad|suspect|missing|invalid|not_valid|questionable|doubtful|spike|outlier|erroneous|^land$/
const SUMS_UP = /primary|aggregate|rollup|overall|operator|QCflag/i

/** Flags of a field, and masks of its nodes where it has no nodes between (`isOnFaces`). */
export function flagsOf(file: DataFile, variable: DataVariable, isOnFaces: boolean): Flag[] {
  const named = textOf(variable, 'ancillary_variables')
    .split(/\s+/)
    .flatMap((name) => file.variables.get(name) ?? [])
    .filter(({ attributes }) => attributes.has('flag_meanings'))
  const summing = named.filter((each) => SUMS_UP.test(`${each.name} ${textOf(each, 'long_name')}`))
  const chosen = [
    ...(summing.length > 0 ? summing : named),
    ...(isOnFaces ? [] : seaMasks(file, variable))
  ]
  return chosen.filter((each) => isBeside(each, variable)).flatMap((each) => flagOf(each) ?? [])
}

/** Does it lie on dimensions of the field only? */
const isBeside = (flag: DataVariable, variable: DataVariable): boolean =>
  flag.dimensions.length > 0 &&
  flag.dimensions.every(({ name, count }) =>
    variable.dimensions.some((own) => own.name === name && own.count === count)
  )

function flagOf(variable: DataVariable): Flag | undefined {
  if (textOf(variable, 'standard_name') === 'sea_binary_mask') {
    return { variable, dropped: new Set([0]), note: `${variable.name} is 0` }
  }
  const given = variable.attributes.get('flag_values')
  const values = typeof given === 'string' ? given.split(/[\s,]+/).map(Number) : (given ?? [])
  const meanings = textOf(variable, 'flag_meanings').split(/\s+/)
  if (values.length === 0 || values.length !== meanings.length) return undefined
  const out = meanings.flatMap((meaning, index) =>
    LEFT_OUT.test(meaning.toLowerCase()) ? [{ meaning, value: values[index] ?? Number.NaN }] : []
  )
  if (out.length === 0) return undefined
  return {
    variable,
    dropped: new Set(out.map(({ value }) => value)),
    note: `${variable.name} is ${out.map(({ meaning }) => meaning).join(', ')}`
  }
}

/** Masks of the sea on the field's own nodes that say which of their values is land. */
function seaMasks(file: DataFile, variable: DataVariable): DataVariable[] {
  return [...file.variables.values()].filter((each) => {
    if (each === variable || each.type === 'text') return false
    if (textOf(each, 'standard_name') === 'sea_binary_mask') return true
    return /mask/i.test(each.name) && /\bland\b/.test(textOf(each, 'flag_meanings'))
  })
}

/** A sentence for the notes. */
export const flagNote = (flags: readonly Flag[]): string =>
  `values are left out where ${flags.map(({ note }) => note).join('; or ')}`
