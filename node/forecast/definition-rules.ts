/**
 * Rules between the values of a forecast file (times on whole steps, classes with windage, one
 * source per role), and the definition that a file which keeps them means.
 */
import { CLASSES_MAX } from '../../protocol/limits.ts'
import type { ForecastDefinition, Mark, SeedingEntry } from './definition.ts'
import { type ForecastFile, PARTICLES_MAX } from './definition-schema.ts'
import { readDrift } from './drift/physics-rules.ts'
import { readForcingEntries } from './forcing/forcing-rules.ts'
import type { Problem } from './schema-errors.ts'
import type { Path, YamlSource } from './source-map.ts'
import { nearest } from './suggestion.ts'

/** Wind drift factors by name (Richardson 1997; van der Mheen et al. 2020; PHYSICS §3). */
export const WINDAGE_BY_NAME: Readonly<Record<string, number>> = {
  submerged: 0,
  low: 0.01,
  bottle: 0.03,
  foam: 0.03,
  high: 0.05
}
/** Class of a seeding entry that names none: plastic floating low in the water. */
const DEFAULT_CLASS = 'low'

type Spec = ForecastFile['spec']
type Refuse = (path: Path, message: string) => void

/** Density cells coarser than this are a mistyped unit, and reach beyond the poles. */
const RESOLUTION_DEGREES_MAX = 45

const seconds = (value: number): string => `${value} s`

/** Hourly, or at the end of a shorter forecast. */
const outputOf = (spec: Spec): number => spec.output ?? Math.min(3600, Math.abs(spec.duration))

/** Times that must fall on whole steps, or inside the forecast. */
function checkTimes(spec: Spec, refuse: Refuse): void {
  const { start, step } = spec
  const duration = Math.abs(spec.duration)
  const sign = Math.sign(spec.duration)
  const output = outputOf(spec)
  if (output > duration) {
    refuse(['spec', 'output'], `is longer than duration (${seconds(duration)})`)
  }
  spec.seeding.forEach((entry, index) => {
    const offset = ((entry.release ?? start) - start) * sign
    if (offset < 0 || offset > duration) {
      refuse(['spec', 'seeding', index, 'release'], 'is not between start and start + duration')
    }
  })
  if (step === undefined) return
  const whole = (path: Path, offset: number): void => {
    if (offset % step === 0) return
    refuse(path, `${seconds(offset)} is not a whole number of steps of ${seconds(step)}`)
  }
  whole(['spec', 'duration'], duration)
  whole(['spec', 'output'], output)
  if (spec.mesh.window !== undefined) whole(['spec', 'mesh', 'window'], spec.mesh.window)
  spec.seeding.forEach((entry, index) => {
    const path = ['spec', 'seeding', index, 'release']
    if (entry.release !== undefined) whole(path, Math.abs(entry.release - start))
  })
}

interface WindageClass {
  readonly name: string
  readonly windage: readonly [number, number]
}

/** Classes in order of first use, each with its windage. */
function readClasses(spec: Spec, refuse: Refuse, notes: string[]): WindageClass[] {
  const given = spec.physics.windage
  const names = [...new Set(spec.seeding.map((entry) => entry.class ?? DEFAULT_CLASS))]
  if (names.length > CLASSES_MAX) {
    refuse(['spec', 'seeding'], `uses ${names.length} classes; at most ${CLASSES_MAX} are allowed`)
  }
  for (const name of Object.keys(given).filter((each) => !names.includes(each))) {
    const meant = nearest(name, names)
    const path = ['spec', 'physics', 'windage', name]
    if (meant === undefined) notes.push(`no seeding entry has class ${name}: it is left out`)
    else refuse(path, `no seeding entry has this class; did you mean ${meant}?`)
  }
  return names.map((name) => {
    const own = Object.hasOwn(given, name) ? given[name] : undefined
    if (own !== undefined) return { name, windage: own }
    const byName = Object.hasOwn(WINDAGE_BY_NAME, name) ? WINDAGE_BY_NAME[name] : undefined
    if (byName === undefined) {
      const index = spec.seeding.findIndex((entry) => entry.class === name)
      const known = [...Object.keys(WINDAGE_BY_NAME), ...Object.keys(given)]
      const meant = nearest(name, known)
      refuse(
        ['spec', 'seeding', index, 'class'],
        `class ${name} has no windage; ` +
          (meant === undefined ? 'give it one in physics.windage' : `did you mean ${meant}?`)
      )
      return { name, windage: [0, 0] }
    }
    notes.push(`windage of class ${name}: ${byName} (default by name)`)
    return { name, windage: [byName, byName] }
  })
}

