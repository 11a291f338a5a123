/**
 * Every adapter's file behind the limits: what it states about itself is checked once when it is
 * opened, what is asked of it before each read.
 */
import { type DataFile, type DataVariable, type Range, unreadable } from './data-file.ts'
import { BOX_NUMBERS_MAX, RANK_MAX, VARIABLES_MAX } from './limits.ts'

/** @throws MeshError `forcing/unreadable` when the file states what no data file does */
export async function bounded(opened: DataFile): Promise<DataFile> {
  const problem = problemOf(opened)
  if (problem !== undefined) {
    await opened.close()
    throw unreadable(opened.file, problem, 'fetch it again')
  }
  const { file, format, variables } = opened
  return {
    file,
    format,
    variables,
    read: async (name, ranges, signal) => {
      signal?.throwIfAborted()
      const variable = variables.get(name)
      if (variable === undefined) throw new RangeError(`no variable ${name} in ${file}`)
      checkBox(file, variable, ranges)
      return await opened.read(name, ranges, signal)
    },
    close: () => opened.close()
  }
}

function problemOf({ variables }: DataFile): string | undefined {
  if (variables.size > VARIABLES_MAX) {
    return `states ${variables.size} variables (at most ${VARIABLES_MAX} are read)`
  }
  for (const { name, dimensions } of variables.values()) {
    if (dimensions.length > RANK_MAX) return `states ${dimensions.length} dimensions of ${name}`
    for (const { count } of dimensions) {
      if (!Number.isSafeInteger(count) || count < 0) return `states ${count} values along ${name}`
    }
  }
  return undefined
}

function checkBox(file: string, { name, dimensions }: DataVariable, ranges: readonly Range[]) {
  if (ranges.length !== dimensions.length) throw new RangeError(`a box of ${name} in ${file}`)
  let numbers = 1
  for (const [index, [first, count]] of ranges.entries()) {
    const size = dimensions[index]?.count ?? 0
    if (!(first >= 0 && count >= 0 && first + count <= size)) {
      throw new RangeError(`${first} + ${count} of ${size} along ${name} in ${file}`)
    }
    numbers *= count
  }
  if (numbers > BOX_NUMBERS_MAX) {
    const shape = ranges.map(([, count]) => count).join(' x ')
    const what = `${name} has ${shape} values in one piece, above the limit of ${BOX_NUMBERS_MAX}`
    throw unreadable(file, what, 'cut out the region you need: ncks -d lon,W.,E. -d lat,S.,N.')
  }
}
