/**
 * What is read but looks wrong: components whose names and standard names disagree, currents that
 * already hold the waves' drift. Each is one sentence that goes where notes go: `data inspect`, the
 * notes of a plan, the manifest.
 */
import type { DataVariable } from '../read/data-file.ts'
import type { ForcingRole } from '../source.ts'
import { textOf } from './coordinates.ts'
import type { ComponentName } from './vocabulary.ts'
import { aliasOf, standardOf } from './vocabulary.ts'

const DIRECTION = { u: 'eastward', v: 'northward' } as const

/** Is this current the sum of the Eulerian current and the Stokes drift? */
export function holdsStokes(variable: DataVariable): boolean {
  const name = variable.name.toLowerCase()
  const said = textOf(variable, 'long_name', 'standard_name', 'comment')
  if (/^[uv]_?total$/.test(name)) return true
  return /total|sum|\+/i.test(said) && /wave|stokes/i.test(said)
}

/** A sentence for every current that holds waves: no value tells it from one that does not. */
export const stokesNote = (variable: DataVariable): string | undefined =>
  holdsStokes(variable)
    ? `${variable.name} already holds the waves' Stokes drift: with a source of role stokes it ` +
      'counts twice'
    : undefined

/** A sentence where a variable's name says the other component than its standard name. */
export function contradiction(variable: DataVariable): string | undefined {
  const standard = standardOf(textOf(variable, 'standard_name'))
  const alias = aliasOf(variable.name)
  if (standard === undefined || alias === undefined) return undefined
  if (standard.role !== alias.role || standard.component === alias.component) return undefined
  return (
    `${variable.name} has the ${DIRECTION[alias.component]} component's name but the standard ` +
    `name ${textOf(variable, 'standard_name')}, which is believed; are the components swapped?`
  )
}

/**
 * What a variable that `map:` names for one component says of itself, if it says another.
 * A contradicting standard name is a certain mistake; a contradicting name is worth telling.
 */
export function mapContradiction(
  variable: DataVariable,
  role: ForcingRole,
  component: ComponentName
): { readonly isCertain: boolean; readonly what: string } | undefined {
  const standard = standardOf(textOf(variable, 'standard_name'))
  const said = standard ?? aliasOf(variable.name)
  if (said === undefined) return undefined
  const by = standard === undefined ? 'its name' : `standard_name ${standardText(variable)}`
  const isOther = said.component !== component
  const isOtherRole = said.role !== role
  if (!isOther && !isOtherRole) return undefined
  const is = isOtherRole ? `a ${said.role}` : `the ${DIRECTION[said.component]} component`
  return {
    isCertain: standard !== undefined && isOther,
    what: `map names ${variable.name} as ${component}, but by ${by} it is ${is}`
  }
}

const standardText = (variable: DataVariable): string => textOf(variable, 'standard_name').trim()