function checkPoint(point: readonly [number, number], spec: Spec): string | undefined {
  if (spec.metric === 'flat') return undefined
  const [lon, lat] = point
  if (Math.abs(lat) > 90) {
    return `latitude ${lat} is beyond 90 degrees; points are [lon, lat]`
  }
  return lon < -360 || lon > 360 ? `longitude ${lon} is not from -360 to 360 degrees` : undefined
}

function readSeeding(
  spec: Spec,
  classes: readonly WindageClass[],
  source: YamlSource,
  refuse: Refuse
): SeedingEntry[] {
  const total = spec.seeding.reduce((sum, entry) => sum + entry.particles, 0)
  if (total > PARTICLES_MAX) {
    refuse(['spec', 'seeding'], `asks for ${total} particles; at most ${PARTICLES_MAX} are allowed`)
  }
  return spec.seeding.map((entry, index) => {
    const path = ['spec', 'seeding', index]
    entry.at.forEach((point, at) => {
      const problem = checkPoint(point, spec)
      if (problem !== undefined) refuse([...path, 'at', at], problem)
    })
    const name = entry.class ?? DEFAULT_CLASS
    return {
      points: entry.at,
      markOfPoint: (at: number): Mark => source.markOf([...path, 'at', at]),
      particleCount: entry.particles,
      radiusMetres: entry.radius,
      releaseSeconds: entry.release ?? spec.start,
      classIndex: classes.findIndex((each) => each.name === name)
    }
  })
}

/** The definition a file means, with what is wrong between its values. */
export function applyRules(
  file: ForecastFile,
  source: YamlSource,
  where: { readonly file: string; readonly baseDir: string }
): { definition: ForecastDefinition; problems: Problem[] } {
  const { spec, metadata } = file
  const problems: Problem[] = []
  const notes: string[] = []
  const { density, tracks } = spec.products
  const refuse: Refuse = (path, message) =>
    problems.push({ path, mark: source.markOf(path), message })
  checkTimes(spec, refuse)
  const forcing = readForcingEntries(spec, source, refuse)
  const classes = readClasses(spec, refuse, notes)
  const seeding = readSeeding(spec, classes, source, refuse)
  const drift = readDrift(spec, classes, refuse, notes)
  const total = seeding.reduce((sum, entry) => sum + entry.particleCount, 0)
  if (spec.metric !== 'flat' && (density.resolution ?? 0) > RESOLUTION_DEGREES_MAX) {
    const path = ['spec', 'products', 'density', 'resolution']
    refuse(path, `must be at most ${RESOLUTION_DEGREES_MAX} degrees`)
  }
  const { perturb } = spec.ensemble
  const { unitParticles, window } = spec.mesh
  const definition: ForecastDefinition = {
    ...where,
    name: metadata.name,
    title: metadata.title ?? metadata.name,
    institution: metadata.institution,
    license: metadata.license,
    startSeconds: spec.start,
    durationSeconds: Math.abs(spec.duration),
    isBackward: spec.duration < 0,
    ...(spec.step === undefined ? {} : { stepSeconds: spec.step }),
    outputSeconds: outputOf(spec),
    metric: spec.metric,
    forcing,
    ...(spec.grid === undefined ? {} : { gridName: spec.grid }),
    ...(spec.land.coastline === undefined ? {} : { coastline: spec.land.coastline }),
    seeding,
    physics: drift.physics,
    classes: drift.classes,
    rises: drift.rises,
    water: spec.physics.water,
    perturb: {
      currentFactor: perturb.currentFactor,
      windageFactor: perturb.windageFactor,
      diffusivityFactor: perturb.diffusivityFactor,
      releaseSeconds: perturb.releaseTime ?? 0
    },
    memberCount: spec.ensemble.members,
    rngSeed: spec.ensemble.rngSeed,
    ...(density.resolution === undefined ? {} : { densityResolution: density.resolution }),
    trackedCount: Math.min(tracks?.particles ?? 0, total),
    mesh: {
      policy: spec.mesh.policy,
      // Of policy throughput one operator is enough, unless the lot wants a second.
      quorum: spec.mesh.policy === 'throughput' ? 1 : spec.mesh.quorum,
      ...(unitParticles === undefined ? {} : { unitParticles }),
      ...(window === undefined ? {} : { windowSeconds: window }),
      deadlineSeconds: spec.mesh.deadline,
      priority: spec.mesh.priority
    },
    markOf: (path) => source.markOf(path),
    notes
  }
  return { definition, problems }
}
