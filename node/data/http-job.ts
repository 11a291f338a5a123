/** Plain files by their addresses. */

import { MeshError } from '../mesh-error.ts'
import { setNameOf } from './catalogue/data-set.ts'
import type { ListedDigest } from './checksum.ts'
import type { FetchJob, FetchPiece } from './fetch-job.ts'
import { checkDataFile, looksLikeNetcdf } from './received-file.ts'
import { download } from './transfer/download.ts'
import { checkUrl, keptUrl } from './transfer/shown-url.ts'

/** More is a mirror; a set is one JSON document. */
const FILES_MAX = 100_000

/** The last part of an address as a file name that no file system minds. */
export function fileNameOf(url: URL): string {
  const last = url.pathname.split('/').filter(Boolean).at(-1) ?? ''
  let name = last
  try {
    name = decodeURIComponent(last)
  } catch {}
  const plain = name.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[.-]+/, '')
  return plain.slice(-120) || 'file'
}

/** Names in order, with a number before those that come twice. */
function distinctNames(urls: readonly URL[]): string[] {
  const taken = new Set<string>()
  return urls.map((url, index) => {
    const plain = fileNameOf(url)
    const name = taken.has(plain.toLowerCase()) ? `${index}-${plain}` : plain
    taken.add(name.toLowerCase())
    return name
  })
}

/**
 * @param digests what the files must have; a list that lacks one of them is refused
 * @throws MeshError cli/usage
 */
export function httpJob(
  addresses: readonly string[],
  digests: readonly ListedDigest[] | undefined
): FetchJob {
  const urls = addresses.map(checkUrl)
  const [first] = urls
  if (first === undefined || urls.length > FILES_MAX) {
    throw new MeshError('cli/usage', `name one to ${FILES_MAX} addresses with --dataset or --list`)
  }
  const names = distinctNames(urls)
  const pieces = urls.map((url, index): FetchPiece => {
    const file = names[index] ?? 'file'
    const listed = fileNameOf(url)
    const sha256 = digests?.find(
      ({ name }) => name === '' || name.split('/').at(-1) === listed
    )?.sha256
    if (digests !== undefined && sha256 === undefined) {
      throw new MeshError('cli/usage', `the list of checksums has none for ${listed}`)
    }
    return {
      file,
      url: keptUrl(url),
      get: async (path, bytesMax, context) => {
        const digest = await download({ url, path, sha256, bytesMax }, context)
        if (looksLikeNetcdf(file)) await checkDataFile(path, url)
        return digest
      }
    }
  })
  if (digests?.some(({ name }) => name === '') && urls.length > 1) {
    throw new MeshError('cli/usage', 'one digest for several files: use --checksums LIST')
  }
  return {
    pieces,
    estimatedBytes: undefined,
    name: setNameOf(fileNameOf(first).replace(/\.(nc4?|cdf|h5|hdf5?|zip|gz)$/i, '')),
    source: { kind: 'http', url: keptUrl(first) },
    request: urls.length === 1 ? {} : { files: `${urls.length}` },
    notes: []
  }
}
