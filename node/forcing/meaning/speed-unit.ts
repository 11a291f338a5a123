/**
 * Units of a speed as files spell them. What is not a speed is refused: a temperature read as a
 * current would drift particles plausibly and wrongly.
 */
const DISTANCES: Readonly<Record<string, number>> = {
  m: 1,
  meter: 1,
  meters: 1,
  metre: 1,
  metres: 1,
  cm: 0.01,
  centimeter: 0.01,
  centimeters: 0.01,
  mm: 0.001,
  km: 1000,
  kilometer: 1000,
  kilometers: 1000,
  nmi: 1852
}
const DURATIONS: Readonly<Record<string, number>> = {
  s: 1,
  sec: 1,
  second: 1,
  seconds: 1,
  min: 60,
  minute: 60,
  h: 3600,
  hr: 3600,
  hour: 3600,
  d: 86_400,
  day: 86_400
}
/** International knot: 1852 m per hour. */
const KNOT = 1852 / 3600
const WHOLE: Readonly<Record<string, number>> = {
  kt: KNOT,
  kts: KNOT,
  knot: KNOT,
  knots: KNOT,
  kn: KNOT,
  mps: 1,
  kmh: 1 / 3.6,
  kph: 1 / 3.6
}

/** What a value in this unit is multiplied by to be in m/s; undefined when it is no speed. */
export function metresPerSecondFactor(unit: string): number | undefined {
  const text = unit.trim().toLowerCase()
  const whole = WHOLE[text]
  if (whole !== undefined) return whole
  const match =
    /^([a-z]+)\s*\/\s*([a-z]+)$/.exec(text) ??
    /^([a-z]+)[\s.*]+([a-z]+)\s*(?:\*\*|\^)?\s*-1$/.exec(text)
  const distance = DISTANCES[match?.[1] ?? '']
  const duration = DURATIONS[match?.[2] ?? '']
  return distance === undefined || duration === undefined ? undefined : distance / duration
}
