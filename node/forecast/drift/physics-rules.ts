/**
 * From what a forecast file says about drift to the physics of its plan: defaults that depend on
 * the forcing at hand, terms that exclude each other, and what is likely counted twice.
 */
import type { ParticleClass, Physics } from '../../../protocol/work-unit.ts'
import type { ForecastFile } from '../definition-schema.ts'
import type { Path } from '../source-map.ts'
import { nearest } from '../suggestion.ts'

type Spec = ForecastFile['spec']
type Refuse = (path: Path, message: string) => void

/** What the planner must still work out from the kernel's own formulas. */
export interface RiseRequest {
  readonly classIndex: number
  readonly diameterMetres: number
  readonly density: number
}

export interface DriftRules {
  readonly physics: Physics
  /** Depth per class, and rise velocity where it is given as a speed. */
  readonly classes: readonly ParticleClass[]
  readonly rises: readonly RiseRequest[]
}

/** Onink et al. 2021, doi:10.1088/1748-9326/abecbd: beaching and refloat, coastal zone. */
const BEACHING_SECONDS = 26 * 86_400
const REFLOAT_SECONDS = 69 * 86_400
const ZONE_METRES = 10_000
/** A drifter-tuned windage of this size already holds the Stokes drift (PHYSICS §3). */
const WINDAGE_WITH_STOKES = 0.02

const PHYSICS: Path = ['spec', 'physics']

function stokesOf(spec: Spec, refuse: Refuse, notes: string[]): Physics['stokes'] {
  const roles = spec.forcing.map(({ role }) => role)
  const asked = spec.physics.stokes
  const hasField = roles.includes('stokes')
  const path = [...PHYSICS, 'stokes']
  if (asked === 'field' && !hasField) refuse(path, 'needs forcing with role stokes')
  if (asked === 'parameterised' && !roles.includes('wind')) {
    refuse(path, 'parameterised is 0.016 of the wind and needs forcing with role wind')
  }
  if (asked === 'parameterised' && hasField) {
    notes.push('Stokes drift: the field is used; parameterised would count it twice')
  }
  if (asked === 'none') {
    if (hasField) notes.push('Stokes drift: none, the forcing with role stokes is not used')
    return 'none'
  }
  if (hasField) return 'field'
  return asked === 'parameterised' ? 'parameterised' : 'none'
}

function diffusionOf(spec: Spec, refuse: Refuse): Pick<Physics, 'diffusivity' | 'diffusivityFrom'> {
  const asked = spec.physics.diffusivity
  const hasField = spec.forcing.some(({ role }) => role === 'diffusivity')
  const path = [...PHYSICS, 'diffusivity']
  if (asked === 'field' && !hasField) refuse(path, 'needs forcing with role diffusivity')
  if (typeof asked === 'number' && hasField) {
    refuse(path, 'is a number beside forcing with role diffusivity; write field, or remove one')
  }
  if (asked === 'field' || (asked === undefined && hasField)) {
    return { diffusivity: 1, diffusivityFrom: 'field' }
  }
  return { diffusivity: asked ?? 1, diffusivityFrom: 'constant' }
}

type CoastRules = Pick<Physics, 'coast' | 'beaching'>

function coastOf(spec: Spec, refuse: Refuse, notes: string[]): CoastRules {
  const { rule, beachingTime, refloatTime, zone } = spec.physics.coast
  if (rule !== 'probabilistic') {
    for (const [key, value] of Object.entries({ beachingTime, refloatTime, zone })) {
      const path = [...PHYSICS, 'coast', key]
      if (value !== undefined) refuse(path, `belongs to rule probabilistic, not to ${rule}`)
    }
  }
  if (spec.duration < 0) {
    if (rule !== 'slide') notes.push('backtracking: nothing beaches, particles wait at the coast')
    return { coast: rule === 'slide' ? 'slide' : 'hold' }
  }
  if (rule !== 'probabilistic') return { coast: rule }
  return {
    coast: rule,
    beaching: {
      beachingSeconds: beachingTime ?? BEACHING_SECONDS,
      refloatSeconds: refloatTime ?? REFLOAT_SECONDS,
      zoneMetres: zone ?? ZONE_METRES
    }
  }
}

function retirementOf(
  spec: Spec,
  notes: string[]
): Pick<Physics, 'maxAgeSeconds' | 'halfLifeSeconds'> {
  const { maxAge, halfLife } = spec.physics
  const isBackward = spec.duration < 0
  if (isBackward && halfLife !== undefined) {
    notes.push('backtracking: halfLife is left out, what is followed was there at the end')
  }
  return {
    ...(maxAge === undefined ? {} : { maxAgeSeconds: maxAge }),
    ...(halfLife === undefined || isBackward ? {} : { halfLifeSeconds: halfLife })
  }
}

/** The value of a class: one for all, or its own; a map may name classes of the file only. */
function classValue<T>(
  given: T | Record<string, T> | undefined,
  isOne: (value: T | Record<string, T>) => value is T,
  name: string
): T | undefined {
  if (given === undefined) return undefined
  if (isOne(given)) return given
  return Object.hasOwn(given, name) ? given[name] : undefined
}

