/**
 * The forecast definition: what a person writes in YAML, read into one typed object in model
 * units (seconds, metres, degrees). Every value keeps where it stood in the file, so that a later
 * refusal (a point on land, a step too long) can still name `file:line:col path`.
 */

import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ParticleClass, Physics } from '../../protocol/work-unit.ts'
import { MeshError } from '../mesh-error.ts'
import { applyRules } from './definition-rules.ts'
import { forecastFile } from './definition-schema.ts'
import type { RiseRequest } from './drift/physics-rules.ts'
import { findLaterFeatures, type LaterFeature } from './later-features.ts'
import { type Problem, schemaProblems } from './schema-errors.ts'
import { type Path, readYaml, type YamlSource } from './source-map.ts'

/** A forecast file larger than this is a data file given by mistake. */
const FILE_BYTES_MAX = 64 * 1024 * 1024

/** Where a value stands: the start of every message about it, `file:line:col path`. */
export interface Mark {
  readonly place: string
  readonly path: string
  /** Characters before it: the order of messages. */
  readonly offset: number
}

type ForcingRole = 'current' | 'wind' | 'stokes' | 'diffusivity' | 'wavePeriod'

export interface ForcingEntry {
  readonly role: ForcingRole
  /** File, folder or glob, relative to the folder of the forecast file. */
  readonly source: string
  readonly depthMetres?: number
  readonly select?: Readonly<Record<string, number>>
  /** The current is derived from the sea level, in geostrophic balance. */
  readonly from?: 'seaLevel'
  readonly map?: { readonly u: string; readonly v: string } | { readonly value: string }
  /** What this data set is called, where several serve a role. */
  readonly name?: string
  readonly maxGapSeconds?: number
  readonly persistSeconds?: number
  readonly missing?: 'land' | 'gap'
  readonly blendCells?: number
  readonly attribution?: string
  readonly mark: Mark
}

/** `particleCount` particles dealt round-robin over `points`, each within `radiusMetres`. */
export interface SeedingEntry {
  /** [lon, lat] in degrees ([x, y] in metres on the flat metric). */
  readonly points: readonly (readonly [number, number])[]
  readonly markOfPoint: (index: number) => Mark
  readonly particleCount: number
  readonly radiusMetres: number
  readonly releaseSeconds: number
  /** Index in `classes`. */
  readonly classIndex: number
}

export interface ForecastDefinition {
  readonly file: string
  /** Folder that sources are relative to. */
  readonly baseDir: string
  readonly name: string
  readonly title: string
  readonly institution: string
  readonly license: string
  readonly startSeconds: number
  /** Length of the forecast, whichever way it runs. */
  readonly durationSeconds: number
  /** Backtracking: from the start into the past. */
  readonly isBackward: boolean
  /** Absent: chosen by the planner. */
  readonly stepSeconds?: number
  readonly outputSeconds: number
  readonly metric: 'wgs84' | 'sphere1852' | 'flat'
  /** By role the data set that counts most comes first. */
  readonly forcing: readonly ForcingEntry[]
  /** Of several currents: the name of the one whose nodes are used, or `extended`. */
  readonly gridName?: string
  /** `builtin` or a file, relative to `baseDir`. */
  readonly coastline?: string
  readonly seeding: readonly SeedingEntry[]
  readonly physics: Physics
  readonly classes: readonly ParticleClass[]
  /** Classes whose rise velocity follows from their size and density. */
  readonly rises: readonly RiseRequest[]
  /** Degrees Celsius, practical salinity, kg/m³. */
  readonly water: {
    readonly temperature: number
    readonly salinity: number
    readonly density: number
  }
  /** Standard deviations of the members' factors around 1; the greatest delay of releases. */
  readonly perturb: {
    readonly currentFactor: number
    readonly windageFactor: number
    readonly diffusivityFactor: number
    readonly releaseSeconds: number
  }
  readonly memberCount: number
  /** 64-bit random seed as [high, low] words. */
  readonly rngSeed: readonly [number, number]
  /** Degrees (metres on the flat metric); absent: chosen by the planner. */
  readonly densityResolution?: number
  readonly trackedCount: number
  readonly mesh: {
    readonly policy: 'quorum' | 'throughput'
    readonly quorum: number
    /** Absent: chosen by the planner. */
    readonly unitParticles?: number
    /** Absent: one window. */
    readonly windowSeconds?: number
    readonly deadlineSeconds: number
    readonly priority: number
  }
  /** Where a value stands in the file. */
  readonly markOf: (path: Path) => Mark
  /** Decisions the reader of the file took, one sentence each. */
  readonly notes: readonly string[]
}

const line = ({ mark, message }: { mark: Mark; message: string }): string =>
  [mark.place, mark.path, message].filter((part) => part !== '').join(' ')

const isInside = (path: Path, outer: Path): boolean =>
  outer.every((part, index) => path[index] === part)

/** A failure whose message is one line per problem, in the order of the file. */
export function definitionError(
  code: 'forecast/invalid' | 'forecast/unsupported' | 'plan/refused',
  problems: readonly { readonly mark: Mark; readonly message: string }[]
): MeshError {
  // One wrong number can break several rules of one message.
  const lines = [...new Set(problems.map(line))]
  return new MeshError(code, lines.join('\n'), { detail: { lines } })
}

/** What is wrong and not inside a feature of a later version, then those features. */
function failures(
  problems: readonly Problem[],
  later: readonly LaterFeature[],
  source: YamlSource
): MeshError | undefined {
  const wrong = problems.filter(({ path }) => !later.some(({ covers }) => isInside(path, covers)))
  const unsupported = later.map(({ path, message }) => ({ mark: source.markOf(path), message }))
  const all = [...wrong, ...unsupported].sort((a, b) => a.mark.offset - b.mark.offset)
  if (all.length === 0) return undefined
  return definitionError(wrong.length > 0 ? 'forecast/invalid' : 'forecast/unsupported', all)
}

/**
 * The definition that `text` means; `file` names it in messages.
 * @throws MeshError `forecast/invalid` with one line `file:line:col path message` per error,
 *   `forecast/unsupported` with one such line per feature of a later version
 */
export function parseForecast(text: string, file: string): ForecastDefinition {
  const source = readYaml(text, file)
  if ('problems' in source) {
    throw new MeshError('forecast/invalid', source.problems.join('\n'), {
      detail: { lines: source.problems }
    })
  }
  const later = findLaterFeatures(source.value)
  const parsed = forecastFile.safeParse(source.value, { reportInput: true })
  const { definition, problems } = parsed.success
    ? applyRules(parsed.data, source, { file, baseDir: dirname(file) })
    : { problems: schemaProblems(forecastFile, parsed.error, source) }
  const failure = failures(problems, later, source)
  if (failure !== undefined) throw failure
  if (definition === undefined) throw new Error('a refused file has problems or later features')
  return definition
}

/** Reads a forecast file. @throws MeshError as {@link parseForecast} */
export async function readForecastFile(path: string): Promise<ForecastDefinition> {
  let bytes: Buffer
  try {
    bytes = await readFile(path)
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    const why = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${String(code)})`
    throw new MeshError('forecast/invalid', `${path}: ${why}; give the path of a forecast file`, {
      cause
    })
  }
  if (bytes.length > FILE_BYTES_MAX) {
    throw new MeshError(
      'forecast/invalid',
      `${path}: is ${bytes.length} bytes; not a forecast file`
    )
  }
  return parseForecast(bytes.toString('utf8'), path)
}
