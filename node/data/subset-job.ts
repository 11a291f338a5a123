/** A box and a time out of a gridded data set, as NetCDF files of bounded size. */
import { readFile, rm } from 'node:fs/promises'
import { isoTime } from '../forcing/meaning/time-axis.ts'
import { MeshError } from '../mesh-error.ts'
import { setNameOf } from './catalogue/data-set.ts'
import { digestFile } from './checksum.ts'
import { writeDurably } from './durable-file.ts'
import type { FetchJob, FetchPiece } from './fetch-job.ts'
import { textOf } from './opendap/das.ts'
import { checkDataFile } from './received-file.ts'
import type { AxisRun } from './subset/axis-run.ts'
import type { SubsetRequest } from './subset/box.ts'
import { type GridSet, requestUrl } from './subset/grid-set.ts'
import { subsetNetcdf } from './subset/subset-netcdf.ts'
import { constraintsOf, planSubset, type SubsetPlan } from './subset/subset-plan.ts'
import { download, type TransferContext } from './transfer/download.ts'
import { keptUrl } from './transfer/shown-url.ts'

/** An answer holds what was asked and its structure; more is another answer. */
const ANSWER_BYTES_SPARE = 16 * 1024 * 1024

const stampOf = (seconds: number): string => isoTime(seconds).replace(/[-:]/g, '')

/** ERDDAP cuts NetCDF files itself, where no seam is to be joined. */
function filePiece(plan: SubsetPlan, constraint: string, file: string): FetchPiece {
  const url = requestUrl(plan.set.url, '.nc', constraint)
  return {
    file,
    url: keptUrl(url),
    get: async (path, bytesMax, context) => {
      const digest = await download({ url, path, bytesMax }, context)
      await checkDataFile(path, url)
      return digest
    }
  }
}

/** Answers in DAP2, one per run of longitudes, put together here. */
function decodedPiece(
  plan: SubsetPlan,
  piece: AxisRun | undefined,
  constraints: readonly string[],
  file: string
): FetchPiece {
  const urls = constraints.map((constraint) => requestUrl(plan.set.url, '.dods', constraint))
  return {
    file,
    url: keptUrl(urls[0] ?? plan.set.url),
    get: async (path, bytesMax, context) => {
      const places = urls.map((_, index) => `${path}.${index}.dods`)
      const answers: Uint8Array[] = []
      for (const [index, url] of urls.entries()) {
        const place = places[index] ?? path
        const limit = Math.min(bytesMax, plan.estimatedBytes + ANSWER_BYTES_SPARE)
        await download({ url, path: place, bytesMax: limit }, context)
        answers.push(await readFile(place))
      }
      try {
        await writeDurably(path, subsetNetcdf(plan, piece, answers))
      } finally {
        // Kept, a wrong answer would be read again; a right one is in the file.
        await Promise.all(places.map((place) => rm(place, { force: true })))
      }
      return await digestFile(path, { signal: context.signal })
    }
  }
}

const requestOf = (request: SubsetRequest, plan: SubsetPlan): Record<string, string> => ({
  bbox: [request.box.west, request.box.south, request.box.east, request.box.north].join(','),
  from: isoTime(request.fromSeconds),
  to: isoTime(request.toSeconds),
  variables: plan.variables.join(','),
  depth: `${request.depthMetres}`
})

/** @throws MeshError data/*, forcing/no-overlap, cli/usage */
export async function subsetJob(
  set: GridSet,
  request: SubsetRequest,
  context: TransferContext
): Promise<FetchJob> {
  if (request.fromSeconds > request.toSeconds) {
    throw new MeshError('cli/usage', '--from is after --to')
  }
  const plan = await planSubset(set, request, context)
  const id = set.url.pathname.split('/').at(-1) ?? 'set'
  const name = setNameOf(`${id}-${stampOf(request.fromSeconds).slice(0, 8)}`)
  const isFile = set.kind === 'erddap' && plan.longitude.runs.length === 1
  const pieces = plan.pieces.map((piece) => {
    const constraints = constraintsOf(plan, piece)
    const stamp = piece === undefined ? 'all' : stampOf(plan.time?.seconds[piece.first] ?? 0)
    const file = `${setNameOf(id)}-${stamp}.nc`
    return isFile
      ? filePiece(plan, constraints[0] ?? '', file)
      : decodedPiece(plan, piece, constraints, file)
  })
  const globals = ['NC_GLOBAL', 'HDF5_GLOBAL'].map((key) => set.attributes.get(key)).find(Boolean)
  const said = (...names: string[]): string | undefined =>
    names
      .map((key) => textOf(globals, key)?.replace(/\s+/g, ' ').trim())
      .find((text) => text !== undefined && text !== '')
  const seam =
    plan.longitude.runs.length > 1
      ? ['the box crosses the seam of the longitudes: the sides are joined here']
      : []
  return {
    pieces,
    estimatedBytes: plan.estimatedBytes,
    name,
    source: { kind: set.kind, url: keptUrl(set.url), dataset: id },
    request: requestOf(request, plan),
    title: said('title'),
    attribution: said('acknowledgement', 'acknowledgment', 'creator_name', 'institution'),
    license: said('license'),
    notes: [...plan.notes, ...seam]
  }
}
