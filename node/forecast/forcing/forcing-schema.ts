/**
 * The forcing part of a forecast file: data sets by role, the first of a role counting most, how
 * each is read, and what is done where one ends.
 */
import { z } from 'zod'
import { TEXT_MAX } from '../../../protocol/limits.ts'
import { className, duration, map, number, oneOf, says, text, whole } from '../schema-parts.ts'

/** A pattern may have to list every file of a set: `folder/{one,two,…}`. */
const SOURCE_MAX = 64 * 1024
/** Cells over which a set may give way to the next: farther in it would not count at all. */
const BLEND_CELLS_MAX = 100
/** Held as long as it takes: longer than any forecast. */
const ALWAYS_SECONDS = Number.MAX_SAFE_INTEGER

const variableMap = map(
  { u: className.optional(), v: className.optional(), value: className.optional() },
  'a map { u: NAME, v: NAME }, of a scalar { value: NAME }'
)

const persist = z.union(
  [z.literal(true).transform(() => ALWAYS_SECONDS), duration],
  says('true or an ISO 8601 duration such as PT6H')
)

const entry = map(
  {
    role: oneOf('current', 'wind', 'stokes', 'diffusivity', 'wavePeriod'),
    source: text(SOURCE_MAX).min(1, 'must name a file, a folder or a pattern'),
    name: text(64)
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'must be of letters, digits, . _ and -')
      .optional(),
    /** What a current is derived from, where it is not given itself. */
    from: oneOf('seaLevel').optional(),
    depth: number(0, 12_000).optional(),
    /** Values of dimensions that are neither place, time nor depth. */
    select: z.record(className, z.number(), says('a map { DIMENSION: VALUE }')).optional(),
    map: variableMap.optional(),
    maxGap: duration.optional(),
    persist: persist.optional(),
    missing: oneOf('land', 'gap').optional(),
    blend: whole(0, BLEND_CELLS_MAX).optional(),
    attribution: text(TEXT_MAX).optional()
  },
  'a map with role and source'
)

export const forcingList = z
  .array(entry, says('a list of forcing entries'))
  .min(1, 'must not be empty')

/** Whose nodes the forecast uses: `extended`, or the name of a current. */
export const gridName = text(64).optional()

/** The land of the model refined by a coastline: the built-in one or a file. */
export const land = map({ coastline: text(SOURCE_MAX).optional() }).prefault({})
