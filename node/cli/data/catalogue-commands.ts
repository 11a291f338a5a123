/** `data import`, `data list`, `data show` and `data rm`: the local catalogue of data sets. */
import { listSets, readSet, removeSet } from '../../data/catalogue/catalogue.ts'
import { creditOf, type DataSet, setNameOf } from '../../data/catalogue/data-set.ts'
import { importFiles } from '../../data/import-files.ts'
import { homeFolder } from '../../service/home.ts'
import type { Context } from '../program.ts'
import { byteText } from './byte-text.ts'

interface HomeFlags {
  readonly home?: string
  readonly json?: boolean
}

interface ImportFlags extends HomeFlags {
  readonly name?: string
  readonly title?: string
  readonly attribution?: string
  readonly license?: string
  readonly replace?: boolean
}

const totalBytes = ({ files }: DataSet): number => files.reduce((sum, { bytes }) => sum + bytes, 0)

const summary = (set: DataSet): string => {
  const parts = [
    set.name,
    `${set.files.length} file(s), ${byteText(totalBytes(set))}`,
    set.source.preset ?? set.source.dataset ?? set.source.url ?? set.source.kind,
    set.license ?? 'licence not told'
  ]
  return parts.join(' · ')
}

/** What a person does next with a set. */
export function announceSet(set: DataSet, { terminal }: Context): void {
  terminal.answer(summary(set))
  terminal.answer(`in a forecast file: source: data:${set.name}`)
}

export async function importCommand(
  files: readonly string[],
  flags: ImportFlags,
  context: Context
): Promise<void> {
  const { terminal, signal } = context
  const name = flags.name ?? setNameOf((files[0] ?? '').split(/[\\/]/).filter(Boolean).at(-1) ?? '')
  const set = await importFiles({
    home: homeFolder(flags.home, process.env),
    name,
    sources: files,
    title: flags.title,
    attribution: flags.attribution,
    license: flags.license,
    mayReplace: flags.replace === true,
    signal,
    onProgress: (done, total) => terminal.progress(`digests ${done}/${total} files`)
  })
  if (flags.json) terminal.json(set)
  else announceSet(set, context)
}

export async function listDataCommand(flags: HomeFlags, { terminal }: Context): Promise<void> {
  const sets = await listSets(homeFolder(flags.home, process.env))
  if (flags.json) terminal.json(sets)
  else if (sets.length === 0) terminal.say('no data sets yet: `driftmesh data fetch` or `import`')
  else for (const set of sets) terminal.answer(summary(set))
}

export async function showDataCommand(
  name: string,
  flags: HomeFlags,
  { terminal }: Context
): Promise<void> {
  const set = await readSet(homeFolder(flags.home, process.env), name)
  if (flags.json) {
    terminal.json(set)
    return
  }
  terminal.answer(summary(set))
  terminal.answer(`credit: ${creditOf(set)}`)
  terminal.answer(`since ${set.fetchedAt}`)
  for (const [key, value] of Object.entries(set.request)) terminal.answer(`${key}: ${value}`)
  for (const { path, bytes, sha256 } of set.files) {
    terminal.answer(`${sha256}  ${path} (${byteText(bytes)})`)
  }
}

export async function removeDataCommand(
  name: string,
  flags: HomeFlags,
  { terminal }: Context
): Promise<void> {
  const left = await removeSet(homeFolder(flags.home, process.env), name)
  if (flags.json) terminal.json({ removed: name, filesLeft: left })
  else {
    terminal.answer(`removed ${name}`)
    if (left.length > 0)
      terminal.say(`${left.length} file(s) outside the home stay, e.g. ${left[0]}`)
  }
}
