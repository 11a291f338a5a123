/**
 * Alternating rounds: every contender once, then every contender again, so that a machine that
 * slows down slows all of them; medians at the end.
 */

export interface Contender {
  readonly name: string
  /** Particle-steps of one round. */
  readonly particleSteps: number
  /** Seconds of one round. */
  round(): number | Promise<number>
}

export interface Rated {
  readonly name: string
  /** Median of particle-steps per second, in millions. */
  readonly rate: number
}

export const medianOf = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

/** One round to warm up, then `rounds` that count. */
export async function alternate(
  contenders: readonly Contender[],
  rounds: number,
  warmUps = 1
): Promise<Rated[]> {
  const rates = contenders.map((): number[] => [])
  for (let round = -warmUps; round < rounds; round++) {
    for (const [i, contender] of contenders.entries()) {
      const seconds = await contender.round()
      if (round >= 0) rates[i]?.push(contender.particleSteps / seconds / 1e6)
    }
  }
  return contenders.map(({ name }, i) => ({ name, rate: medianOf(rates[i] ?? []) }))
}

/** Milliseconds of processor time of this thread: other processes do not count. */
export function threadMs(): number {
  const { user, system } = (
    process as unknown as { threadCpuUsage(): { user: number; system: number } }
  ).threadCpuUsage()
  return (user + system) / 1000
}

/** Of the table: three digits. */
export const shown = (rate: number): string => (rate >= 100 ? rate.toFixed(0) : rate.toPrecision(3))
