/**
 * Host side of grids whose nodes lie anywhere: projections, directions, metric and cell search.
 * Arrays go in, the module computes, arrays come out; every number is the module's.
 */
import type { ModuleExports } from './exports.ts'
import type { Metric } from './kernel.ts'

/** In the module's order. */
const PROJECTIONS = ['polar-stereographic', 'lambert', 'mercator', 'rotated-pole'] as const

/** A map projection; lengths in metres, angles in degrees. */
export interface Projection {
  readonly kind: (typeof PROJECTIONS)[number]
  readonly semiMajorMetres: number
  /** e² of the ellipsoid, 0 for a sphere. */
  readonly eccentricity2: number
  /** ±90 for polar stereographic; of its north pole for a rotated pole. */
  readonly latOrigin: number
  readonly lonOrigin: number
  /** Standard parallels, equal where there is one; the first alone serves but for Lambert. For a
   * rotated pole the grid longitude that is 0 towards the pole. */
  readonly parallels: readonly [first: number, second: number]
  /** Scale factor at the parallels. */
  readonly scale: number
  readonly eastingMetres: number
  readonly northingMetres: number
}

/** A grid whose nodes have places of their own: (lon, lat) pairs in degrees, C order. */
export interface NodePlaces {
  readonly lonLats: Float64Array
  readonly columns: number
  readonly rows: number
}

export interface GridMetric {
  /** Per node four f32, cells per metre: [x per u, x per v, y per u, y per v]. */
  readonly metric: Float32Array
  /** Per node cosine and sine of the angle from east to u, the direction of the columns. */
  readonly frames: Float64Array
}

/** Nodes of one call: 72 bytes each stay far below the memory of the module. */
const BAND_NODES = 1 << 18
/** No place: nodes around the edge. */
const NOWHERE = 1e30

export class NodeModule {
  readonly #module: ModuleExports
  readonly #reserve: (bytes: number) => number

  constructor(module: ModuleExports, reserve: (bytes: number) => number) {
    this.#module = module
    this.#reserve = reserve
  }

  #write(values: Float64Array, bytes: number): number {
    const at = this.#reserve(bytes)
    new Float64Array(this.#module.memory.buffer, at, values.length).set(values)
    return at
  }

  #read(at: number, length: number): Float64Array {
    return new Float64Array(this.#module.memory.buffer, at, length).slice()
  }

  /** Pairs: degrees → grid coordinates (metres; degrees on a rotated pole), or back. */
  project(projection: Projection, pairs: Float64Array, isForward: boolean): Float64Array {
    this.#module.reset()
    this.#module.setProjection(
      PROJECTIONS.indexOf(projection.kind),
      projection.semiMajorMetres,
      projection.eccentricity2,
      projection.latOrigin,
      projection.lonOrigin,
      ...projection.parallels,
      projection.scale,
      projection.eastingMetres,
      projection.northingMetres
    )
    const at = this.#write(pairs, pairs.byteLength)
    this.#module.projectPairs(at, pairs.length / 2, Number(isForward))
    return this.#read(at, pairs.length)
  }

  /** Unit vectors, three f64 per (lon, lat) pair; zero where there is no place. */
  directions(lonLats: Float64Array): Float64Array {
    const count = lonLats.length / 2
    this.#module.reset()
    const at = this.#write(lonLats, count * 24)
    this.#module.toDirections(at, count)
    return this.#read(at, count * 3)
  }

  gridMetric(places: NodePlaces, isPeriodic: boolean, metric: Metric, kind: number): GridMetric {
    if (metric === 'flat') throw new RangeError('nodes in degrees have no flat metric')
    const { columns, rows } = places
    const cells = new Float32Array(columns * rows * 4)
    const frames = new Float64Array(columns * rows * 2)
    const width = columns + 4
    const bandRows = Math.max(1, Math.floor(BAND_NODES / width))
    for (let row = 0; row < rows; row += bandRows) {
      const count = Math.min(bandRows, rows - row)
      const height = count + 4
      this.#module.reset()
      const at = this.#write(band(places, isPeriodic, row, count), width * height * 16)
      const points = this.#reserve(width * height * 24)
      const metricAt = this.#reserve(columns * count * 16)
      const frameAt = this.#reserve(columns * count * 16)
      this.#module.writeGridMetric(at, width, height, kind, points, metricAt, frameAt)
      const { buffer } = this.#module.memory
      const nodes = columns * count
      cells.set(new Float32Array(buffer, metricAt, nodes * 4), row * columns * 4)
      frames.set(new Float64Array(buffer, frameAt, nodes * 2), row * columns * 2)
    }
    return { metric: cells, frames }
  }

  /**
   * Index coordinates (column, row with fractions) of (lon, lat) pairs; NaN for what lies more than
   * `marginCells` outside the grid.
   */
  locate(
    places: NodePlaces,
    isPeriodic: boolean,
    pairs: Float64Array,
    marginCells: number
  ): Float64Array {
    this.#module.reset()
    const nodesAt = this.#write(places.lonLats, places.columns * places.rows * 24)
    const at = this.#write(pairs, pairs.byteLength)
    this.#module.setParent(places.columns, places.rows, Number(isPeriodic), 0)
    this.#module.setParentNodes(nodesAt)
    this.#module.locatePairs(at, pairs.length / 2, marginCells)
    return this.#read(at, pairs.length)
  }
}

/** Rows of pairs with two nodes of room around: the other end, beyond the band, or nowhere. */
function band(
  { lonLats, columns, rows }: NodePlaces,
  isPeriodic: boolean,
  firstRow: number,
  count: number
): Float64Array {
  const width = columns + 4
  const pairs = new Float64Array(width * (count + 4) * 2).fill(NOWHERE)
  for (let y = 0; y < count + 4; y++) {
    const row = firstRow + y - 2
    if (row < 0 || row >= rows) continue
    const from = lonLats.subarray(row * columns * 2, (row + 1) * columns * 2)
    pairs.set(from, (y * width + 2) * 2)
    if (!isPeriodic) continue
    pairs.set(from.subarray((columns - 2) * 2), y * width * 2)
    pairs.set(from.subarray(0, 4), (y * width + columns + 2) * 2)
  }
  return pairs
}
