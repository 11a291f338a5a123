/**
 * What zod found wrong with a forecast file, as placed one-line messages; an unknown key is
 * compared with the keys its map may have.
 */
import { z } from 'zod'
import type { Mark } from './definition.ts'
import type { Path, YamlSource } from './source-map.ts'
import { nearest } from './suggestion.ts'

export interface Problem {
  readonly path: Path
  readonly mark: Mark
  readonly message: string
}

/** The schema inside defaults and optionals. */
function inner(schema: z.core.$ZodType): z.core.$ZodType {
  let current = schema
  while (
    current instanceof z.ZodOptional ||
    current instanceof z.ZodDefault ||
    current instanceof z.ZodPrefault
  ) {
    current = current.unwrap()
  }
  return current
}

/** Keys that the map at `path` may have. */
function keysAt(root: z.core.$ZodType, path: Path): string[] {
  let schema = inner(root)
  for (const part of path) {
    if (schema instanceof z.ZodObject) {
      const child: z.core.$ZodType | undefined = schema.shape[part]
      if (child === undefined) return []
      schema = inner(child)
    } else if (schema instanceof z.ZodArray) schema = inner(schema.element)
    else return []
  }
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
}

function unknownKey(key: string, known: readonly string[]): string {
  const meant = nearest(key, known)
  return meant === undefined
    ? `unknown key; here it may be ${known.join(', ')}`
    : `unknown key; did you mean ${meant}?`
}

/** Zod's issues as problems, several for one issue that names several keys. */
export function schemaProblems(
  schema: z.core.$ZodType,
  error: z.core.$ZodError,
  source: YamlSource
): Problem[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))
    if (issue.code !== 'unrecognized_keys') {
      return [{ path, mark: source.markOf(path), message: issue.message }]
    }
    const known = keysAt(schema, path)
    return issue.keys.map((key) => ({
      path: [...path, key],
      mark: source.markOfKey([...path, key]),
      message: unknownKey(key, known)
    }))
  })
}
