/**
 * A YAML file as a plain value plus where everything in it stands, so that a message about
 * `spec.seeding[0].at[1]` can start with `file:line:col`.
 */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLError
} from 'yaml'
import type { Mark } from './definition.ts'

export type Path = readonly (string | number)[]

export interface YamlSource {
  readonly value: unknown
  /** Where the value at a path stands; of an absent one, where the map stands that lacks it. */
  markOf(path: Path): Mark
  /** Where the key of a path stands. */
  markOfKey(path: Path): Mark
}

/** `spec.seeding[0].at` */
const pathText = (path: Path): string =>
  path
    .map((part, index) =>
      typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`
    )
    .join('')

interface Found {
  readonly offset: number
  readonly keyOffset: number
}

/** An empty value has no place, and a block collection starts lines below its key. */
const isBesideKey = (node: Node | undefined): boolean =>
  isMap(node) || isSeq(node) ? node.flow === true : node?.range?.[0] !== node?.range?.[1]

/** Key and value nodes of one part of a path, if the node has them. */
function childOf(
  node: Node | undefined,
  part: string | number
): [Node, Node | undefined] | undefined {
  if (isMap(node)) {
    const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === part)
    return pair && [pair.key as Node, (pair.value as Node | null) ?? undefined]
  }
  const item = isSeq(node) && typeof part === 'number' ? (node.items[part] as Node) : undefined
  return item && [item, item]
}

/** Offsets of the value at `path` and of its key; the deepest ancestor's where it is absent. */
function find(root: Node | null, path: Path, resolve: (node: Node) => Node | undefined): Found {
  let node: Node | undefined = root ?? undefined
  let offset = root?.range?.[0] ?? 0
  let keyOffset = offset
  for (const part of path) {
    const child = childOf(node && resolve(node), part)
    if (child === undefined) break
    const [key, value] = child
    keyOffset = key.range?.[0] ?? keyOffset
    offset = isBesideKey(value) ? (value?.range?.[0] ?? keyOffset) : keyOffset
    node = value
  }
  return { offset, keyOffset }
}

/**
 * The first syntax error: what follows it mostly follows from it. The reader's words are kept
 * where they are meant for people.
 */
function syntaxProblem(errors: readonly YAMLError[]): { at: number; message: string } | undefined {
  const [first] = [...errors].sort((a, b) => a.pos[0] - b.pos[0])
  if (first === undefined) return undefined
  const at = first.pos[0]
  const message = first.message.split('\n')[0] ?? ''
  if (/call stack|stack overflow/i.test(errors.map((error) => error.message).join())) {
    return { at, message: 'is nested too deeply for a forecast file' }
  }
  if (first.code === 'MULTIPLE_DOCS') {
    return { at, message: 'a second document begins here; one file is one forecast' }
  }
  return { at, message: first.code === 'DUPLICATE_KEY' ? 'this key stands above already' : message }
}

/** Reads YAML text; `problems` is `file:line:col message` per syntax error. */
export function readYaml(text: string, file: string): YamlSource | { problems: string[] } {
  const lineCounter = new LineCounter()
  const doc = parseDocument(text, { lineCounter, prettyErrors: false, strict: true })
  const place = (offset: number): string => {
    const { line, col } = lineCounter.linePos(offset)
    return `${file}:${line}:${col}`
  }
  const problem = syntaxProblem([...doc.errors, ...doc.warnings])
  if (problem !== undefined) return { problems: [`${place(problem.at)} ${problem.message}`] }
  let value: unknown
  try {
    value = doc.toJS({ maxAliasCount: 100 })
  } catch (error) {
    // The reader refuses an alias without anchor and a file that unfolds to far more than it is.
    const message = error instanceof Error ? error.message : String(error)
    const name = /^Unresolved alias .*: (.*)$/.exec(message)?.[1]
    const at = name === undefined ? -1 : text.indexOf(`*${name}`)
    const plain = name === undefined ? 'its aliases unfold to too much' : `no anchor &${name}`
    return { problems: [`${place(Math.max(0, at))} ${plain}`] }
  }
  const resolve = (node: Node): Node | undefined => (isAlias(node) ? node.resolve(doc) : node)
  const at = (path: Path): Found => find(doc.contents as Node | null, path, resolve)
  const mark = (path: Path, offset: number): Mark => ({
    place: place(offset),
    path: pathText(path),
    offset
  })
  return {
    value,
    markOf: (path) => mark(path, at(path).offset),
    markOfKey: (path) => mark(path, at(path).keyOffset)
  }
}
