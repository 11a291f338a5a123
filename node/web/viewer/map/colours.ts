/**
 * Colours of values: cividis, which people see alike whatever their colour vision, from a hundredth
 * of a hundredth of the highest value to it, logarithmically; shares from 0 to 1.
 */
import { interpolateCividis } from 'd3-scale-chromatic'

const SHADES = 256
/** Decades below the top that still have a colour of their own. */
const DECADES = 4

export interface Scale {
  readonly low: number
  readonly high: number
  readonly isLog: boolean
}

export function scaleOf(high: number, isShare: boolean): Scale {
  if (isShare) return { low: 0, high: 1, isLog: false }
  const top = high > 0 ? 10 ** Math.ceil(Math.log10(high) - 1e-9) : 1
  return { low: top / 10 ** DECADES, high: top, isLog: true }
}

/** Share of the scale, from 0 to 1. */
export function shareOf({ low, high, isLog }: Scale, value: number): number {
  const share = isLog ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low)
  return Math.min(1, Math.max(0, share))
}

/** More is darker on light ground and brighter on dark; the faint end is kept off the ground. */
const shade = (share: number, isDark: boolean): [number, number, number] => {
  const text = interpolateCividis(isDark ? 0.22 + 0.78 * share : 0.95 - 0.95 * share)
  const [red = 0, green = 0, blue = 0] = (text.match(/\d+/g) ?? []).map(Number)
  return [red, green, blue]
}

/** Colours by share of the scale, as the bytes of ImageData read as little-endian words. */
export function shades(isDark: boolean): Uint32Array {
  return Uint32Array.from({ length: SHADES }, (_, index) => {
    const [red, green, blue] = shade(index / (SHADES - 1), isDark)
    return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0
  })
}

export const shadeAt = (table: Uint32Array, scale: Scale, value: number): number =>
  value > 0 ? (table[Math.round(shareOf(scale, value) * (SHADES - 1))] ?? 0) : 0

/** CSS gradient of the legend, faint to full. */
export function gradient(isDark: boolean): string {
  const stops = Array.from(
    { length: 17 },
    (_, index) => `rgb(${shade(index / 16, isDark).join(' ')})`
  )
  return `linear-gradient(to right, ${stops.join(', ')})`
}
