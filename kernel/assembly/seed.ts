/**
 * Seeding: where particles start. Points, each with a disc of uniform density; draws that fall
 * ashore or outside are repeated. Runs once, in the planner; its result is content like any state.
 */
import {
  AT_CELL_X, AT_CELL_Y, AT_CLASS, AT_FRACTION_X, AT_FRACTION_Y, AT_RELEASE, AT_STATUS, AT_WINDAGE,
  FRACTION_BITS, QUANTA, WAITING
} from './layout'
import * as grid from './grid'
import * as nodes from './nodes'
import { eastMetres, northMetres } from './geodesy'
import { threefry, uniform } from './threefry'

/** Draws for one particle before its point is called unusable: a disc 5 % wet fails 1 in 10⁶. */
const DRAWS_MAX: u32 = 256
const DRAW_WINDAGE: u32 = DRAWS_MAX
const TAU: f64 = 2.0 * 3.14159265358979323846
/** Windage is a share of its class's range. */
const SHARE_MAX: f64 = 65535.0

export const SEED_OK: i32 = 0
export const SEED_LAND: i32 = 1
export const SEED_OUTSIDE: i32 = 2

let key0: u32 = 0
let key1: u32 = 0
let land: usize = 0
let metric: i32 = 0

/** The seeding key is Threefry(rngSeed; 0, 1); members have counter (member, 0). */
export function setSeed(seed0: u32, seed1: u32, landAt: usize, metricKind: i32): void {
  const key = threefry(seed0, seed1, 0, 1)
  key0 = <u32>key
  key1 = <u32>(key >> 32)
  land = landAt
  metric = metricKind
}

/** What the nearest node is: 0 sea, 1 land, 2 beyond the data. */
function nearestKind(cellX: i32, fractionX: i32, cellY: i32, fractionY: i32): u8 {
  let column = cellX + i32(fractionX >= QUANTA / 2)
  if (grid.isPeriodic) column = grid.modulo(column, grid.columns)
  const row = cellY + i32(fractionY >= QUANTA / 2)
  return load<u8>(land + <usize>(row * grid.columns + column))
}

/** Places a particle at lon/lat; returns SEED_OK or why it may not be there. */
function place(lon: f64, lat: f64, at: usize): i32 {
  if (!grid.searchPlace(lon, lat)) return SEED_OUTSIDE
  const cellX = grid.foundCellX
  const fractionX = grid.foundFractionX
  const cellY = grid.foundCellY
  const fractionY = grid.foundFractionY
  const kind = nearestKind(cellX, fractionX, cellY, fractionY)
  if (kind != 0) return kind == 2 ? SEED_OUTSIDE : SEED_LAND
  store<u32>(at, <u32>fractionX << (32 - FRACTION_BITS), AT_FRACTION_X)
  store<u32>(at, <u32>fractionY << (32 - FRACTION_BITS), AT_FRACTION_Y)
  store<i16>(at, <i16>cellX, AT_CELL_X)
  store<i16>(at, <i16>cellY, AT_CELL_Y)
  return SEED_OK
}

/** One particle in the disc around a point; the whole row is written. */
export function seedParticle(
  id: u32, lon: f64, lat: f64, radius: f64, releaseStep: i32, kind: i32, at: usize
): i32 {
  const east = eastMetres(lat, metric)
  let why = place(lon, lat, at)
  if (radius > 0.0 && (east > 0.0 || grid.hasNodes)) {
    let worst = SEED_OUTSIDE
    for (let draw: u32 = 0; draw < DRAWS_MAX; draw++) {
      const words = threefry(key0, key1, id, draw)
      const distance = radius * Math.sqrt(uniform(<u32>words))
      const angle = TAU * uniform(<u32>(words >> 32))
      if (grid.hasNodes) {
        nodes.shifted(lon, lat, distance * Math.cos(angle), distance * Math.sin(angle))
        why = place(nodes.outLon, nodes.outLat, at)
      } else {
        const drawnLat = lat + (distance * Math.sin(angle)) / northMetres(lat, metric)
        why = place(lon + (distance * Math.cos(angle)) / east, drawnLat, at)
      }
      if (why == SEED_OK) break
      if (why == SEED_LAND) worst = SEED_LAND
      why = worst
    }
  }
  if (why != SEED_OK) return why
  const share = uniform(<u32>threefry(key0, key1, id, DRAW_WINDAGE))
  store<u16>(at, <u16>releaseStep, AT_RELEASE)
  store<u16>(at, <u16>nearest<f64>(share * SHARE_MAX), AT_WINDAGE)
  store<u8>(at, WAITING, AT_STATUS)
  store<u8>(at, <u8>kind, AT_CLASS)
  return SEED_OK
}

