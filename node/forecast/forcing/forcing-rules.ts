/** Rules between the forcing entries of a forecast file, and what they mean. */
import type { ForcingEntry } from '../definition.ts'
import type { ForecastFile } from '../definition-schema.ts'
import type { Path, YamlSource } from '../source-map.ts'
import { nearest } from '../suggestion.ts'

type Spec = ForecastFile['spec']
type Entry = Spec['forcing'][number]
type Refuse = (path: Path, message: string) => void

/** Roles with one component. */
const SCALARS = ['diffusivity', 'wavePeriod']
/** The first current's grid continued over all of them. */
const EXTENDED = 'extended'

/** Names of variables as their role has them, or what is wrong with them. */
function namesOf(given: Entry['map'], isScalar: boolean): ForcingEntry['map'] | string {
  if (given === undefined) return undefined
  const { u, v, value } = given
  if (isScalar) {
    const isFit = value !== undefined && u === undefined && v === undefined
    return isFit ? { value } : 'must be { value: NAME } for a field of one number'
  }
  const isFit = value === undefined && u !== undefined && v !== undefined
  return isFit ? { u, v } : 'must be { u: NAME, v: NAME } for a field of two components'
}

/** Currents from sea level are of the surface. */
function checkDerived(path: Path, { role, from, depth }: Entry, refuse: Refuse): void {
  if (from === undefined) return
  if (role !== 'current') refuse([...path, 'from'], `a ${role} is not derived; only a current is`)
  if (depth !== undefined) refuse([...path, 'depth'], 'a current from sea level is at the surface')
}

/** Scalars are one data set; keys that speak of the next set need one. */
function checkSets(spec: Spec, index: number, entry: Entry, refuse: Refuse): void {
  const path = ['spec', 'forcing', index]
  const others = spec.forcing.filter(({ role }) => role === entry.role)
  if (SCALARS.includes(entry.role) && others[0] !== entry) {
    refuse([...path, 'role'], `a second ${entry.role}; one pattern may match many files`)
  }
  if (entry.blend !== undefined && others.at(-1) === entry) {
    refuse([...path, 'blend'], `no ${entry.role} comes after this one, which could take over`)
  }
  if (entry.name === EXTENDED) refuse([...path, 'name'], `${EXTENDED} has a meaning in grid`)
  const isFirst = spec.forcing.findIndex(({ name }) => name === entry.name) === index
  if (entry.name !== undefined && !isFirst) {
    refuse([...path, 'name'], `a second entry named ${entry.name}`)
  }
}

function checkGrid(spec: Spec, refuse: Refuse): void {
  if (spec.grid === undefined) return
  const currents = spec.forcing.filter(({ role }) => role === 'current')
  const names = [...currents.flatMap(({ name }) => name ?? []), EXTENDED]
  if (names.includes(spec.grid)) return
  const meant = nearest(spec.grid, names)
  const hint =
    meant === undefined ? `it must be one of ${names.join(', ')}` : `did you mean ${meant}?`
  refuse(['spec', 'grid'], `no current is named ${spec.grid}; ${hint}`)
}

/** What an entry says beside its role, source, depth and names. */
const setRulesOf = ({ select, from, name, maxGap, persist, missing, blend }: Entry) => ({
  ...(from === undefined ? {} : { from }),
  ...(select === undefined ? {} : { select }),
  ...(name === undefined ? {} : { name }),
  ...(maxGap === undefined ? {} : { maxGapSeconds: maxGap }),
  ...(persist === undefined ? {} : { persistSeconds: persist }),
  ...(missing === undefined ? {} : { missing }),
  ...(blend === undefined ? {} : { blendCells: blend })
})

export function readForcingEntries(spec: Spec, source: YamlSource, refuse: Refuse): ForcingEntry[] {
  if (spec.forcing.every((entry) => entry.role !== 'current')) {
    refuse(['spec', 'forcing'], 'has no entry with role current')
  }
  checkGrid(spec, refuse)
  if (spec.land.coastline !== undefined && spec.metric === 'flat') {
    refuse(['spec', 'land', 'coastline'], 'lies on the globe; metric flat has no place for it')
  }
  return spec.forcing.map((entry, index) => {
    const path = ['spec', 'forcing', index]
    checkSets(spec, index, entry, refuse)
    checkDerived(path, entry, refuse)
    const hasOne = SCALARS.includes(entry.role) || entry.from !== undefined
    const names = namesOf(entry.map, hasOne)
    if (typeof names === 'string') refuse([...path, 'map'], names)
    if (entry.map?.u !== undefined && entry.map.u === entry.map.v) {
      refuse([...path, 'map', 'v'], 'names the same variable as u')
    }
    return {
      role: entry.role,
      source: entry.source,
      ...(entry.depth === undefined ? {} : { depthMetres: entry.depth }),
      ...(names === undefined || typeof names === 'string' ? {} : { map: names }),
      ...setRulesOf(entry),
      ...(entry.attribution === undefined ? {} : { attribution: entry.attribution }),
      mark: source.markOf([...path, 'source'])
    }
  })
}
