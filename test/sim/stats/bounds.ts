/** Exact upper confidence bounds of a share (Clopper and Pearson 1934), by bisection. */

/** log of P[X = k] for X binomial(n, p), stepping from k = 0. */
function cumulative(count: number, total: number, share: number): number {
  let term = total * Math.log1p(-share)
  let sum = Math.exp(term)
  for (let k = 1; k <= count; k += 1) {
    term += Math.log((total - k + 1) / k) + Math.log(share) - Math.log1p(-share)
    sum += Math.exp(term)
  }
  return sum
}

/** The share that would give as few as `count` of `total` only once in 20 times. */
export function upperBound95(count: number, total: number): number {
  if (total === 0 || count >= total) return 1
  let [low, high] = [count / total, 1]
  for (let round = 0; round < 100; round += 1) {
    const middle = (low + high) / 2
    if (cumulative(count, total, middle) > 0.05) low = middle
    else high = middle
  }
  return high
}
