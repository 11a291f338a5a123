/**
 * What a data file holds that a forecast can use: for each role the eastward and northward
 * variable, their unit, grid, times and level. What is recognised but cannot be used is a problem
 * with a code; a caller that needs that role throws it, inspection lists it.
 */
import { MeshError } from '../../mesh-error.ts'
import { BAND_DEGREES } from '../geostrophic.ts'
import type { DataFile, DataVariable } from '../read/data-file.ts'
import type { ForcingRole } from '../source.ts'
import { textOf } from './coordinates.ts'
import { type FieldInFile, type Layout, layOut, type Named, type Wish } from './field.ts'
import { notUnderstood, unsupported } from './horizontal.ts'
import { seaLevelOf } from './sea-level.ts'
import { contradiction, mapContradiction, stokesNote } from './suspicion.ts'
import { metresFactor } from './unit.ts'
import { aliasOf, type ComponentName, isTrueEast, meaningOf } from './vocabulary.ts'

export interface Understanding {
  readonly fields: readonly FieldInFile[]
  readonly problems: readonly { readonly role: ForcingRole; readonly error: MeshError }[]
  /** Names of variables that no role uses. */
  readonly others: readonly string[]
}

const ROLES: readonly ForcingRole[] = ['current', 'wind', 'stokes']

export async function understandFile(file: DataFile, wish: Wish): Promise<Understanding> {
  const fields: FieldInFile[] = []
  const problems: { role: ForcingRole; error: MeshError }[] = []
  const used = new Set<string>()
  for (const role of wish.role === undefined ? ROLES : [wish.role]) {
    try {
      const isLevel = role === 'current' && wish.from === 'seaLevel'
      const pair = isLevel ? selectLevel(file, wish) : selectPair(file, role, wish)
      for (const { variable } of pair) used.add(variable.name)
      if (pair.length === 0) continue
      const understood = isLevel
        ? understandLevel(file, pair, wish)
        : understandPair(file, role, pair, wish)
      fields.push(...(await understood))
    } catch (error) {
      if (!(error instanceof MeshError) || error.code === 'forcing/unreadable') throw error
      problems.push({ role, error })
    }
  }
  const others = [...file.variables.keys()].filter((name) => !used.has(name))
  return { fields, problems, others }
}

/** Sea level as both components. */
function selectLevel(file: DataFile, { seaLevelName }: Wish): readonly Named[] {
  const variable = seaLevelOf(file, seaLevelName)
  if (variable === undefined) return []
  const by = seaLevelName === undefined ? textOf(variable, 'standard_name') || 'alias' : 'map'
  return (['u', 'v'] as const).map((component) => ({
    variable,
    meaning: { role: 'current', component, rank: 0, by, isEastward: false }
  }))
}

async function understandLevel(
  file: DataFile,
  pair: readonly Named[],
  wish: Wish
): Promise<FieldInFile[]> {
  if (wish.isFlat) throw unsupported(file, "currents from sea level on 'metric: flat'")
  const fields = await understandPair(file, 'current', pair, { ...wish, factorOf: metresFactor })
  const note =
    `${pair[0]?.variable.name} is sea level; the current is the one in geostrophic balance with ` +
    `it (beta-plane within ${BAND_DEGREES} degrees of the equator), without wind, tide or waves`
  return fields.map((field) => ({ ...field, from: 'seaLevel', notes: [...field.notes, note] }))
}

