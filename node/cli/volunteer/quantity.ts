/** Sizes, rates, durations and shares as people write them, on a command line or in a file. */
import { InvalidArgumentError } from 'commander'

const SIZES: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40
}

/** Bytes of "2 GB", "500MB", "1.5GiB"; undefined when it is not one. */
export function bytesOf(text: string): number | undefined {
  const [, number, unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(text) ?? []
  const factor = SIZES[unit.toLowerCase()]
  if (number === undefined || factor === undefined) return undefined
  return Math.round(Number(number) * factor)
}

/** Bytes per second of "200 kB/s" or "200kB". */
export const bytesPerSecondOf = (text: string): number | undefined =>
  bytesOf(text.replace(/\/s\s*$/i, ''))

const SPANS_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000
}

/** Milliseconds of "90m", "2h", "1d" or "1h30m". */
export function spanMsOf(text: string): number | undefined {
  if (!/^(\d+[smhd])+$/i.test(text.trim())) return undefined
  const parts = [...text.matchAll(/(\d+)([smhd])/gi)]
  return parts.reduce((sum, [, n, unit = '']) => {
    return sum + Number(n) * (SPANS_MS[unit.toLowerCase()] ?? 0)
  }, 0)
}

/** A reader as commander wants it: the value, or a usage error that shows an example. */
export const reading =
  (read: (text: string) => number | undefined, example: string) =>
  (text: string): number => {
    const value = read(text)
    if (value !== undefined && value > 0) return value
    throw new InvalidArgumentError(`write it like ${example}.`)
  }

/** 3_723_000 as "1 h 2 min". */
export function spanText(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  if (minutes < 1) return `${Math.max(1, Math.round(ms / 1000))} s`
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60)]
  const parts = [
    [days, 'd'],
    [hours, 'h'],
    [days > 0 ? 0 : minutes % 60, 'min']
  ] as const
  return parts
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ')
}
