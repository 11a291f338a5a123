/**
 * Memory of the module: one linear memory, laid out anew by every call of `allocate` (a run) or
 * `arena` (metric, seeding). No allocator, no garbage collector: a region is an offset.
 */

/** Bumped when the meaning of an export or of a region changes; the host refuses another. */
export const LAYOUT_VERSION: i32 = 2
/** Bytes of one particle in the state table; with autoregressive noise two i16 more. */
export const STATE_BYTES: usize = 18
export const NOISY_STATE_BYTES: usize = 22
/** Where the parts of a row are (kernel/README.md). */
export const AT_FRACTION_X: usize = 0
export const AT_FRACTION_Y: usize = 4
export const AT_CELL_X: usize = 8
export const AT_CELL_Y: usize = 10
export const AT_RELEASE: usize = 12
export const AT_WINDAGE: usize = 14
export const AT_STATUS: usize = 16
export const AT_CLASS: usize = 17
export const AT_NOISE: usize = 18
/** Position quanta per cell: 20 fraction bits. */
export const FRACTION_BITS: i32 = 20
export const QUANTA: i32 = 1 << FRACTION_BITS
export const FRACTION_MASK: i32 = QUANTA - 1
/** Nodes around the crop that stages of a step may read: one cell away, and its far corner. */
export const HALO: i32 = 2

export const WAITING: u8 = 0
export const AFLOAT: u8 = 1
export const STRANDED: u8 = 2
export const OUTSIDE: u8 = 3
export const RETIRED: u8 = 4
export const MISSING: u8 = 5
export const STATUS_COUNT: i32 = 6

export const FAULT_NONE: i32 = 0
export const FAULT_REACH: i32 = 1
export const FAULT_SPEED: i32 = 2
export const FAULT_FUEL: i32 = 3
export const FAULT_MEMORY: i32 = 4
export const FAULT_STATE: i32 = 5

let top: usize = 0

/** Forgets every region. */
export function resetMemory(): void {
  top = __heap_base
}

/** A region of this many bytes on a 16-byte boundary, or 0 when the memory may not grow so far. */
export function region(bytes: u64): usize {
  const start = (top + 15) & ~15
  const end = <u64>start + bytes
  if (end > 0xffff0000) return 0
  const pages = <i32>((end + 0xffff) >> 16)
  const missing = pages - memory.size()
  if (missing > 0 && memory.grow(missing) < 0) return 0
  top = <usize>end
  return start
}
