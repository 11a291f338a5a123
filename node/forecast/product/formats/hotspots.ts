/**
 * `hotspots.geojson`: where most is. The rule: the cells with the highest density averaged over
 * times and members, and the coastal cells with most particles stranded at the end; of equal ones
 * the lower number first. GeoJSON knows only the globe, so a plan in metres has none.
 */
import type { Plan } from '../../../../protocol/plan.ts'
import type { CoastPlaces } from '../coast.ts'
import { canonicalJson } from '../folder/canonical-json.ts'
import type { FolderFile } from '../zarr/zarr.ts'

/** Spots of each kind: a list that people read. */
const SPOTS_MAX = 20

interface Spot {
  readonly index: number
  readonly value: number
}

/** The largest values above 0 in falling order, of equal ones the lower index first. */
export function largest(values: ArrayLike<number>, most: number): Spot[] {
  const spots: Spot[] = []
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? 0
    const last = spots.at(-1)
    if (!(value > 0) || (spots.length === most && last && value <= last.value)) continue
    const place = spots.findIndex((spot) => spot.value < value)
    spots.splice(place < 0 ? spots.length : place, 0, { index, value })
    if (spots.length > most) spots.pop()
  }
  return spots
}

/** GeoJSON's longitudes: −180 to 180. */
const wrapped = (lon: number): number => lon - 360 * Math.floor((lon + 180) / 360)

function cellFeature(plan: Plan, { index, value }: Spot, rank: number) {
  const { columns, resolutionDegrees: side, southDegrees, westDegrees } = plan.products.density
  const column = index % columns
  const row = Math.floor(index / columns)
  const west = wrapped(westDegrees + column * side)
  const east = west + side
  const south = southDegrees + row * side
  const north = Math.min(90, southDegrees + (row + 1) * side)
  const ring = [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south]
  ]
  return {
    type: 'Feature',
    geometry: { type: 'Polygon', coordinates: [ring] },
    properties: { kind: 'density', rank, row, column, value, units: 'km-2' }
  }
}

function coastFeature({ index, value }: Spot, rank: number, places: CoastPlaces) {
  const country = places.countries[(places.countryOf[index] ?? 0) - 1]
  const coordinates = [wrapped(places.lon[index] ?? 0), places.lat[index] ?? 0]
  return {
    type: 'Feature',
    geometry: { type: 'Point', coordinates },
    properties: {
      kind: 'beaching',
      rank,
      coastal_cell: index,
      value,
      units: '1',
      country: country?.name ?? null,
      country_code: country?.id ?? null
    }
  }
}

/** `timeMean`: density per cell of the grid; `ending`: stranded per coastal cell. */
export function hotspotFiles(
  plan: Plan,
  timeMean: Float32Array,
  beaching: { readonly ending: Float32Array; readonly places: CoastPlaces } | undefined
): FolderFile[] {
  if (plan.metric === 'flat') return []
  const dense = largest(timeMean, SPOTS_MAX).map((spot, rank) => cellFeature(plan, spot, rank + 1))
  const ashore =
    beaching === undefined
      ? []
      : largest(beaching.ending, SPOTS_MAX).map((spot, rank) =>
          coastFeature(spot, rank + 1, beaching.places)
        )
  const collection = { type: 'FeatureCollection', features: [...dense, ...ashore] }
  return [{ path: 'hotspots.geojson', bytes: canonicalJson(collection) }]
}
