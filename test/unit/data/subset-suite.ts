/**
 * What the specs of subsets share: a globe whose values tell their place, and a fetch from a server
 * that holds it.
 */
import { join } from 'node:path'
import { erddapPlace, openErddapSet } from '../../../node/data/erddap/open-erddap.ts'
import { fetchData } from '../../../node/data/fetch.ts'
import { openDapSet } from '../../../node/data/opendap/open-dap.ts'
import { parseBox } from '../../../node/data/subset/box.ts'
import { subsetJob } from '../../../node/data/subset-job.ts'
import { openHttpClient } from '../../../node/data/transfer/http-client.ts'
import type { TransferLimits } from '../../../node/data/transfer/limits.ts'
import { openDataFile } from '../../../node/forcing/read/open-data-file.ts'
import { scratch } from '../forcing/fixture.ts'
import { type DataServer, openDataServer, QUICK_LIMITS } from './data-server.ts'
import { griddedAnswers, type ServedGrid } from './gridded-server.ts'

export const T0 = 1_577_836_800
/** A value that tells its place. */
export const place = (time: number, lat: number, lon: number): number =>
  time * 1e4 + lat * 10 + ((lon + 720) % 360) / 100

export interface Axes {
  readonly longitudes: readonly number[]
  readonly latitudes: readonly number[]
  readonly times: number
}

export const range = (first: number, step: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => first + step * index)

/** Eastward and northward current on any axes, with depths, as a server has it. */
export function globe({ longitudes, latitudes, times }: Axes, hasGrids = true): ServedGrid {
  const degrees = (units: string) => ({ units })
  const depths = [0, 10, 50]
  const values = (sign: number): number[] =>
    range(0, 1, times).flatMap((time) =>
      depths.flatMap((depth) =>
        latitudes.flatMap((lat) =>
          longitudes.map((lon) => (depth === 0 ? sign * place(time, lat, lon) : -1))
        )
      )
    )
  const field = (sign: number, standard_name: string) => ({
    type: 'Float64' as const,
    dimensions: ['time', 'depth', 'latitude', 'longitude'],
    values: values(sign),
    attributes: {
      units: 'm s-1',
      standard_name,
      _FillValue: { type: 'double' as const, values: [-999] },
      long_name: 'speed, "quoted"'
    }
  })
  const axis = (
    name: string,
    type: 'Float64' | 'Float32',
    all: readonly number[],
    attributes: object
  ) => ({
    [name]: { type, dimensions: [name], values: all, attributes: { ...attributes } }
  })
  return {
    dimensions: { time: times, depth: 3, latitude: latitudes.length, longitude: longitudes.length },
    variables: {
      ...axis('time', 'Float64', range(T0, 3600, times), {
        units: 'seconds since 1970-01-01T00:00:00Z'
      }),
      ...axis('depth', 'Float32', depths, { units: 'm', positive: 'down' }),
      ...axis('latitude', 'Float32', latitudes, degrees('degrees_north')),
      ...axis('longitude', 'Float32', longitudes, degrees('degrees_east')),
      u: field(1, 'eastward_sea_water_velocity'),
      v: field(-1, 'northward_sea_water_velocity')
    },
    globals: { title: 'A globe', institution: 'The Institute', license: 'CC-BY-4.0' },
    hasGrids
  }
}

/** A server and a client for each test of a suite, and what fetches with them. */
export function subsetSuite() {
  const files = scratch()
  let server: DataServer
  let client: ReturnType<typeof openHttpClient>
  let count = 0
  beforeEach(async () => {
    server = await openDataServer()
    client = openHttpClient(QUICK_LIMITS)
  })
  afterEach(async () => {
    await client.close()
    await server.close()
  })

  interface Ask {
    readonly grid: ServedGrid
    readonly kind: 'erddap' | 'opendap'
    readonly bbox: string
    readonly fromHour?: number
    readonly toHour?: number
    readonly variables?: readonly string[]
    readonly depth?: number
    readonly limits?: Partial<TransferLimits>
    readonly startSeconds?: number
  }

  async function fetchSet({
    limits = {},
    startSeconds = T0,
    grid,
    kind,
    bbox,
    fromHour = 1,
    toHour = 3,
    variables,
    depth = 0
  }: Ask) {
    const id = `set${count++}`
    server.answer('/', griddedAnswers(grid, id))
    const notes: string[] = []
    const home = join(files.path(), `home-${id}`)
    const context = {
      client,
      limits: { ...QUICK_LIMITS, textBytesMax: 1e6, ...limits },
      onNote: (note: string) => notes.push(note)
    }
    const set =
      kind === 'erddap'
        ? await openErddapSet(erddapPlace(id, `${server.origin}/erddap/`), context)
        : await openDapSet(new URL(`${server.origin}/dodsC/${id}`), context)
    const request = {
      box: parseBox(bbox),
      fromSeconds: startSeconds + fromHour * 3600,
      toSeconds: startSeconds + toHour * 3600,
      variables,
      depthMetres: depth
    }
    const job = await subsetJob(set, request, context)
    const options = { home, bytesMax: 1e9, roles: [], mayReplace: false }
    const fetched = await fetchData(job, options, context)
    return { fetched, job, notes: [...job.notes, ...notes], home }
  }

  /** Every value of a file, with its place. */
  async function placesOf(path: string, variable = 'u') {
    const file = await openDataFile(path)
    const read = async (name: string) =>
      Array.from(
        await file.read(
          name,
          (file.variables.get(name)?.dimensions ?? []).map(({ count }) => [0, count] as const)
        )
      )
    const found = {
      times: await read('time'),
      latitudes: await read('latitude'),
      longitudes: await read('longitude'),
      values: await read(variable),
      attributes: file.variables.get(variable)?.attributes
    }
    await file.close()
    return found
  }
  return {
    server: () => server,
    client: () => client,
    nextId: () => `set${count}`,
    fetchSet,
    placesOf
  }
}
