/**
 * Units as files spell them, read as udunits does: a product of names with exponents and numbers,
 * `cm/s`, `m s**-1`, `0.01 m.s-1`, `meter second-1`. What has another dimension is refused: a
 * temperature read as a current would drift particles plausibly and wrongly.
 */

interface Unit {
  readonly factor: number
  readonly length: number
  readonly time: number
}

const metres = (factor: number): Unit => ({ factor, length: 1, time: 0 })
const seconds = (factor: number): Unit => ({ factor, length: 0, time: 1 })
const speed = (factor: number): Unit => ({ factor, length: 1, time: -1 })

/** International knot: 1852 m per hour. */
const KNOT = speed(1852 / 3600)
const FOOT = metres(0.3048)

/** Singular names; a plural is the name with an s. */
const UNITS: Readonly<Record<string, Unit>> = {
  m: metres(1),
  meter: metres(1),
  metre: metres(1),
  dm: metres(0.1),
  cm: metres(0.01),
  centimeter: metres(0.01),
  centimetre: metres(0.01),
  mm: metres(0.001),
  millimeter: metres(0.001),
  millimetre: metres(0.001),
  km: metres(1000),
  kilometer: metres(1000),
  kilometre: metres(1000),
  nmi: metres(1852),
  nautical_mile: metres(1852),
  ft: FOOT,
  foot: FOOT,
  feet: FOOT,
  s: seconds(1),
  sec: seconds(1),
  second: seconds(1),
  min: seconds(60),
  minute: seconds(60),
  h: seconds(3600),
  hr: seconds(3600),
  hour: seconds(3600),
  d: seconds(86_400),
  day: seconds(86_400),
  kt: KNOT,
  kn: KNOT,
  knot: KNOT,
  knot_international: KNOT,
  international_knot: KNOT,
  mps: speed(1),
  kmh: speed(1 / 3.6),
  kph: speed(1 / 3.6),
  mph: speed(0.447_04)
}
/** Written together by many; alone they would be milliseconds and the like. */
const RUN_TOGETHER: Readonly<Record<string, string>> = { 'ms-1': 'm s-1', 'cms-1': 'cm s-1' }

const nameOf = (word: string): Unit | undefined =>
  Object.hasOwn(UNITS, word)
    ? UNITS[word]
    : word.endsWith('s') && Object.hasOwn(UNITS, word.slice(0, -1))
      ? UNITS[word.slice(0, -1)]
      : undefined

/** One part: a solidus, a number, or a name with its exponent. */
const PART =
  /\s*(?:(\/)|(\d+(?:\.\d+)?(?:e[+-]?\d+)?)|([a-z_]+)(?:(?:\*\*|\^)?([+-]?\d))?)[\s.*·]*/y

/** The unit that a text means; undefined where a part of it is not known. */
function parseUnit(text: string): Unit | undefined {
  const plain = text
    .trim()
    .toLowerCase()
    .replace(/⁻¹/g, '-1')
    .replace(/\bper\b/g, '/')
  const written = RUN_TOGETHER[plain.replace(/\*\*|\^/g, '')] ?? plain
  let unit = { factor: 1, length: 0, time: 0 }
  let isBelow = false
  PART.lastIndex = 0
  while (PART.lastIndex < written.length) {
    const match = PART.exec(written)
    if (match === null) return undefined
    const [, solidus, number, word, exponent = '1'] = match
    if (solidus !== undefined) {
      isBelow = true
      continue
    }
    const known = word === undefined ? { factor: Number(number), length: 0, time: 0 } : nameOf(word)
    if (known === undefined) return undefined
    unit = times(unit, known, isBelow ? -Number(exponent) : Number(exponent))
    isBelow = false
  }
  return unit
}

/** A unit times another to a small whole power, by products alone. */
function times(unit: Unit, other: Unit, exponent: number): Unit {
  let factor = unit.factor
  for (let power = 0; power < Math.abs(exponent); power++) {
    factor = exponent > 0 ? factor * other.factor : factor / other.factor
  }
  return {
    factor,
    length: unit.length + exponent * other.length,
    time: unit.time + exponent * other.time
  }
}

/** What a value in this unit is multiplied by to be in m/s; undefined when it is no speed. */
export function metresPerSecondFactor(text: string): number | undefined {
  const unit = parseUnit(text)
  return unit?.length === 1 && unit.time === -1 ? unit.factor : undefined
}

/** What a value in this unit is multiplied by to be in metres; undefined when it is no length. */
export function metresFactor(text: string): number | undefined {
  const unit = parseUnit(text)
  return unit?.length === 1 && unit.time === 0 ? unit.factor : undefined
}
