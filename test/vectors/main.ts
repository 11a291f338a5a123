/** `npm run vectors`: writes protocol/vectors.json anew, after a deliberate change of the wire. */
import { writeFile } from 'node:fs/promises'
import { makeVectors } from './vectors.ts'

const file = new URL('../../protocol/vectors.json', import.meta.url)
await writeFile(file, `${JSON.stringify(makeVectors(), null, 1)}\n`)
