/**
 * What becomes of a particle at the end of a step: at sea, outside, ashore. A particle is ashore
 * when its nearest node is land. Rules for a step that would end ashore:
 *   strand         it ends there;
 *   slide          the part of the step along a grid axis that stays at sea is kept;
 *   hold           it is undone;
 *   probabilistic  it is undone, and within the coastal zone (distance to the coastline below a
 *                  width, whether or not a step was undone) the particle beaches with
 *                  p = 1 − e^{−dt/τ_B}; beached ones refloat with p = 1 − e^{−dt/τ_R}
 *                  (Onink et al. 2021, doi:10.1088/1748-9326/abecbd, eq. 1 and 2).
 */
import { chance, draw, DRAW_FATE, threshold } from './draws'
import {
  FAULT_REACH, FRACTION_BITS, FRACTION_MASK, HALO, OUTSIDE, QUANTA, STRANDED
} from './layout'
import * as grid from './grid'

export const STRAND: i32 = 0
export const SLIDE: i32 = 1
export const HOLD: i32 = 2
export const PROBABILISTIC: i32 = 3

/** Marks in the land region: what a particle whose nearest node it is must heed. */
const SEA_MARK: u8 = 0
const LAND_MARK: u8 = 1
/** Beyond the data (protocol/forcing.ts). */
const BEYOND_MARK: u8 = 2
const ZONE_MARK: u8 = 3

/** Answer of {@link fate} for a particle that drifts on; statuses are 0 to 5, faults below −1. */
export const AT_SEA: i32 = -1

export let rule: i32 = STRAND
let zone: f64 = 0
let beachingSeconds: f64 = 1
let refloatSeconds: f64 = 1
let beachBelow: u64 = 0
let refloatBelow: u64 = 0
let marks: usize = 0
/** f32 metres to the coastline, with halo; 0 where the run has none. */
let distances: usize = 0

/** Where the particle is after {@link fate}, and which axes of the step were undone. */
export let outX: i32 = 0
export let outY: i32 = 0
export let isUndoneX: bool = false
export let isUndoneY: bool = false

export function setCoast(kind: i32, beaching: f64, refloat: f64, width: f64): void {
  rule = kind
  beachingSeconds = beaching
  refloatSeconds = refloat
  zone = width
}

export function setCoastRegions(land: usize, distancesAt: usize, stepSeconds: f64): void {
  marks = land + <usize>(HALO * grid.stride + HALO)
  distances = distancesAt
  beachBelow = threshold(chance(Math.abs(stepSeconds), beachingSeconds))
  refloatBelow = threshold(chance(Math.abs(stepSeconds), refloatSeconds))
}

/** May stranded particles drift again? */
export function canRefloat(): bool {
  return rule == PROBABILISTIC
}

function distanceAt(row: i32, column: i32): f32 {
  return load<f32>(distances + (<usize>(row * grid.stride + column) << 2))
}

/**
 * Marks the sea nodes around which a particle may be in the coastal zone, so that all others are
 * done with one look. Call when land and distances are written.
 */
export function markZone(): void {
  if (rule != PROBABILISTIC) return
  const land = marks - <usize>(HALO * grid.stride + HALO)
  const columns = grid.cropColumns + 2 * HALO
  for (let row: i32 = 0; row < grid.paddedRows; row++) {
    for (let column: i32 = 0; column < columns; column++) {
      const at = land + <usize>(row * grid.stride + column)
      if (load<u8>(at) != SEA_MARK) continue
      let isNear = false
      for (let y = max(0, row - 1); y <= min(grid.paddedRows - 1, row + 1); y++) {
        for (let x = max(0, column - 1); x <= min(columns - 1, column + 1); x++) {
          if (<f64>distanceAt(y, x) < zone) isNear = true
        }
      }
      if (isNear) store<u8>(at, ZONE_MARK)
    }
  }
}

/** Mark of the node nearest to a position inside the crop. */
// @ts-ignore: decorator
@inline
export function markAt(x: i32, y: i32): u8 {
  const column = (x + QUANTA / 2) >> FRACTION_BITS
  const row = (y + QUANTA / 2) >> FRACTION_BITS
  return load<u8>(marks + <usize>(row * grid.stride + column))
}

