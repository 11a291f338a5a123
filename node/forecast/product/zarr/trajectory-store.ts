/**
 * `trajectories.zarr`: positions of the tracked particles at output times, in CF's orthogonal
 * trajectory form. A trajectory is one particle of one member.
 */
import type { Gap } from '../../../../coordinator/product/gaps.ts'
import {
  NO_RESULT,
  type TrackChunk,
  TrackSamples
} from '../../../../coordinator/product/track-samples.ts'
import type { Plan } from '../../../../protocol/plan.ts'
import { type Output, STATUSES } from '../../../../protocol/result.ts'
import type { ProductLayout } from '../layout.ts'
import {
  axesOf,
  indexVector,
  MEMBER_ATTRIBUTES,
  storeAttributes,
  timeVector
} from './attributes.ts'
import {
  chunkFile,
  type FolderFile,
  storeMetadata,
  textVector,
  type Vector,
  valueBytes,
  vector,
  vectorFiles,
  type ZarrArray
} from './zarr.ts'

const TRAJECTORY_STORE = 'trajectories.zarr'

const SUMMARY = 'Positions and fate of the tracked sample of particles at output times'

function trackArrays(plan: Plan, layout: ProductLayout) {
  const { x, y } = axesOf(plan)
  const shared = {
    shape: [layout.trajectoryCount, layout.timeCount],
    chunks: [layout.trajectoriesPerChunk, layout.trackTimesPerChunk],
    dimensions: ['trajectory', 'time']
  }
  const position = (axis: typeof x): ZarrArray => ({
    ...shared,
    name: axis.name,
    dtype: '<f8',
    fill: 'NaN',
    attributes: {
      standard_name: axis.standard_name,
      units: axis.units,
      long_name: 'position; missing while the particle waits for its release'
    }
  })
  const status: ZarrArray = {
    ...shared,
    name: 'status',
    dtype: '|u1',
    fill: null,
    attributes: {
      long_name: 'fate of the particle',
      coordinates: `${y.name} ${x.name}`,
      flag_values: [...STATUSES.keys(), NO_RESULT],
      flag_meanings: `${STATUSES.join(' ')} no_result`
    }
  }
  return { lon: position(x), lat: position(y), status }
}

export class TrajectoryStore {
  readonly #plan: Plan
  readonly #layout: ProductLayout
  readonly #samples: TrackSamples
  readonly #arrays: ReturnType<typeof trackArrays>

  constructor(plan: Plan, layout: ProductLayout) {
    this.#plan = plan
    this.#layout = layout
    this.#arrays = trackArrays(plan, layout)
    const { trajectoriesPerChunk, trajectoryCount } = layout
    this.#samples = new TrackSamples({
      memberCount: plan.memberCount,
      trackedCount: layout.trackedCount,
      timesPerChunk: layout.trackTimesPerChunk,
      rows: Math.ceil(trajectoryCount / trajectoriesPerChunk) * trajectoriesPerChunk
    })
  }

  /** Metadata and coordinates; `classes` holds the class of each tracked particle. */
  head(classes: Uint8Array, gaps: readonly Gap[]): FolderFile[] {
    const plan = this.#plan
    const { trackedCount, trajectoryCount, timeCount } = this.#layout
    const numbers = (
      name: string,
      attributes: Readonly<Record<string, string>>,
      of: (trajectory: number) => number
    ): Vector =>
      vector(
        { name, dtype: '<i4', dimension: 'trajectory', attributes },
        valueBytes(Int32Array.from({ length: trajectoryCount }, (_, index) => of(index))),
        trajectoryCount
      )
    const names = Array.from({ length: trajectoryCount }, (_, index) => {
      return plan.classes[classes[index % trackedCount] ?? 0]?.name ?? ''
    })
    const vectors: Vector[] = [
      timeVector(plan, timeCount),
      indexVector('trajectory', trajectoryCount, {
        cf_role: 'trajectory_id',
        long_name: 'trajectory'
      }),
      numbers('member', MEMBER_ATTRIBUTES, (index) => Math.floor(index / trackedCount)),
      numbers('particle', { long_name: 'particle id' }, (index) => index % trackedCount),
      textVector(
        {
          name: 'class',
          dimension: 'trajectory',
          attributes: { long_name: 'class of floating object' }
        },
        names
      )
    ]
    const attributes = {
      ...storeAttributes(plan, SUMMARY, gaps),
      featureType: 'trajectory'
    }
    return [
      ...storeMetadata(TRAJECTORY_STORE, attributes, [
        ...Object.values(this.#arrays),
        ...vectors.map(({ array }) => array)
      ]),
      ...vectors.flatMap((values) => vectorFiles(TRAJECTORY_STORE, values))
    ]
  }

  add(member: number, time: number, output: Output): void {
    this.#samples.add(member, time, output.tracks)
  }

  /** The samples of one time chunk, which is complete and then forgotten. */
  take(timeChunk: number): TrackChunk {
    return this.#samples.take(timeChunk)
  }

  /** Files of one time chunk. */
  *chunk(timeChunk: number, { lon, lat, status }: TrackChunk): Iterable<FolderFile> {
    const { trajectoriesPerChunk, trackTimesPerChunk, trajectoryCount } = this.#layout
    const length = trajectoriesPerChunk * trackTimesPerChunk
    for (let chunk = 0; chunk * trajectoriesPerChunk < trajectoryCount; chunk += 1) {
      const at = [chunk, timeChunk]
      const from = chunk * length
      const part = { lon, lat, status } as const
      for (const name of ['lon', 'lat', 'status'] as const) {
        const values = part[name].subarray(from, from + length)
        yield chunkFile(TRAJECTORY_STORE, this.#arrays[name], at, valueBytes(values))
      }
    }
  }
}
