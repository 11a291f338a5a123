/**
 * Damage as it happens and as somebody makes it: files cut off, bits flipped, sizes that are
 * absurd, types that are others, attributes that want to be more than text. From a seed, so that a
 * failure is a number.
 */

/** Mulberry32: small, seeded, good enough to choose where to hit. */
export function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

type Random = ReturnType<typeof randomOf>
type Mutation = (bytes: Buffer, random: Random) => Buffer

const HUGE = [0xffff_ffffn, 0x7fff_ffffn, 0x8000_0000n, 1n << 40n, (1n << 63n) - 1n, 1n << 62n, 0n]
const HOSTILE_TEXTS = [
  '\u001b[2J\u001b[31mred',
  '../../../../etc/passwd',
  '%s%s%s%n',
  '$(exit 1)',
  'NaN',
  '-1e999',
  'hours since 99999999-99-99',
  'days since',
  '\u0000\u0000\u0000',
  '__proto__',
  '1e308 m s-1',
  'A'.repeat(300)
]

/** Where headers are: at the beginning of a file. */
const near = (bytes: Buffer, random: Random): number =>
  random(2) === 0 ? random(bytes.length) : random(Math.min(bytes.length, 4096))

const truncated: Mutation = (bytes, random) => bytes.subarray(0, random(bytes.length))

const flipped: Mutation = (bytes, random) => {
  const copy = Buffer.from(bytes)
  for (let count = 1 + random(16); count > 0; count--) {
    const at = near(copy, random)
    copy[at] = (copy[at] ?? 0) ^ (1 << random(8))
  }
  return copy
}

const absurd: Mutation = (bytes, random) => {
  const copy = Buffer.from(bytes)
  for (let count = 1 + random(4); count > 0; count--) {
    const at = near(copy, random) & ~3
    const value = HUGE[random(HUGE.length)] ?? 0n
    if (at + 8 > copy.length) continue
    if (random(2) === 0) copy.writeBigUInt64LE(value, at)
    else copy.writeUInt32BE(Number(value & 0xffff_ffffn), at)
  }
  return copy
}

/** Small numbers stand for types, counts and versions. */
const retyped: Mutation = (bytes, random) => {
  const copy = Buffer.from(bytes)
  for (let tries = 200, hits = 1 + random(6); tries > 0 && hits > 0; tries--) {
    const at = near(copy, random)
    const value = copy[at] ?? 0
    if (value === 0 || value > 16) continue
    copy[at] = random(16)
    hits--
  }
  return copy
}

const rewritten: Mutation = (bytes, random) => {
  const copy = Buffer.from(bytes)
  const runs = [...copy.toString('latin1').matchAll(/[\x20-\x7e]{4,}/g)]
  for (let count = 1 + random(4); count > 0 && runs.length > 0; count--) {
    const at = runs[random(runs.length)]?.index ?? 0
    const text = Buffer.from(HOSTILE_TEXTS[random(HOSTILE_TEXTS.length)] ?? '')
    text.copy(copy, at, 0, Math.min(text.length, copy.length - at))
  }
  return copy
}

const holed: Mutation = (bytes, random) => {
  const copy = Buffer.from(bytes)
  const at = near(copy, random)
  const end = Math.min(copy.length, at + 1 + random(2000))
  return copy.fill(random(2) * 0xff, at, end)
}

const shifted: Mutation = (bytes, random) => {
  const at = near(bytes, random)
  const piece = Buffer.alloc(1 + random(64), random(256))
  return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)])
}

const MUTATIONS = { truncated, flipped, absurd, retyped, rewritten, holed, shifted }
const NAMES = Object.keys(MUTATIONS) as (keyof typeof MUTATIONS)[]

/** One damage to bytes of any kind. */
export function mutate(bytes: Uint8Array, random: Random): { how: string; bytes: Buffer } {
  const how = NAMES[random(NAMES.length)] ?? 'flipped'
  return { how, bytes: MUTATIONS[how](Buffer.from(bytes), random) }
}

const HOSTILE_JSON: readonly unknown[] = [
  -1,
  1e300,
  2 ** 53,
  0.5,
  null,
  true,
  {},
  [],
  [1e9, 1e9, 1e9],
  '<f99',
  '|O',
  '../..',
  ...HOSTILE_TEXTS
]

/** One value of a JSON text becomes another. */
export function mutateJson(text: string, random: Random): { how: string; bytes: Buffer } {
  const spots = [...text.matchAll(/(?<=[:[,]\s*)("[^"]*"|-?[\d.]+|null|true|false)(?=\s*[,}\]])/g)]
  let copy = text
  for (let count = 1 + random(3); count > 0 && spots.length > 0; count--) {
    const spot = spots[random(spots.length)]
    const value = JSON.stringify(HOSTILE_JSON[random(HOSTILE_JSON.length)])
    if (spot !== undefined && copy.startsWith(spot[0], spot.index)) {
      copy = copy.slice(0, spot.index) + value + copy.slice(spot.index + spot[0].length)
    }
  }
  return { how: 'json', bytes: Buffer.from(copy) }
}