type Rise = number | { readonly diameter: number; readonly density: number }
const isDepth = (value: number | Record<string, number>): value is number =>
  typeof value === 'number'
const isRise = (value: Rise | Record<string, Rise>): value is Rise =>
  typeof value === 'number' || ('diameter' in value && typeof value.diameter === 'number')

function checkNames(spec: Spec, names: readonly string[], refuse: Refuse): void {
  const { depth, riseVelocity } = spec.physics
  const maps = {
    depth: depth === undefined || isDepth(depth) ? {} : depth,
    riseVelocity: riseVelocity === undefined || isRise(riseVelocity) ? {} : riseVelocity
  }
  for (const [key, given] of Object.entries(maps)) {
    for (const name of Object.keys(given).filter((each) => !names.includes(each))) {
      const meant = nearest(name, names)
      const what = meant === undefined ? '' : `; did you mean ${meant}?`
      refuse([...PHYSICS, key, name], `no seeding entry has this class${what}`)
    }
  }
}

function classesOf(
  spec: Spec,
  windages: readonly { readonly name: string; readonly windage: readonly [number, number] }[],
  refuse: Refuse
): Pick<DriftRules, 'classes' | 'rises'> {
  const names = windages.map(({ name }) => name)
  checkNames(spec, names, refuse)
  const rises: RiseRequest[] = []
  const classes = windages.map(({ name, windage }, classIndex) => {
    const depthMetres = classValue(spec.physics.depth, isDepth, name) ?? 0
    const rise: Rise | undefined = classValue(spec.physics.riseVelocity, isRise, name)
    const isGiven = rise === undefined || typeof rise === 'number'
    if (!isGiven) {
      rises.push({ classIndex, diameterMetres: rise.diameter, density: rise.density })
      if (rise.density >= spec.physics.water.density) {
        const path = [...PHYSICS, 'riseVelocity']
        refuse(path, `class ${name} is not lighter than water of ${spec.physics.water.density}`)
      }
    }
    const velocity = isGiven ? (rise ?? 0) : 0
    if (spec.physics.vertical === 'mixed' && depthMetres === 0 && isGiven && velocity === 0) {
      refuse([...PHYSICS, 'vertical'], `mixed needs a riseVelocity of class ${name}`)
    }
    return { name, windage, riseVelocityMetresPerSecond: velocity, depthMetres }
  })
  return { classes, rises }
}

function noteDoubt(spec: Spec, rules: DriftRules, notes: string[]): void {
  const { physics, classes } = rules
  const roles = spec.forcing.map((entry) => entry.role)
  const names = (which: (each: ParticleClass) => boolean): string =>
    classes
      .filter(which)
      .map(({ name }) => name)
      .join(', ')
  const drifting = names(({ windage }) => (windage[1] ?? 0) > 0)
  if (!roles.includes('wind') && drifting !== '') {
    notes.push(`no wind forcing: windage of ${drifting} has no effect`)
  }
  const doubled = names(({ windage }) => (windage[1] ?? 0) >= WINDAGE_WITH_STOKES)
  if (physics.stokes !== 'none' && roles.includes('wind') && doubled !== '') {
    notes.push(`Stokes drift may count twice: windage of ${doubled} is 0.02 or more`)
  }
  const deep = names(({ windage, depthMetres }) => depthMetres > 0 && (windage[1] ?? 0) > 0)
  if (roles.includes('wind') && deep !== '') {
    notes.push(`class ${deep} is below the surface and has windage all the same`)
  }
}

/** Physics and classes that a file means; what is wrong goes to `refuse`, choices to `notes`. */
export function readDrift(
  spec: Spec,
  windages: readonly { readonly name: string; readonly windage: readonly [number, number] }[],
  refuse: Refuse,
  notes: string[]
): DriftRules {
  const { scheme, relativeWind, vertical, wavePeriod } = spec.physics
  const roles = spec.forcing.map(({ role }) => role)
  if (vertical === 'mixed' && !roles.includes('wind')) {
    refuse([...PHYSICS, 'vertical'], 'mixed needs forcing with role wind')
  }
  const { currentNoise } = spec.ensemble.perturb
  const physics: Physics = {
    scheme,
    ...diffusionOf(spec, refuse),
    isWindRelative: relativeWind,
    stokes: stokesOf(spec, refuse, notes),
    ...(wavePeriod === undefined ? {} : { wavePeriodSeconds: wavePeriod }),
    vertical,
    ...coastOf(spec, refuse, notes),
    ...retirementOf(spec, notes),
    ...(currentNoise === undefined
      ? {}
      : {
          noise: {
            deviationMetresPerSecond: currentNoise.deviation,
            timescaleSeconds: currentNoise.timescale
          }
        })
  }
  const rules = { physics, ...classesOf(spec, windages, refuse) }
  noteDoubt(spec, rules, notes)
  return rules
}
