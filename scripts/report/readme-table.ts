/** Tables in READMEs, each between two markers that name who writes it. */
import { readFileSync, writeFileSync } from 'node:fs'

const ROOT = new URL('../../', import.meta.url)

/** A Markdown table; numbers stand right. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const isNumeric = (column: number): boolean =>
    rows.every((row) => /^[<≤≥×\d–-]/.test(row[column] ?? '–'))
  const rule = head.map((_, column) => (column > 0 && isNumeric(column) ? '--:' : '---'))
  return [line(head), line(rule), ...rows.map(line)].join('\n')
}

/** Replaces what stands between the markers of `name`; they must be there. */
export function writeSection(name: string, text: string, file = 'kernel/README.md'): void {
  const open = `<!-- ${name}: begin -->`
  const close = `<!-- ${name}: end -->`
  const path = new URL(file, ROOT)
  const readme = readFileSync(path, 'utf8')
  const from = readme.indexOf(open)
  const to = readme.indexOf(close)
  if (from < 0 || to < from) throw new Error(`${file} has no markers of ${name}`)
  writeFileSync(path, `${readme.slice(0, from + open.length)}\n${text}\n${readme.slice(to)}`)
}

/** Date, processor and versions under a table. */
export function circumstances(model: string, cores: number): string {
  const date = new Date().toISOString().slice(0, 10)
  const { node, v8 } = process.versions
  return `${date}, ${model}, ${cores} cores, Node ${node} (V8 ${v8})`
}
