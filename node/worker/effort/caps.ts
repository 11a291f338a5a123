/**
 * How much of this machine a volunteer gives: three presets, each cap of which can be set by
 * itself. What the caps allow is what the pool, the store and the net are opened with.
 */

export const EFFORTS = ['quiet', 'normal', 'full'] as const
export type Effort = (typeof EFFORTS)[number]

export interface Caps {
  /** Units computed at the same time. */
  readonly threads: number
  /** Share of the time that each of them works, in percent. */
  readonly dutyPercent: number
  /** Memory of units and the states kept of them. */
  readonly memoryBytes: number
  /** Inputs kept on disk; the longest unused go first. */
  readonly diskBytes: number
  readonly connections: number
  readonly downloadBytesPerSecond?: number
  readonly uploadBytesPerSecond?: number
}

/** What the machine has. */
export interface Machine {
  readonly coreCount: number
  readonly memoryBytes: number
}

const MEGABYTE = 1_000_000
const GIGABYTE = 1000 * MEGABYTE
/** One unit at least; a smaller share computes nothing. */
const MEMORY_BYTES_MIN = 256 * MEGABYTE
/** Of a small machine a volunteer takes at most this share by itself. */
const MEMORY_SHARE_MAX = 0.25
/** A home router forgets connections beyond a few dozen (DESIGN §7). */
const CONNECTIONS = 40

const memoryOf = (bytes: number, { memoryBytes }: Machine): number =>
  Math.max(MEMORY_BYTES_MIN, Math.min(bytes, Math.floor(memoryBytes * MEMORY_SHARE_MAX)))

/** The caps of a preset on this machine. */
export function presetOf(effort: Effort, machine: Machine): Caps {
  const { coreCount } = machine
  const common = { connections: CONNECTIONS }
  if (effort === 'quiet') {
    const memoryBytes = memoryOf(GIGABYTE / 2, machine)
    return { ...common, threads: 1, dutyPercent: 50, memoryBytes, diskBytes: GIGABYTE }
  }
  if (effort === 'normal') {
    const threads = Math.max(1, Math.floor(coreCount / 2))
    const memoryBytes = memoryOf(GIGABYTE, machine)
    return { ...common, threads, dutyPercent: 100, memoryBytes, diskBytes: 2 * GIGABYTE }
  }
  const memoryBytes = memoryOf(4 * GIGABYTE, machine)
  return { ...common, threads: coreCount, dutyPercent: 100, memoryBytes, diskBytes: 8 * GIGABYTE }
}

/** A preset with some of its caps set by the user. */
export const capsOf = (effort: Effort, machine: Machine, own: Partial<Caps> = {}): Caps => ({
  ...presetOf(effort, machine),
  ...own
})

/** States kept for audits take this share of the memory, units the rest. */
const KEPT_SHARE = 0.25
const PAGE_BYTES = 65_536

export interface MemoryBudget {
  readonly keptBytes: number
  /** WebAssembly pages of each unit. */
  readonly pagesPerUnit: number
}

/** @param pagesMax what a unit may have at all */
export function memoryBudget({ memoryBytes, threads }: Caps, pagesMax: number): MemoryBudget {
  const keptBytes = Math.floor(memoryBytes * KEPT_SHARE)
  const pages = Math.floor((memoryBytes - keptBytes) / threads / PAGE_BYTES)
  return { keptBytes, pagesPerUnit: Math.max(1, Math.min(pages, pagesMax)) }
}
