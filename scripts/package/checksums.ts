/** SHA-256 of what is published, in the form that `sha256sum -c` reads. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { pipeline } from 'node:stream/promises'

export async function writeChecksums(files: readonly string[], out: string): Promise<void> {
  const lines: string[] = []
  for (const file of files) {
    const digest = createHash('sha256')
    await pipeline(createReadStream(file), digest)
    lines.push(`${digest.digest('hex')}  ${basename(file)}\n`)
  }
  await writeFile(out, lines.join(''))
}
