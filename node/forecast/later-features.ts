/**
 * Features that the forecast file will have and this version has not: each is refused by its own
 * name and with what to write instead, because "unknown key" would send its reader looking for a
 * typing error. A row leaves this table when its feature arrives.
 */
import type { Path } from './source-map.ts'

export interface LaterFeature {
  readonly path: Path
  /** What is inside this path is not checked further. */
  readonly covers: Path
  readonly message: string
}

interface Rule {
  /** `[]` stands for every entry of a list. */
  readonly path: string
  /** Refused only if this holds; without it, the key alone is refused. */
  readonly when?: (value: unknown) => boolean
  readonly feature: string | ((value: unknown) => string)
  readonly instead: string
  /** Levels up from the path that are not checked further. */
  readonly covers?: number
}

const isWord =
  (...words: string[]) =>
  (value: unknown): boolean =>
    typeof value === 'string' && words.includes(value)
const isMapOrList = (value: unknown): boolean => typeof value === 'object' && value !== null

const SEEDING_KINDS = ['grid', 'line', 'cone', 'polygon', 'coast', 'rivers', 'table', 'forecast']
const remove = 'remove it'
const density = 'use products.density and products.tracks'

const RULES: readonly Rule[] = [
  {
    path: 'spec.seeding[].kind',
    when: isWord(...SEEDING_KINDS),
    feature: (kind) => `seeding kind ${String(kind)}`,
    instead: 'use kind points',
    covers: 1
  },
  {
    path: 'spec.seeding[].release',
    when: (value) => isMapOrList(value) || (typeof value === 'string' && value.includes('/')),
    feature: 'release over an interval or repeated',
    instead: 'give one time; several entries release at several times'
  },
  { path: 'spec.seeding[].repeat', feature: 'repeated release', instead: 'use several entries' },
  {
    path: 'spec.seeding[].spread',
    feature: 'Gaussian spread',
    instead: 'use radius, a uniform disc'
  },
  { path: 'spec.seeding[].depth', feature: 'release below the surface', instead: remove },
  { path: 'spec.seeding[].mass', feature: 'mass per particle', instead: remove },
  { path: 'spec.seeding[].weights', feature: 'weighted points', instead: 'use several entries' },
  ...[
    ['biofouling', 'biofouling'],
    ['fragmentation', 'fragmentation'],
    ['mass', 'mass per particle']
  ].map(([key, feature]) => ({
    path: `spec.physics.${key}`,
    feature: String(feature),
    instead: remove
  })),
  { path: 'spec.products.mass', feature: 'product mass', instead: density },
  { path: 'spec.mesh.retain', feature: 'a retention time', instead: remove }
]

/** Every place of `value` that a pattern names. */
function expand(value: unknown, pattern: string): { path: Path; value: unknown }[] {
  let found: { path: Path; value: unknown }[] = [{ path: [], value }]
  for (const part of pattern.split('.')) {
    const name = part.replace('[]', '')
    found = found.flatMap((each) => {
      if (typeof each.value !== 'object' || each.value === null) return []
      if (!Object.hasOwn(each.value, name)) return []
      const child: unknown = (each.value as Record<string, unknown>)[name]
      const path = [...each.path, name]
      if (!part.endsWith('[]')) return [{ path, value: child }]
      if (!Array.isArray(child)) return []
      return child.map((item: unknown, index) => ({ path: [...path, index], value: item }))
    })
  }
  return found
}

/** Features of later versions that a forecast file asks for. */
export function findLaterFeatures(value: unknown): LaterFeature[] {
  return RULES.flatMap((rule) =>
    expand(value, rule.path)
      .filter((place) => rule.when?.(place.value) ?? true)
      .map((place) => {
        const feature = typeof rule.feature === 'string' ? rule.feature : rule.feature(place.value)
        return {
          path: place.path,
          covers: place.path.slice(0, place.path.length - (rule.covers ?? 0)),
          message: `${feature} is not in this version; ${rule.instead}`
        }
      })
  )
}
