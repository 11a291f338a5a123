/**
 * One set of the catalogue: its files with their digests, and where they come from. The wall clock
 * of `fetchedAt` stays here; what travels into forecasts is `creditOf`, a function of the data.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { MeshError } from '../../mesh-error.ts'

/** Longer names are no names; they become file names. */
const NAME_MAX = 64
const NAME = new RegExp(`^[a-z0-9][a-z0-9._-]{0,${NAME_MAX - 1}}$`)
/** A credit line of a plan holds 1024 characters (protocol/limits.ts), this and the rest of it. */
const ATTRIBUTION_MAX = 600
const TEXT_MAX = 200
/** Files of one set; a set is one JSON document. */
const FILES_MAX = 100_000
/** What goes before the name where a forecast file names a source. */
const SCHEME = 'data:'

const text = z.string().max(TEXT_MAX)
const setFile = z.strictObject({
  /** Absolute. */
  path: z.string().min(1),
  url: z.string().optional(),
  bytes: z.number().int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/)
})

export const dataSetShape = z.strictObject({
  kind: z.literal('driftmesh/data-set/v1'),
  name: z.string().regex(NAME),
  title: text.optional(),
  source: z.strictObject({
    kind: z.enum(['erddap', 'opendap', 'http', 'import']),
    /** The server, or the place of a single file; no secrets in it. */
    url: z.string().optional(),
    dataset: z.string().optional(),
    preset: z.string().optional()
  }),
  /** What was asked of the source: box, times, variables. */
  request: z.record(z.string(), z.string()),
  /** ISO 8601. */
  fetchedAt: z.string(),
  license: text.optional(),
  attribution: z.string().max(ATTRIBUTION_MAX).optional(),
  /** What the set can feed, as its preset says; the files decide. */
  roles: z.array(text),
  files: z.array(setFile).max(FILES_MAX)
})

export type DataSet = z.infer<typeof dataSetShape>
export type SetSource = DataSet['source']['kind']
export type SetFile = DataSet['files'][number]

/** @throws MeshError cli/usage */
export function checkSetName(name: string): string {
  if (NAME.test(name)) return name
  throw new MeshError(
    'cli/usage',
    `"${name}" is no name of a set: use up to ${NAME_MAX} of a-z, 0-9, point, hyphen, underscore`
  )
}

/** A name made of any text. */
export const setNameOf = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, NAME_MAX)
    .replace(/[^a-z0-9]+$/, '') || 'set'

interface Credits {
  readonly title?: string | undefined
  readonly attribution?: string | undefined
  readonly license?: string | undefined
}

/**
 * What the user says goes before what the data set says of itself, which is cut to fit.
 * @throws MeshError cli/usage when the user's text is longer than the catalogue keeps
 */
export function creditsFor(user: Credits, own: Credits = {}) {
  const pick = (key: keyof Credits, most: number): Record<string, string> => {
    const said = user[key]
    if ((said ?? '').length > most) {
      throw new MeshError('cli/usage', `--${key} has more than ${most} characters: shorten it`)
    }
    const text = said ?? own[key]?.slice(0, most)
    return text === undefined ? {} : { [key]: text }
  }
  return {
    ...pick('title', TEXT_MAX),
    ...pick('attribution', ATTRIBUTION_MAX),
    ...pick('license', TEXT_MAX)
  }
}

/** The set that a forecast's source names as `data:NAME`, if it names one. */
export const namedSet = (source: string): string | undefined =>
  source.startsWith(SCHEME) ? source.slice(SCHEME.length).trim() : undefined

/** One digest for all bytes of a set, whatever its files are called. */
export function setDigest(files: readonly SetFile[]): string {
  const hash = createHash('sha256')
  for (const digest of files.map(({ sha256 }) => sha256).sort()) hash.update(digest)
  return hash.digest('hex')
}

function hostOf(url: string | undefined): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined
  return new URL(url).host
}

/** The line that a forecast made with the set carries: the same for the same data and credits. */
export function creditOf(set: DataSet): string {
  const { title, source, license, attribution, files } = set
  const host = hostOf(source.url)
  const what = title ?? source.dataset ?? set.name
  const parts = [
    attribution ?? what,
    ...(source.dataset === undefined ? [] : [`dataset ${source.dataset.slice(0, TEXT_MAX)}`]),
    ...(host === undefined ? [] : [`from ${host}`]),
    ...(license === undefined ? [] : [`licence ${license}`]),
    `sha256 ${setDigest(files)}`
  ]
  return parts.join('; ').slice(0, 1024)
}
