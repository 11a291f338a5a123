/**
 * Positions of the tracked particles, [trajectory][time] per time chunk. A trajectory is one
 * particle of one member; particles that wait have no position, those of a gap no status either.
 */
import { STATUSES } from '../../protocol/result.ts'
import { TRACK_ENTRY_BYTES } from './outputs.ts'

/** Status byte of a trajectory whose unit has no result. */
export const NO_RESULT = 255
/** The one NaN that is ever stored: its payload is part of the product's bytes. */
const NAN_BITS = 0x7ff8_0000_0000_0000n
const WAITING = STATUSES.indexOf('waiting')

export interface TrackShape {
  readonly memberCount: number
  /** Tracked particles of each member. */
  readonly trackedCount: number
  readonly timesPerChunk: number
  /** Trajectories in the buffers: all of them, rounded up to whole chunks. */
  readonly rows: number
}

export interface TrackChunk {
  readonly lon: Float64Array
  readonly lat: Float64Array
  readonly status: Uint8Array
}

function emptyPositions(length: number): Float64Array {
  const positions = new Float64Array(length)
  new BigUint64Array(positions.buffer).fill(NAN_BITS)
  return positions
}

export class TrackSamples {
  readonly #shape: TrackShape
  readonly #chunks = new Map<number, TrackChunk>()

  constructor(shape: TrackShape) {
    this.#shape = shape
  }

  #chunk(timeChunk: number): TrackChunk {
    const length = this.#shape.rows * this.#shape.timesPerChunk
    const chunk = this.#chunks.get(timeChunk) ?? {
      lon: emptyPositions(length),
      lat: emptyPositions(length),
      status: new Uint8Array(length).fill(NO_RESULT)
    }
    this.#chunks.set(timeChunk, chunk)
    return chunk
  }

  /** Adds the checked tracks of one unit at one output time. */
  add(member: number, time: number, tracks: Uint8Array): void {
    const { timesPerChunk, trackedCount } = this.#shape
    const chunk = this.#chunk(Math.floor(time / timesPerChunk))
    const values = new DataView(tracks.buffer, tracks.byteOffset, tracks.byteLength)
    for (let at = 0; at < tracks.length; at += TRACK_ENTRY_BYTES) {
      const trajectory = member * trackedCount + values.getUint32(at, true)
      const place = trajectory * timesPerChunk + (time % timesPerChunk)
      const status = values.getUint32(at + 4, true)
      chunk.status[place] = status
      if (status === WAITING) continue
      chunk.lon[place] = values.getFloat64(at + 8, true)
      chunk.lat[place] = values.getFloat64(at + 16, true)
    }
  }

  /** Positions of a time chunk, then forgotten. */
  take(timeChunk: number): TrackChunk {
    const chunk = this.#chunk(timeChunk)
    this.#chunks.delete(timeChunk)
    return chunk
  }
}
