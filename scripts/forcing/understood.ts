/** What our readers make of one file: fields with their check values, or the reason for none. */
import type { FieldInFile, Wish } from '../../node/forcing/meaning/field.ts'
import { columnsOf, isNodeGrid, rowsOf } from '../../node/forcing/meaning/grid.ts'
import { isoTime } from '../../node/forcing/meaning/time-axis.ts'
import { understandFile } from '../../node/forcing/meaning/understand.ts'
import type { DataFile, Range } from '../../node/forcing/read/data-file.ts'
import { openDataFile } from '../../node/forcing/read/open-data-file.ts'
import { isMeshError } from '../../node/mesh-error.ts'
import type { Question } from './independent.ts'

/** A box of a variable in SI units: the first or the last time at the level that is used. */
export interface Check {
  readonly question: Question
  readonly factor: number
  readonly count: number
  readonly sum: number
  readonly min: number
  readonly max: number
}

export interface UnderstoodField {
  /** What two files must share to stand in one row. */
  readonly signature: string
  readonly text: string
  readonly grid: string
  readonly firstSeconds: number
  readonly lastSeconds: number
  readonly timeCount: number
  readonly checks: readonly Check[]
  readonly timeQuestion?: Question
}

export interface UnderstoodFile {
  readonly file: string
  readonly fields: readonly UnderstoodField[]
  /** Where there is no field. */
  readonly reason: string
}

export async function understood(path: string): Promise<UnderstoodFile> {
  let file: DataFile
  try {
    file = await openDataFile(path)
  } catch (error) {
    if (!isMeshError(error)) throw error
    return { file: path, fields: [], reason: error.message.replace(`${path}: `, '') }
  }
  try {
    const { fields, problems, others } = await understandFile(file, { isFlat: false })
    const found: UnderstoodField[] = []
    // Sea level becomes a current only where the forecast says so.
    const height: Wish = { role: 'current', from: 'seaLevel', isFlat: false }
    const derived = fields.length > 0 ? [] : (await understandFile(file, height)).fields
    for (const field of [...fields, ...derived]) found.push(await describeField(file, field))
    const told = problems.map(({ role, error }) => `${role}: ${error.message}`)
    const none = `no current, wind or waves among ${others.slice(0, 8).join(', ')}`
    const reason = (told.length > 0 ? told.join('; ') : none).replaceAll(`${path}: `, '')
    return { file: path, fields: found, reason }
  } finally {
    await file.close()
  }
}

async function describeField(file: DataFile, field: FieldInFile): Promise<UnderstoodField> {
  const { grid, times, components, depthUsedMetres, isAlongGrid, from, role } = field
  const entries = Object.values(field.components)
  const names = [...new Set(entries.map(({ variable }) => variable.name))]
  const level =
    depthUsedMetres === undefined ? '' : ` at ${Number(depthUsedMetres.toPrecision(4))} m`
  const kind = isNodeGrid(grid) ? `${grid.name}, ` : ''
  const along = isNodeGrid(grid) && isAlongGrid ? ', along the grid' : ''
  const gridText = `${kind}${columnsOf(grid)} × ${rowsOf(grid)}`
  const text = `${from ?? role}: ${names.join(', ')}${level}${along}`
  const sorted = [...times].sort((a, b) => a - b)
  const [one] = entries
  const time = one?.variable.dimensions[one.timeDimension]?.name
  const checks: Check[] = []
  for (const component of new Map(entries.map((e) => [e.variable.name, e])).values()) {
    for (const timeIndex of new Set([0, times.length - 1])) {
      checks.push(await check(file, component, timeIndex))
    }
  }
  return {
    signature: `${text} ${gridText} ${Object.keys(components).join()}`,
    text,
    grid: gridText,
    firstSeconds: sorted[0] ?? 0,
    lastSeconds: sorted.at(-1) ?? 0,
    timeCount: times.length,
    checks,
    ...(time !== undefined && file.variables.has(time)
      ? { timeQuestion: { file: file.file, times: time } }
      : {})
  }
}

type Component = NonNullable<FieldInFile['components']['u']>

async function check(
  file: DataFile,
  { variable, ranges, timeDimension, unpack, metresPerSecondFactor }: Component,
  timeIndex: number
): Promise<Check> {
  const box = ranges.map((range, at): Range => (at === timeDimension ? [timeIndex, 1] : range))
  const stored = await file.read(variable.name, box)
  const values = new Float64Array(stored.length)
  unpack(stored, values)
  const present = values.filter((value) => !Number.isNaN(value))
  return {
    question: { file: file.file, variable: variable.name, ranges: box },
    factor: metresPerSecondFactor,
    count: present.length,
    sum: present.reduce((total, value) => total + value, 0),
    min: present.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY),
    max: present.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY)
  }
}

export const dayOf = (seconds: number): string => isoTime(seconds).replace(/:00Z$/, 'Z')
