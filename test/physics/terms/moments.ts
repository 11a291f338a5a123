/** Mean, standard deviation and kurtosis of numbers. */
interface Moments {
  readonly mean: number
  readonly deviation: number
  readonly kurtosis: number
}

export function moments(values: readonly number[]): Moments {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const central = (power: number): number =>
    values.reduce((sum, value) => sum + (value - mean) ** power, 0) / values.length
  return { mean, deviation: Math.sqrt(central(2)), kurtosis: central(4) / central(2) ** 2 }
}
