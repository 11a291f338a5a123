/**
 * Where particles are stranded: counts by coastal cell, origin and class, so that what a run
 * returns about beaching grows with the coast and not with particles and steps. Origins are ranges
 * of ids; the coastal cell is that of the node nearest to the particle.
 */
import {
  AT_CELL_X, AT_CELL_Y, AT_CLASS, AT_FRACTION_X, AT_FRACTION_Y, HALO, STRANDED
} from './layout'
import * as grid from './grid'
import * as particles from './particles'
import { sortKeys } from './sort'

/** u32 coastal cell, origin, class, count. */
export const ENTRY_BYTES: usize = 16
const HALF_CELL: u32 = 0x80000000

let originCount: i32 = 1
/** u32 first ids of the origins after the first. */
let starts: usize = 0
/** u32 coastal cell per node, with halo; 0 where the run knows no coast. */
let cells: usize = 0
let keys: usize = 0
let spareKeys: usize = 0
let entries: usize = 0
let classCount: i32 = 1

export function setBeached(origins: i32, kinds: i32): void {
  originCount = origins
  classCount = kinds
}

export function setBeachedRegions(
  startsAt: usize, cellsAt: usize, keysAt: usize, spareAt: usize, entriesAt: usize
): void {
  starts = startsAt
  cells = cellsAt
  keys = keysAt
  spareKeys = spareAt
  entries = entriesAt
}

/** Origin of a particle: how many starts are not above its id. */
function originOf(id: u32): i32 {
  let low = 0
  let high = originCount - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (load<u32>(starts + (<usize>middle << 2)) <= id) low = middle + 1
    else high = middle
  }
  return low
}

/** Coastal cell of a stored position. */
function cellOf(row: usize): u32 {
  const isEast = load<u32>(row, AT_FRACTION_X) >= HALF_CELL
  const isNorth = load<u32>(row, AT_FRACTION_Y) >= HALF_CELL
  const column = grid.cropCellX(<i32>load<i16>(row, AT_CELL_X)) + i32(isEast) + HALO
  const line = <i32>load<i16>(row, AT_CELL_Y) - grid.cropRow + i32(isNorth) + HALO
  return load<u32>(cells + (<usize>(line * grid.stride + column) << 2))
}

/** Writes the entries, ascending; returns their number. The table must be up to date. */
export function countBeached(): i32 {
  if (cells == 0) return 0
  let n = 0
  for (let row: i32 = 0; row < particles.count; row++) {
    if (particles.statusOf(row) != STRANDED) continue
    const at = particles.rowAt(row)
    const origin = <u64>originOf(particles.firstParticle + <u32>row)
    const place = <u64>cellOf(at) * <u64>originCount + origin
    store<u64>(keys + (<usize>n << 3), place * <u64>classCount + <u64>load<u8>(at, AT_CLASS))
    n++
  }
  const sorted = sortKeys(keys, spareKeys, n, 0, 64)
  let written = 0
  let previous: u64 = u64.MAX_VALUE
  let to = entries - ENTRY_BYTES
  for (let i: i32 = 0; i < n; i++) {
    const key = load<u64>(sorted + (<usize>i << 3))
    if (key != previous) {
      previous = key
      written++
      to += ENTRY_BYTES
      const place = key / <u64>classCount
      store<u32>(to, <u32>(place / <u64>originCount))
      store<u32>(to, <u32>(place % <u64>originCount), 4)
      store<u32>(to, <u32>(key % <u64>classCount), 8)
      store<u32>(to, 0, 12)
    }
    store<u32>(to, load<u32>(to, 12) + 1, 12)
  }
  return written
}
