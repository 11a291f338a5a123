/**
 * Secret keys on disk: 32 raw bytes, mode 0600, written whole or not at all.
 */
import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { MeshError } from '../mesh-error.ts'
import { storeFailure } from './level-folder.ts'

const SECRET_BYTES = 32

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code

/**
 * The secret in a file, made there on first use.
 * @throws MeshError `store/failed` when the file is not a secret of 32 bytes or cannot be
 *   written, `store/full`
 */
export async function loadOrCreateSecret(file: string): Promise<Uint8Array> {
  try {
    return (await load(file)) ?? (await create(file))
  } catch (cause) {
    if (cause instanceof MeshError) throw cause
    throw storeFailure(`the key file ${file} cannot be used`, cause, { file })
  }
}

async function load(file: string): Promise<Uint8Array | undefined> {
  let secret: Uint8Array
  try {
    secret = new Uint8Array(await readFile(file))
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
  if (secret.byteLength === SECRET_BYTES) return secret
  const message = `${file} holds ${secret.byteLength} bytes, a secret key has ${SECRET_BYTES}`
  throw new MeshError('store/failed', `${message}; restore it or name another file`, {
    detail: { file }
  })
}

async function create(file: string): Promise<Uint8Array> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const secret = new Uint8Array(randomBytes(SECRET_BYTES))
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  try {
    const handle = await open(draft, 'wx', 0o600)
    try {
      await handle.writeFile(secret)
      await handle.sync()
    } finally {
      await handle.close()
    }
    // a link, unlike a rename, does not replace the key another process made meanwhile
    await link(draft, file)
    return secret
  } catch (error) {
    const made = hasCode(error, 'EEXIST') ? await load(file) : undefined
    if (made === undefined) throw error
    return made
  } finally {
    await unlink(draft).catch(() => {})
  }
}
