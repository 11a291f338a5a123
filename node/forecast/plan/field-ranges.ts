/** Least, mean and greatest value of the fields of a forcing at sea, read back from its tiles. */
import type { CID } from 'multiformats/cid'
import { type Forcing, fieldSeries, HOLE } from '../../../protocol/forcing.ts'
import type { IngestedForcing } from '../../forcing/ingest.ts'
import { cutPlanes, decodeForcing, type FetchBlock } from '../../worker/crop-tiles.ts'

export interface FieldRange {
  readonly min: number
  readonly mean: number
  readonly max: number
  readonly startSeconds: number
  readonly endSeconds: number
  readonly timeCount: number
}

export type FieldRole = 'current' | 'wind' | 'stokes' | 'diffusivity' | 'wavePeriod'
const ROLES: readonly FieldRole[] = ['current', 'wind', 'stokes', 'diffusivity', 'wavePeriod']
const isScalar = (role: FieldRole): boolean => role === 'diffusivity' || role === 'wavePeriod'

/** Holes are stored as f32. */
const HOLE_F32 = Math.fround(HOLE)

class Spread {
  min = Infinity
  max = 0
  sum = 0
  count = 0

  /** Lengths of vectors, or values where there is no `v`, of sea nodes without holes. */
  takeSea(land: Uint8Array, u: Float32Array, v: Float32Array | undefined): void {
    for (let node = 0; node < land.length; node++) {
      const east = u[node] ?? HOLE_F32
      if (land[node] !== 0 || east === HOLE_F32) continue
      const north = v?.[node] ?? 0
      const value = v === undefined ? east : Math.sqrt(east * east + north * north)
      this.min = Math.min(this.min, value)
      this.max = Math.max(this.max, value)
      this.sum += value
      this.count++
    }
  }
}

const floats = (bytes: Uint8Array<ArrayBuffer> | undefined): Float32Array =>
  new Float32Array(bytes?.slice().buffer ?? new ArrayBuffer(0))

async function rangeOf(
  forcing: Forcing,
  link: CID,
  role: FieldRole,
  land: Uint8Array,
  fetch: FetchBlock
): Promise<FieldRange> {
  const { times, tileTimes, planes } = decodeForcing(fieldSeries, await fetch(link), role)
  const box = { column: 0, row: 0, columns: forcing.columns, rows: forcing.rows }
  const spread = new Spread()
  for (const [number, plane] of planes.entries()) {
    const count = Math.min(tileTimes, times.length - number * tileTimes)
    const parts = isScalar(role) ? count : 2 * count
    const cut = await cutPlanes(forcing, box, { plane, parts, bytesPerNode: 4 }, fetch)
    for (let slice = 0; slice < count; slice++) {
      const v = isScalar(role) ? undefined : floats(cut[count + slice])
      spread.takeSea(land, floats(cut[slice]), v)
    }
  }
  const { min, max, sum, count } = spread
  const [startSeconds = 0, endSeconds = 0] = [times[0], times.at(-1)]
  const mean = count === 0 ? 0 : sum / count
  return {
    min: count === 0 ? 0 : min,
    mean,
    max,
    startSeconds,
    endSeconds,
    timeCount: times.length
  }
}

/** Speeds in m/s of vectors, values of scalars, by role. */
export async function fieldRanges(
  { forcing, land }: Pick<IngestedForcing, 'forcing' | 'land'>,
  fetch: FetchBlock
): Promise<Partial<Record<FieldRole, FieldRange>>> {
  const ranges: Partial<Record<FieldRole, FieldRange>> = {}
  for (const role of ROLES) {
    const link = forcing[role]
    if (link !== undefined) ranges[role] = await rangeOf(forcing, link, role, land, fetch)
  }
  return ranges
}
