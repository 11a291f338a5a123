/**
 * Is what came a data file? Log-in pages come with 200 and the name of a data file, and a file that
 * was cut off at its source has the right length of a wrong file.
 */
import { rm } from 'node:fs/promises'
import { openDataFile } from '../forcing/read/open-data-file.ts'
import { isMeshError, MeshError } from '../mesh-error.ts'
import { shownUrl } from './transfer/shown-url.ts'

export const looksLikeNetcdf = (name: string): boolean => /\.(nc4?|cdf|netcdf)$/i.test(name)

/** Takes it away again if not. @throws MeshError data/not-understood */
export async function checkDataFile(path: string, url: URL): Promise<void> {
  try {
    const file = await openDataFile(path)
    await file.close()
  } catch (cause) {
    if (!isMeshError(cause)) throw cause
    await rm(path, { force: true })
    const said = cause.message.replace(`${path}: `, '').split(';')[0]
    const why = 'does it want --credentials, or is it cut off there?'
    const message = `what ${shownUrl(url)} sent ${said}: ${why}`
    throw new MeshError('data/not-understood', message, { cause })
  }
}