/** Where a working coordinate ends: 0 within, 1 beyond the domain, 2 beyond the crop only. */
function edge(x: i32, nodes: i32, isFirst: bool, isLast: bool): i32 {
  if (x < 0) return isFirst ? 1 : 2
  if (x > (nodes - 1) << FRACTION_BITS) return isLast ? 1 : 2
  return 0
}

/** Beyond the domain OUTSIDE, beyond the crop alone a fault (−code − 1), else AT_SEA. */
// @ts-ignore: decorator
@inline
function edgeOf(x: i32, y: i32): i32 {
  const isRound = grid.isPeriodic
  const byY = edge(y, grid.cropRows, grid.cropRow == 0, grid.cropRow + grid.cropRows == grid.rows)
  const byX = grid.isRing ? 0 : edge(
    x, grid.cropColumns, !isRound && grid.cropColumn == 0,
    !isRound && grid.cropColumn + grid.cropColumns == grid.columns
  )
  if (byX == 1 || byY == 1) return OUTSIDE
  return byX == 2 || byY == 2 ? -FAULT_REACH - 1 : AT_SEA
}

/** Metres to the coastline, bilinear. */
function distanceOf(x: i32, y: i32): f64 {
  const column = (x >> FRACTION_BITS) + HALO
  const row = (y >> FRACTION_BITS) + HALO
  const fx = <f64>(x & FRACTION_MASK) / <f64>QUANTA
  const fy = <f64>(y & FRACTION_MASK) / <f64>QUANTA
  const a = <f64>distanceAt(row, column)
  const b = <f64>distanceAt(row + 1, column)
  const low = a + fx * (<f64>distanceAt(row, column + 1) - a)
  const high = b + fx * (<f64>distanceAt(row + 1, column + 1) - b)
  return low + fy * (high - low)
}

function isOpen(mark: u8): bool {
  return mark == SEA_MARK || mark == ZONE_MARK
}

/** The part of a step along one axis that stays at sea: the longer one where both do. */
function slide(x: i32, y: i32, newX: i32, newY: i32, stepX: i32, stepY: i32): void {
  const isOpenX = isOpen(markAt(newX, y))
  const isOpenY = isOpen(markAt(x, newY))
  const isAlongX = isOpenX && (!isOpenY || abs(stepX) >= abs(stepY))
  const isAlongY = isOpenY && !isAlongX
  isUndoneX = !isAlongX
  isUndoneY = !isAlongY
  outX = isAlongX ? newX : x
  outY = isAlongY ? newY : y
}

/**
 * Decides on the step of a particle from (x, y) to (newX, newY), `newX` wrapped where the crop is
 * a ring: AT_SEA, the status it ends with, or −fault − 1. Its place is then outX, outY.
 */
export function fate(
  id: u32, step: i32, x: i32, y: i32, newX: i32, newY: i32, stepX: i32, stepY: i32
): i32 {
  outX = newX
  outY = newY
  isUndoneX = false
  isUndoneY = false
  const beyond = edgeOf(newX, newY)
  if (beyond != AT_SEA) return beyond
  const mark = markAt(newX, newY)
  if (mark == SEA_MARK) return AT_SEA
  if (mark == BEYOND_MARK) return OUTSIDE
  if (rule == STRAND) return mark == LAND_MARK ? STRANDED : AT_SEA
  if (mark == LAND_MARK) {
    if (rule == SLIDE) {
      slide(x, y, newX, newY, stepX, stepY)
      return AT_SEA
    }
    isUndoneX = true
    isUndoneY = true
    outX = x
    outY = y
  }
  if (rule != PROBABILISTIC || !(distanceOf(outX, outY) < zone)) return AT_SEA
  return <u64><u32>draw(id, step, DRAW_FATE) < beachBelow ? STRANDED : AT_SEA
}

/** Does a beached particle drift again after this step? */
export function isRefloated(id: u32, step: i32): bool {
  return <u64><u32>draw(id, step, DRAW_FATE) < refloatBelow
}