/** The most believable pair of a role; a lone component if that is all there is. */
function selectPair(file: DataFile, role: ForcingRole, wish: Wish): readonly Named[] {
  const { map } = wish
  if (map !== undefined) {
    return (['u', 'v'] as const).flatMap((component) => {
      const variable = file.variables.get(map[component])
      return variable === undefined
        ? []
        : [{ variable, meaning: mapped(variable, role, component) }]
    })
  }
  const named = [...file.variables.values()].flatMap((variable): Named[] => {
    if (variable.type === 'text') return []
    const standard = textOf(variable, 'standard_name')
    const meaning = meaningOf(variable.name, standard, textOf(variable, 'long_name'), wish.generic)
    return meaning?.role === role ? [{ variable, meaning }] : []
  })
  // Of equal standard names the one whose variable a model is known to call so comes first.
  const order = ({ variable, meaning }: Named): number => {
    const alias = aliasOf(variable.name)
    return 1000 * meaning.rank + (alias?.role === role ? alias.rank : 999)
  }
  named.sort((a, b) => order(a) - order(b))
  for (const u of named.filter(({ meaning }) => meaning.component === 'u')) {
    const partners = named.filter(
      ({ meaning }) => meaning.component === 'v' && meaning.rank === u.meaning.rank
    )
    const v = partners.find((each) => order(each) === order(u)) ?? partners[0]
    if (v === undefined) continue
    const rivals = named.filter((each) => order(each) === order(u))
    if (rivals.filter(({ meaning }) => meaning.component === 'u').length > 1) {
      throw ambiguous(file, role, rivals)
    }
    return [u, v]
  }
  return named.slice(0, 1)
}

function ambiguous(file: DataFile, role: ForcingRole, rivals: readonly Named[]): MeshError {
  const names = rivals.map(({ variable }) => variable.name)
  const of = (component: ComponentName): string =>
    rivals.find(({ meaning }) => meaning.component === component)?.variable.name ?? 'NAME'
  return notUnderstood(
    file,
    `${names.join(', ')} could each be the ${role}; say which in the forecast file: ` +
      `{ role: ${role}, …, map: { u: ${of('u')}, v: ${of('v')} } }`
  )
}

function mapped(
  variable: DataVariable,
  role: ForcingRole,
  component: ComponentName
): Named['meaning'] {
  const isEastward = isTrueEast(
    variable.name,
    textOf(variable, 'standard_name'),
    textOf(variable, 'long_name')
  )
  return { role, component, rank: 0, by: 'map', isEastward }
}

/**
 * Sentences about names that disagree.
 * @throws MeshError `forcing/not-understood` where `map:` certainly has them swapped
 */
function suspicionsOf(file: DataFile, role: ForcingRole, { variable, meaning }: Named): string[] {
  const odd = [
    contradiction(variable),
    role === 'current' ? stokesNote(variable) : undefined
  ].filter((each) => each !== undefined)
  if (meaning.by !== 'map') return odd
  const mistake = mapContradiction(variable, role, meaning.component)
  if (mistake === undefined) return odd
  if (!mistake.isCertain) return [...odd, `${mistake.what}; the map is followed`]
  throw notUnderstood(
    file,
    `${mistake.what}; are u and v swapped? leave 'map:' out or write it the other way round`
  )
}

/** One field; two of one component each where they lie on nodes of their own (staggered). */
async function understandPair(
  file: DataFile,
  role: ForcingRole,
  pair: readonly Named[],
  wish: Wish
): Promise<FieldInFile[]> {
  // One after the other: of two wrong components the first is the one told.
  const laid: Layout[] = []
  for (const named of pair) laid.push(await layOut(file, role, named, wish))
  const [first, second] = laid
  if (first === undefined) throw new Error('a pair has at least one component')
  if (second !== undefined && first.horizontal !== second.horizontal) {
    const halves = []
    for (const named of pair) halves.push(...(await understandPair(file, role, [named], wish)))
    return halves
  }
  const { component: _, horizontal: __, ...shared } = first
  const suspicions = pair.flatMap((named) => suspicionsOf(file, role, named))
  const components = Object.fromEntries(
    laid.map((layout, index) => [pair[index]?.meaning.component, layout.component])
  )
  const notes = [...new Set([...laid.flatMap((layout) => layout.notes), ...suspicions])]
  return [{ role, components, ...shared, notes }]
}
