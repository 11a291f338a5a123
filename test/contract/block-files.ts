/**
 * The files of a folder of blocks, for tests that damage them.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { base32upper } from 'multiformats/bases/base32'
import { CID } from 'multiformats/cid'

/** Flips one bit of the file that holds a block. */
export async function flipBit(dir: string, cid: string): Promise<void> {
  // blockstore-fs names a file by the multihash
  const digest = base32upper.encode(CID.parse(cid).multihash.bytes)
  const names = await readdir(dir, { recursive: true })
  const name = names.find((one) => one.endsWith(`${digest}.data`))
  if (name === undefined) throw new Error(`no file of ${cid} among ${names.length} in ${dir}`)
  const bytes = await readFile(join(dir, name))
  bytes[0] = (bytes[0] ?? 0) ^ 1
  await writeFile(join(dir, name), bytes)
}
