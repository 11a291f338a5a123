/**
 * `npm run forcing-table`: what is understood of every file of the shared data, with check values
 * compared with an independent reader, as a table in node/forcing/README.md. Ends with 1 when a
 * value differs.
 */
import { readdirSync } from 'node:fs'
import { dirname, extname, join, relative, resolve } from 'node:path'
import { type Answer, independently } from './forcing/independent.ts'
import { type Check, dayOf, type UnderstoodFile, understood } from './forcing/understood.ts'
import { tableOf, writeSection } from './report/readme-table.ts'

/** Values are stored in 32 bits at most; sums gather their rounding. */
const RELATIVE_MAX = 1e-6
/** Times of 32 bits are rounded to minutes. */
const SECONDS_MAX = 60

const root = resolve(
  process.env.DRIFTMESH_DATA ?? resolve(import.meta.dirname, '../../shared/data')
)

interface Row {
  readonly files: string[]
  readonly text: string
  grid: string
  first: number
  last: number
  timeCount: number
  checks: Check[]
  timesToAsk: { question: { file: string; times: string }; first: number; last: number }[]
}

const files = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name))
  .sort()
const all: UnderstoodFile[] = []
for (const file of files) all.push(await understood(file))
const rows = rowsOf(all)
const checks = [...rows.values()].flatMap((row) => row.checks)
const asked = [...rows.values()].flatMap((row) => row.timesToAsk)
const answers = independently([
  ...checks.map(({ question }) => question),
  ...asked.map(({ question }) => question)
])
if (answers === undefined) {
  console.log('no /usr/bin/python3 with netCDF4 (Debian: apt-get install python3-netcdf4)')
  process.exit(2)
}
const differences = [
  ...checks.flatMap((check, at) => differenceOf(check, answers[at] ?? {})),
  ...asked.flatMap((time, at) => timeDifference(time, answers[checks.length + at] ?? {}))
]
for (const difference of differences) console.log(difference)
const note =
  `${checks.length} boxes (first and last time of every component of every file) and ` +
  `${asked.length} time axes compared with netCDF4-python: ${differences.length} differ.`
writeSection('forcing-table', `${table()}\n\n${note}`, 'node/forcing/README.md')
console.log(note)
if (differences.length > 0) process.exitCode = 1

/** Files of one folder that are understood alike stand together. */
function rowsOf(understoodFiles: readonly UnderstoodFile[]): Map<string, Row> {
  const found = new Map<string, Row>()
  for (const { file, fields, reason } of understoodFiles) {
    const place = `${dirname(file)} ${extname(file)}`
    for (const field of fields) {
      const key = `${place} ${field.signature}`
      const row = rowFor(found, key, field.text, field.grid)
      row.files.push(file)
      row.first = Math.min(row.first, field.firstSeconds)
      row.last = Math.max(row.last, field.lastSeconds)
      row.timeCount += field.timeCount
      row.checks.push(...field.checks)
      if (field.timeQuestion !== undefined && 'times' in field.timeQuestion) {
        const { firstSeconds: first, lastSeconds: last, timeQuestion: question } = field
        row.timesToAsk.push({ question, first, last })
      }
    }
    if (fields.length === 0) rowFor(found, `${place} ${reason}`, reason, '').files.push(file)
  }
  return found
}

function rowFor(found: Map<string, Row>, key: string, text: string, grid: string): Row {
  const row = found.get(key) ?? {
    files: [],
    text,
    grid,
    first: Number.POSITIVE_INFINITY,
    last: Number.NEGATIVE_INFINITY,
    timeCount: 0,
    checks: [],
    timesToAsk: []
  }
  found.set(key, row)
  return row
}

function differenceOf(check: Check, answer: Answer): string[] {
  const { question, factor } = check
  const variable = 'variable' in question ? question.variable : ''
  const where = `${relative(root, question.file)} ${variable}`
  if (answer.error !== undefined) return [`${where}: ${answer.error}`]
  if (answer.count !== check.count) return [`${where}: ${check.count} values, not ${answer.count}`]
  if (check.count === 0) return []
  const scale = Math.max(Math.abs(check.min), Math.abs(check.max), 1e-9)
  const isNear = (ours: number, theirs = Number.NaN, size = scale): boolean =>
    Math.abs(ours - theirs * factor) <= RELATIVE_MAX * size
  const isSame =
    isNear(check.min, answer.min) &&
    isNear(check.max, answer.max) &&
    isNear(check.sum, answer.sum, scale * check.count)
  const { count: _count, ...theirs } = answer
  const ours = { sum: check.sum, min: check.min, max: check.max }
  return isSame ? [] : [`${where}: ${JSON.stringify(ours)}, not ${JSON.stringify(theirs)}`]
}

function timeDifference({ question, first, last }: Row['timesToAsk'][number], answer: Answer) {
  const where = `${relative(root, question.file)} ${question.times}`
  if (answer.error !== undefined) return [`${where}: ${answer.error}`]
  const isSame =
    Math.abs(first - (answer.first ?? Number.NaN)) <= SECONDS_MAX &&
    Math.abs(last - (answer.last ?? Number.NaN)) <= SECONDS_MAX
  return isSame ? [] : [`${where}: ${first} to ${last}, not ${answer.first} to ${answer.last}`]
}

function table(): string {
  const head = ['file', 'understood as', 'grid', 'times (UTC)', 'values', 'sum', 'min', 'max']
  return tableOf(
    head,
    [...rows.values()].map((row) => {
      const [first = ''] = row.files
      const name = relative(root, first)
      const others = row.files.length > 1 ? ` and ${row.files.length - 1} more` : ''
      const text = row.text.replaceAll('|', '\\|').replaceAll('\n', ' ')
      if (row.checks.length === 0) return [`${name}${others}`, text, '', '', '', '', '', '']
      const count = row.checks.reduce((total, check) => total + check.count, 0)
      const sum = row.checks.reduce((total, check) => total + check.sum, 0)
      const min = Math.min(...row.checks.map((check) => check.min))
      const max = Math.max(...row.checks.map((check) => check.max))
      const times = `${dayOf(row.first)} to ${dayOf(row.last)}, ${row.timeCount}`
      const figures = [sum, min, max].map((value) => Number(value.toPrecision(6)).toString())
      return [`${name}${others}`, text, row.grid, times, String(count), ...figures]
    })
  )
}
