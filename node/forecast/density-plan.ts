/**
 * The grid on which density is counted: it covers the forcing, its edges lie on multiples of its
 * resolution, and without a given resolution it is about as fine as the forcing.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import type { Forcing } from '../../protocol/forcing.ts'
import type { DensityGrid } from '../../protocol/work-unit.ts'
import type { IngestedForcing } from '../forcing/ingest.ts'
import { arcOf } from '../forcing/meaning/grid.ts'
import { definitionError, type ForecastDefinition } from './definition.ts'

/** Cells of a grid of chosen resolution: a map of 500 × 500 shows all that a screen does. */
const CHOSEN_CELLS_MAX = 250_000
/** Cells of a grid of given resolution: every output time stores them all, if only as zeros. */
const CELLS_MAX = 20_000_000

/** The forcing's grid as ingest hands it over. */
type GridOfPlan = Pick<IngestedForcing, 'places' | 'metric' | 'land'> & {
  readonly forcing: Pick<Forcing, 'columns' | 'rows' | 'isPeriodic'>
}
type PoleFinder = Pick<Kernel, 'locate'>

interface Extent {
  readonly west: number
  readonly south: number
  readonly east: number
  readonly north: number
  readonly isPeriodic: boolean
  /** Mean spacing of the finer axis. */
  readonly spacing: number
}

/** Metres of a degree of latitude, about. */
const DEGREE_METRES = 111_000

/** The extent of nodes with places of their own, poles inside the grid included. */
function extentOfNodes({ forcing, places, metric, land }: GridOfPlan, kernel: PoleFinder): Extent {
  if (!('lonLats' in places)) throw new RangeError('nodes have places')
  const lons: number[] = []
  let [south, north] = [90, -90]
  for (let node = 0; node < land.length; node += 1) {
    const [lon = 0, lat = 0] = [places.lonLats[2 * node], places.lonLats[2 * node + 1]]
    if (!(Math.abs(lat) <= 90)) continue
    lons.push(lon)
    south = Math.min(south, lat)
    north = Math.max(north, lat)
  }
  const poles = kernel.locate(places, forcing.isPeriodic, Float64Array.of(0, 90, 0, -90), 0)
  const [hasNorth, hasSouth] = [!Number.isNaN(poles[0]), !Number.isNaN(poles[2])]
  const arc = arcOf(Float64Array.from(lons).sort())
  const isRound = hasNorth || hasSouth || forcing.isPeriodic
  const middle = Math.floor(forcing.rows / 2) * forcing.columns + Math.floor(forcing.columns / 2)
  const known = metric.rows(0, forcing.rows).find((value) => value > 0)
  const cellsPerMetre = metric.at(middle, 0) || known || 1
  return {
    ...(isRound ? { west: -180, east: 180 } : arc),
    south: hasSouth ? -90 : south,
    north: hasNorth ? 90 : north,
    isPeriodic: isRound,
    spacing: 1 / (cellsPerMetre * DEGREE_METRES)
  }
}

function extentOf(grid: GridOfPlan, kernel: PoleFinder): Extent {
  const { forcing, places } = grid
  if ('lonLats' in places) return extentOfNodes(grid, kernel)
  const { longitudes, latitudes } = places
  const west = longitudes[0] ?? 0
  const south = latitudes[0] ?? 0
  const north = latitudes.at(-1) ?? 0
  const last = longitudes.at(-1) ?? 0
  const east = forcing.isPeriodic ? west + 360 : last
  const spacing = Math.min(
    (last - west) / (forcing.columns - 1),
    (north - south) / (forcing.rows - 1)
  )
  return { west, south, east, north, isPeriodic: forcing.isPeriodic, spacing }
}

/** Edges on whole multiples; written as n/k where the resolution is 1/k, which rounds once. */
function gridOf(extent: Extent, resolution: number): DensityGrid {
  const perUnit = Math.round(1 / resolution)
  const isFraction = perUnit > 0 && Math.abs(perUnit * resolution - 1) < 1e-9
  const edge = (value: number): number =>
    isFraction ? Math.floor(value * perUnit) : Math.floor(value / resolution)
  const west = edge(extent.west)
  const south = edge(extent.south)
  const at = (index: number): number => (isFraction ? index / perUnit : index * resolution)
  // The last longitude belongs to the grid, unless it is the first one again.
  const end = extent.isPeriodic ? -edge(-extent.east) : edge(extent.east) + 1
  return {
    westDegrees: at(west),
    southDegrees: at(south),
    resolutionDegrees: resolution,
    columns: end - west,
    rows: edge(extent.north) - south + 1
  }
}

const cellsOf = (grid: DensityGrid): number => grid.columns * grid.rows

/** 1, 2 or 5 times a power of ten: the largest that is no coarser than the spacing, then coarser
 * until the grid is small enough. */
function chooseResolution(extent: Extent): number {
  const rungs = Array.from({ length: 36 }, (_, index) => {
    const decade = Math.floor(index / 3) - 4
    const digit = [1, 2, 5][index % 3] ?? 1
    // The nearest double by the language's own rule; a power function differs between engines.
    return Number(`${digit}e${decade}`)
  })
  const start = Math.max(
    0,
    rungs.findLastIndex((rung) => rung <= extent.spacing)
  )
  const isSmall = (rung: number): boolean => cellsOf(gridOf(extent, rung)) <= CHOSEN_CELLS_MAX
  return rungs.slice(start).find(isSmall) ?? rungs.at(-1) ?? 1
}

/** @throws MeshError plan/refused when a given resolution makes too many cells */
export function planDensity(
  definition: ForecastDefinition,
  ingested: GridOfPlan,
  kernel: PoleFinder
): { grid: DensityGrid; note: string } {
  const extent = extentOf(ingested, kernel)
  const given = definition.densityResolution
  const resolution = given ?? chooseResolution(extent)
  const grid = gridOf(extent, resolution)
  if (cellsOf(grid) > CELLS_MAX) {
    const mark = definition.markOf(['spec', 'products', 'density', 'resolution'])
    const message =
      `makes ${grid.columns} × ${grid.rows} cells, more than ${CELLS_MAX}; ` +
      `use ${chooseResolution(extent)} or more, or leave it out`
    throw definitionError('plan/refused', [{ mark, message }])
  }
  const unit = definition.metric === 'flat' ? 'm' : 'degrees'
  const chosen = given === undefined ? ' (chosen from the forcing grid)' : ''
  return {
    grid,
    note: `density: ${grid.columns} × ${grid.rows} cells of ${resolution} ${unit}${chosen}`
  }
}
