/**
 * `trajectories.parquet`: the tracked sample as GeoParquet 1.1, one row per position. Row groups
 * are written as times complete, so that the file never has to be held.
 */
import type { SchemaElement } from 'hyparquet'
import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import type { TrackChunk } from '../../../../coordinator/product/track-samples.ts'
import type { Plan } from '../../../../protocol/plan.ts'
import { STATUSES } from '../../../../protocol/result.ts'
import type { Blocks } from '../../../store/blocks.ts'
import { canonicalJson } from '../folder/canonical-json.ts'
import { SpooledFile, type SpooledLeaves } from '../folder/spooled-file.ts'
import type { ProductLayout } from '../layout.ts'

export const PARQUET_FILE = 'trajectories.parquet'

/** Rows of one group: some 3 MB, and small enough to be skipped by time or place. */
const GROUP_ROWS = 65_536
const POINT_BYTES = 21

const column = (name: string, rest: Partial<SchemaElement>): SchemaElement =>
  ({ name, repetition_type: 'REQUIRED', ...rest }) as SchemaElement

const SCHEMA: SchemaElement[] = [
  { name: 'root', num_children: 7 } as SchemaElement,
  column('geometry', { type: 'BYTE_ARRAY' }),
  column('time', {
    type: 'INT64',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' }
  }),
  column('member', { type: 'INT32' }),
  column('particle', { type: 'INT32' }),
  column('trajectory', { type: 'INT32' }),
  column('class', { type: 'BYTE_ARRAY', converted_type: 'UTF8' }),
  column('status', { type: 'BYTE_ARRAY', converted_type: 'UTF8' })
]

interface Rows {
  geometry: Uint8Array[]
  time: bigint[]
  member: number[]
  particle: number[]
  trajectory: number[]
  class: string[]
  status: string[]
}

const noRows = (): Rows => ({
  geometry: [],
  time: [],
  member: [],
  particle: [],
  trajectory: [],
  class: [],
  status: []
})

/** Well-known binary of a point, little-endian. */
function pointBytes(lon: number, lat: number): Uint8Array {
  const bytes = new Uint8Array(POINT_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, 1)
  view.setUint32(1, 1, true)
  view.setFloat64(5, lon, true)
  view.setFloat64(13, lat, true)
  return bytes
}

export class TrackParquet {
  readonly #plan: Plan
  readonly #layout: ProductLayout
  readonly #classes: Uint8Array
  readonly #file: SpooledFile
  readonly #bytes = new ByteWriter()
  readonly #writer: ParquetWriter
  readonly #keys: { key: string; value: string }[] = []
  readonly #bounds = [Infinity, Infinity, -Infinity, -Infinity]
  #rows = noRows()

  /** `classes` holds the class of each tracked particle. */
  constructor(
    plan: Plan,
    { classes, layout }: { readonly classes: Uint8Array; readonly layout: ProductLayout },
    blocks: Pick<Blocks, 'put'>,
    signal: AbortSignal | undefined
  ) {
    this.#plan = plan
    this.#layout = layout
    this.#classes = classes
    this.#file = new SpooledFile(PARQUET_FILE, blocks, signal)
    this.#writer = new ParquetWriter({
      writer: this.#bytes,
      schema: SCHEMA,
      kvMetadata: this.#keys,
      createdBy: 'driftmesh'
    })
  }

  /** Rows of one complete chunk of times, by trajectory, then time. */
  async chunk(timeChunk: number, samples: TrackChunk): Promise<void> {
    const { timeCount, trackTimesPerChunk, trajectoryCount } = this.#layout
    const first = timeChunk * trackTimesPerChunk
    const times = Math.min(trackTimesPerChunk, timeCount - first)
    for (let trajectory = 0; trajectory < trajectoryCount; trajectory += 1) {
      for (let time = 0; time < times; time += 1) {
        const place = trajectory * trackTimesPerChunk + time
        const lon = samples.lon[place] ?? Number.NaN
        if (Number.isNaN(lon)) continue
        this.#add(trajectory, first + time, [lon, samples.lat[place] ?? Number.NaN])
        this.#rows.status.push(STATUSES[samples.status[place] ?? 0] ?? '')
        if (this.#rows.status.length === GROUP_ROWS) await this.#flush()
      }
    }
  }

  async finish(): Promise<SpooledLeaves> {
    await this.#flush()
    this.#keys.push({ key: 'geo', value: this.#geo() })
    await this.#writer.finish()
    await this.#file.append(this.#bytes.getBytes())
    return this.#file.finish()
  }

  #add(trajectory: number, time: number, [lon, lat]: readonly [number, number]): void {
    const { outputEverySteps, startSeconds, stepSeconds } = this.#plan
    const { trackedCount } = this.#layout
    const particle = trajectory % trackedCount
    const rows = this.#rows
    rows.geometry.push(pointBytes(lon, lat))
    rows.time.push(BigInt(startSeconds + time * outputEverySteps * stepSeconds) * 1000n)
    rows.member.push(Math.floor(trajectory / trackedCount))
    rows.particle.push(particle)
    rows.trajectory.push(trajectory)
    rows.class.push(this.#plan.classes[this.#classes[particle] ?? 0]?.name ?? '')
    const [west = 0, south = 0, east = 0, north = 0] = this.#bounds
    this.#bounds.splice(
      0,
      4,
      Math.min(west, lon),
      Math.min(south, lat),
      Math.max(east, lon),
      Math.max(north, lat)
    )
  }

  async #flush(): Promise<void> {
    if (this.#rows.status.length === 0) return
    const columnData = Object.entries(this.#rows).map(([name, data]) => ({ name, data }))
    await this.#writer.write({ columnData, rowGroupSize: GROUP_ROWS })
    this.#rows = noRows()
    await this.#file.append(this.#bytes.getBytes())
    this.#bytes.index = 0
  }

  /** GeoParquet's own metadata; coordinates in metres have no reference system. */
  #geo(): string {
    const geometry = {
      encoding: 'WKB',
      geometry_types: ['Point'],
      ...(this.#plan.metric === 'flat' ? { crs: null } : {}),
      ...(this.#bounds.every(Number.isFinite) ? { bbox: this.#bounds } : {})
    }
    const geo = { version: '1.1.0', primary_column: 'geometry', columns: { geometry } }
    return new TextDecoder().decode(canonicalJson(geo))
  }
}
