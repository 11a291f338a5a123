/** `data checksum`: SHA-256 and CID of files, or whether they are what a list says. */
import { dirname, resolve } from 'node:path'
import { digestFile, identifySource, readDigestList } from '../../data/checksum.ts'
import { expandSource } from '../../forcing/source.ts'
import { isMeshError, MeshError } from '../../mesh-error.ts'
import { homeFolder } from '../../service/home.ts'
import type { Context } from '../program.ts'
import { byteText } from './byte-text.ts'

interface ChecksumFlags {
  readonly check?: string
  readonly home?: string
  readonly json?: boolean
}

/** A running count of bytes read, as a progress line. */
function counter({ terminal }: Context): (bytes: number) => void {
  let read = 0
  const startMs = performance.now()
  return (bytes) => {
    read += bytes
    const seconds = Math.max((performance.now() - startMs) / 1000, 1e-3)
    terminal.progress(`read ${byteText(read)} · ${byteText(read / seconds)}/s`)
  }
}

export async function checksumCommand(
  files: readonly string[],
  flags: ChecksumFlags,
  context: Context
): Promise<void> {
  if (flags.check !== undefined) return await checkList(flags.check, files, flags, context)
  if (files.length === 0) {
    throw new MeshError('cli/usage', 'name the files, or a list of checksums with --check')
  }
  const { terminal, signal } = context
  const options = { signal, onBytes: counter(context) }
  const home = homeFolder(flags.home, process.env)
  const rows = []
  for (const source of files) {
    for (const file of await expandSource(source, '.', home)) {
      const row = { file, ...(await identifySource(file, options)) }
      rows.push(row)
      if (!flags.json) terminal.answer(`${row.sha256}  ${file}  ${row.cid}`)
    }
  }
  if (flags.json) terminal.json(rows)
}

/** Names in a list are relative to it, as `sha256sum` would have written them there. */
async function checkList(
  list: string,
  files: readonly string[],
  flags: ChecksumFlags,
  context: Context
): Promise<void> {
  const { terminal, signal } = context
  const options = { signal, onBytes: counter(context) }
  const rows = (await readDigestList(list)).map(({ name, sha256 }) => ({
    // FILE.sha256 may hold the digest alone.
    file: name === '' ? resolve(list.replace(/\.sha256$/, '')) : resolve(dirname(list), name),
    sha256
  }))
  const wanted = new Set(files.map((file) => resolve(file)))
  const checked = []
  for (const { file, sha256 } of rows) {
    if (wanted.size > 0 && !wanted.has(file)) continue
    const found = await digestFile(file, options).catch((cause) => {
      if (isMeshError(cause, 'forcing/unreadable')) return undefined
      throw cause
    })
    const result = found === undefined ? 'missing' : found.sha256 === sha256 ? 'ok' : 'different'
    checked.push({ file, result })
    if (!flags.json) terminal.answer(`${file}: ${result}`)
  }
  if (flags.json) terminal.json(checked)
  const listed = new Set(rows.map(({ file }) => file))
  const unlisted = [...wanted].filter((file) => !listed.has(file))
  if (unlisted.length > 0) {
    throw new MeshError('cli/usage', `${list} does not name ${unlisted.join(', ')}`)
  }
  const bad = checked.filter(({ result }) => result !== 'ok')
  if (bad.length > 0) {
    const count = `${bad.length} of ${checked.length} files`
    const message = `${count} are not what ${list} says: fetch them again`
    throw new MeshError('data/mismatch', message, { detail: { list } })
  }
}
