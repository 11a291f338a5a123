/**
 * The demonstration's forecast file: from the user's data folder, or the built-in sample with the
 * particle number asked for. The file stays behind, so that `simulate` can run the same forecast.
 */
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isMap, isSeq, parseDocument } from 'yaml'
import { initForecast } from '../forcing/init.ts'
import { writeAtomically } from '../service/home.ts'

/** Blocks per volunteer at least (PROTOCOL §3), so that each of them computes. */
const BLOCKS_PER_VOLUNTEER = 4
/** The built-in sample: beside the source in a checkout, beside the bundle where it is one. */
const samplePath = (): string => fileURLToPath(new URL('../sample/forecast.yaml', import.meta.url))

async function sampleYaml(particleCount: number, blockCount: number): Promise<string> {
  const path = samplePath()
  const document = parseDocument(await readFile(path, 'utf8'))
  const forcing = document.getIn(['spec', 'forcing'])
  if (isSeq(forcing)) {
    for (const entry of forcing.items) {
      if (isMap(entry)) entry.set('source', resolve(dirname(path), String(entry.get('source'))))
    }
  }
  const seeding = document.getIn(['spec', 'seeding'])
  const entryCount = isSeq(seeding) ? seeding.items.length : 0
  for (let index = 0; index < entryCount; index++) {
    const share = Math.floor((particleCount * (index + 1)) / entryCount)
    const before = Math.floor((particleCount * index) / entryCount)
    document.setIn(['spec', 'seeding', index, 'particles'], share - before)
  }
  document.setIn(['spec', 'mesh', 'unitParticles'], Math.ceil(particleCount / blockCount))
  return document.toString()
}

/** Writes the file and returns the choices that were taken, to be printed. */
export async function writeDemoForecast(
  file: string,
  data: string | undefined,
  particleCount: number,
  volunteerCount: number
): Promise<readonly string[]> {
  const blockCount = Math.max(12, BLOCKS_PER_VOLUNTEER * volunteerCount)
  if (data === undefined) {
    await writeAtomically(file, await sampleYaml(particleCount, blockCount))
    return ['built-in sample: an idealised basin, not a real forecast']
  }
  const { yaml, notes } = await initForecast(data, {
    particles: particleCount,
    blocksMin: blockCount
  })
  await writeAtomically(file, yaml)
  return notes
}
