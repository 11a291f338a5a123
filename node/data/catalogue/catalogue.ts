/**
 * The local catalogue: one JSON file per set below the home, each written whole or not at all, so
 * that any number of processes may use it and none can break it. Bytes that were fetched without
 * `--out` lie beside it and go with their set; files that lie elsewhere are the user's.
 */
import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join, resolve, sep } from 'node:path'
import { diskFailure } from '../../forecast/output-target.ts'
import { MeshError } from '../../mesh-error.ts'
import { ensureHome } from '../../service/home.ts'
import { writeDurably } from '../durable-file.ts'
import { checkSetName, type DataSet, dataSetShape } from './data-set.ts'

const catalogueFolder = (home: string): string => join(home, 'catalogue')
const entryPath = (home: string, name: string): string =>
  join(catalogueFolder(home), `${checkSetName(name)}.json`)

/** Where the files of a set go that has no other place. */
export const filesFolder = (home: string, name: string): string =>
  join(home, 'data', checkSetName(name))

async function parseSet(path: string): Promise<DataSet | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw diskFailure(path, cause)
  }
  try {
    return dataSetShape.parse(JSON.parse(text))
  } catch (cause) {
    const message = `${path} is no entry of a catalogue: remove it, then fetch or import again`
    throw new MeshError('store/failed', message, { cause, detail: { path } })
  }
}

/** @throws MeshError store/failed */
export async function findSet(home: string, name: string): Promise<DataSet | undefined> {
  return await parseSet(entryPath(home, name))
}

/** @throws MeshError cli/usage when there is no such set, store/failed */
export async function readSet(home: string, name: string): Promise<DataSet> {
  const set = await findSet(home, name)
  if (set !== undefined) return set
  const names = (await setNames(home)).slice(0, 8)
  const known = names.length === 0 ? 'the catalogue is empty' : `there are ${names.join(', ')}`
  throw new MeshError('cli/usage', `no set is called ${name}: ${known} (driftmesh data list)`)
}

async function setNames(home: string): Promise<string[]> {
  const entries = await readdir(catalogueFolder(home)).catch(() => [])
  return entries.flatMap((entry) => (entry.endsWith('.json') ? [entry.slice(0, -5)] : [])).sort()
}

/** Every set, by name. @throws MeshError store/failed */
export async function listSets(home: string): Promise<DataSet[]> {
  const sets = await Promise.all((await setNames(home)).map((name) => findSet(home, name)))
  return sets.filter((set) => set !== undefined)
}

/**
 * @param mayReplace a set of that name is replaced instead of refused
 * @throws MeshError cli/usage when the name is taken, store/*
 */
export async function addSet(home: string, set: DataSet, mayReplace = false): Promise<void> {
  const path = entryPath(home, set.name)
  await ensureHome(catalogueFolder(home))
  const text = `${JSON.stringify(dataSetShape.parse(set), null, 2)}\n`
  if (await writeDurably(path, text, { isNew: !mayReplace })) return
  throw nameTaken(set.name)
}

export const nameTaken = (name: string): MeshError =>
  new MeshError(
    'cli/usage',
    `a set is called ${name} already: give another --name, or \`driftmesh data rm ${name}\` first`
  )

/** Takes a set out; what it holds below the home goes too. @returns files that stay elsewhere */
export async function removeSet(home: string, name: string): Promise<string[]> {
  const set = await readSet(home, name)
  const folder = filesFolder(home, name)
  // The entry first: a set without entry is litter, an entry without files is a lie.
  await rm(entryPath(home, name), { force: true })
  await rm(folder, { recursive: true, force: true }).catch((cause) => {
    throw diskFailure(folder, cause)
  })
  const inside = resolve(folder) + sep
  return set.files.map(({ path }) => path).filter((path) => !path.startsWith(inside))
}

/**
 * The files of a set as they were fetched; their content is not read.
 * @throws MeshError forcing/unreadable when one is gone or has another size
 */
export async function filesOfSet(home: string, name: string): Promise<string[]> {
  const set = await findSet(home, name)
  const refuse = (what: string): MeshError =>
    new MeshError('forcing/unreadable', `data:${name}: ${what}`, { detail: { name } })
  if (set === undefined) {
    throw refuse(`no such set in the catalogue of ${home}; see \`driftmesh data list\``)
  }
  for (const { path, bytes } of set.files) {
    const found = await stat(path).catch(() => undefined)
    if (found === undefined) throw refuse(`${path} is gone; fetch or import the set again`)
    const { size } = found
    // The size of a folder (a Zarr store) says nothing of its files.
    if (size !== bytes && !found.isDirectory()) {
      throw refuse(`${path} has ${size} bytes, not ${bytes}; fetch or import the set again`)
    }
  }
  return set.files.map(({ path }) => path).sort()
}
