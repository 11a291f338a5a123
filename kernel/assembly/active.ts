/**
 * The particles afloat, in blocks of four: 64 bytes [4 × i32 x, 4 × i32 y, 4 × f32 windage, 4 × u32
 * row of the state table], x and y in quanta from the crop's first node, and 8 bytes of residuals
 * [4 × i8 x, 4 × i8 y]: what rounding to quanta left over, in 1/256 quanta in [−½, ½). 18 bytes per
 * particle. Their order means nothing, so it may be sorted for speed. Places of the last block
 * that hold no particle repeat the last one, so that whole blocks can be moved.
 */
import { FRACTION_BITS } from './layout'
import { sortKeys } from './sort'

export const BLOCK_BYTES: usize = 64
export const REST_BYTES: usize = 8
/** Where the parts of a block are. */
export const AT_Y: usize = 16
export const AT_DRIFT: usize = 32
export const AT_ROW: usize = 48

/** First block, first residuals. */
export let blocks: usize = 0
export let rests: usize = 0
export let count: i32 = 0
/** Range of the windages of all particles of the run, afloat or not. */
export let windageLow: f32 = 0
export let windageHigh: f32 = 0
let keys: usize = 0
let spareKeys: usize = 0

export function setRegions(blocksAt: usize, restsAt: usize, keysAt: usize, spareAt: usize): void {
  blocks = blocksAt
  rests = restsAt
  keys = keysAt
  spareKeys = spareAt
}

export function clear(): void {
  count = 0
  windageLow = f32.MAX_VALUE
  windageHigh = -f32.MAX_VALUE
}

// @ts-ignore: decorator
@inline
export function blockCount(): i32 {
  return (count + 3) >> 2
}

/** Where x of place i is; y, windage and row lie AT_Y, AT_DRIFT and AT_ROW behind it. */
// @ts-ignore: decorator
@inline
export function placeOf(i: i32): usize {
  return blocks + ((<usize>i >> 2) << 6) + ((<usize>i & 3) << 2)
}

/** Where the residual in x of place i is; that in y lies four bytes behind it. */
// @ts-ignore: decorator
@inline
export function restOf(i: i32): usize {
  return rests + ((<usize>i >> 2) << 3) + (<usize>i & 3)
}

export function push(x: i32, y: i32, restX: i32, restY: i32, windage: f32, row: i32): void {
  const at = placeOf(count)
  store<i32>(at, x)
  store<i32>(at, y, AT_Y)
  store<f32>(at, windage, AT_DRIFT)
  store<i32>(at, row, AT_ROW)
  const rest = restOf(count)
  store<i8>(rest, <i8>restX)
  store<i8>(rest, <i8>restY, 4)
  count++
}

export function includeWindage(windage: f32): void {
  windageLow = min(windageLow, windage)
  windageHigh = max(windageHigh, windage)
}

function copy(from: i32, to: i32): void {
  const a = placeOf(from)
  const b = placeOf(to)
  store<i32>(b, load<i32>(a))
  store<i32>(b, load<i32>(a, AT_Y), AT_Y)
  store<i32>(b, load<i32>(a, AT_DRIFT), AT_DRIFT)
  store<i32>(b, load<i32>(a, AT_ROW), AT_ROW)
  store<u8>(restOf(to), load<u8>(restOf(from)))
  store<u8>(restOf(to), load<u8>(restOf(from), 4), 4)
}

/** Takes a place out; the last one moves there. Take higher places first. */
export function remove(place: i32): void {
  count--
  if (place != count) copy(count, place)
}

/** Fills the last block with its last particle. */
export function padLast(): void {
  for (let i = count; (i & 3) != 0; i++) copy(count - 1, i)
}

/** Every second bit of a 16-bit number. */
// @ts-ignore: decorator
@inline
function spread(value: u32): u32 {
  let x = value & 0xffff
  x = (x | (x << 8)) & 0x00ff00ff
  x = (x | (x << 4)) & 0x0f0f0f0f
  x = (x | (x << 2)) & 0x33333333
  return (x | (x << 1)) & 0x55555555
}

/** Key bits that hold the place (2²⁴ particles) and, above them, the Morton cell. */
const PLACE_BITS: u32 = 24
const PLACE_MASK: u64 = (1 << PLACE_BITS) - 1
const KEY_BITS: u32 = PLACE_BITS + 22

/** Brings the two words at `part` and `other` of every place into the order of the sorted keys. */
function permute(sorted: usize, free: usize, part: usize, other: usize): void {
  for (let i: i32 = 0; i < count; i++) {
    const from = placeOf(<i32>(load<u64>(sorted + (<usize>i << 3)) & PLACE_MASK))
    const to = free + (<usize>i << 3)
    store<u32>(to, load<u32>(from + part))
    store<u32>(to, load<u32>(from + other), 4)
  }
  for (let i: i32 = 0; i < count; i++) {
    const from = free + (<usize>i << 3)
    store<u32>(placeOf(i) + part, load<u32>(from))
    store<u32>(placeOf(i) + other, load<u32>(from, 4))
  }
}

function permuteRests(sorted: usize, free: usize): void {
  for (let i: i32 = 0; i < count; i++) {
    const from = restOf(<i32>(load<u64>(sorted + (<usize>i << 3)) & PLACE_MASK))
    store<u8>(free + (<usize>i << 1), load<u8>(from))
    store<u8>(free + (<usize>i << 1), load<u8>(from, 4), 1)
  }
  for (let i: i32 = 0; i < count; i++) {
    store<u8>(restOf(i), load<u8>(free + (<usize>i << 1)))
    store<u8>(restOf(i), load<u8>(free + (<usize>i << 1), 1), 4)
  }
}

/** Sorts by cell in Morton order, so that neighbours share cache lines. */
export function sort(): void {
  for (let i: i32 = 0; i < count; i++) {
    const at = placeOf(i)
    const x = <u32>(load<i32>(at) >> FRACTION_BITS)
    const y = <u32>(load<i32>(at, AT_Y) >> FRACTION_BITS)
    const cell = (spread(y) << 1) | spread(x)
    store<u64>(keys + (<usize>i << 3), (<u64>cell << PLACE_BITS) | <u64>i)
  }
  const sorted = sortKeys(keys, spareKeys, count, PLACE_BITS, KEY_BITS)
  const free = sorted == keys ? spareKeys : keys
  permute(sorted, free, 0, AT_Y)
  permute(sorted, free, AT_DRIFT, AT_ROW)
  permuteRests(sorted, free)
}
