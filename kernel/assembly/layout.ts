/**
 * Memory of the module: one linear memory, laid out anew by every call of `allocate` (a run) or
 * `arena` (metric, seeding). No allocator, no garbage collector: a region is an offset.
 */

/** Bumped when the meaning of an export or of a region changes; the host refuses another. */
export const LAYOUT_VERSION: i32 = 1
/** Bytes of one particle in the state table. */
export const STATE_BYTES: usize = 28
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
