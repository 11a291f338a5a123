/**
 * From stored numbers to m/s: fill values, valid range, scale and offset, unit. What is missing
 * becomes NaN here and a hole or land later; NaN never reaches content.
 */
import type { DataFile, DataVariable, Range, Stored } from '../read/data-file.ts'

/** A speed that is not one in any fluid on Earth: an undeclared fill value. */
const SPEED_MAX_METRES_PER_SECOND = 10_000
/** What the netCDF library writes into unwritten float, short and int values. */
const DEFAULT_FILLS_FLOAT = [9.969209968386869e36]
const DEFAULT_FILLS_INTEGER = [-32_767, -2_147_483_647]

/** Stored numbers to m/s, NaN where missing; `out` may be the same array. */
export type Unpack = (stored: Stored, out: Stored) => void

export function unpacking(variable: DataVariable, metresPerSecondFactor: number): Unpack {
  const { type } = variable
  const lift = liftOf(variable)
  const scale = numberOf(variable, 'scale_factor') ?? 1
  const offset = numberOf(variable, 'add_offset') ?? 0
  const asStored = (value: number): number =>
    type === 'float32' ? Math.fround(value) : lift !== 0 && value < 0 ? value + lift : value
  const fills = new Set(fillValues(variable).map(asStored))
  const [min, max] = validRange(variable)
  // NetCDF: a range of fractions on packed whole numbers is meant for the unpacked value.
  const isRangeUnpacked =
    type === 'int' && scale !== 1 && !(Number.isInteger(min) && Number.isInteger(max))
  const [low, high] = isRangeUnpacked ? [min, max] : [asStored(min), asStored(max)]
  // Most variables have one fill value, declared once or twice; the set is for the others.
  const [fill = Number.NaN, ...others] = fills
  const isFill = (value: number): boolean => others.length > 0 && fills.has(value)
  const isPlain =
    scale === 1 && offset === 0 && metresPerSecondFactor === 1 && lift === 0 && others.length === 0
  if (isPlain && low === -Infinity && high === Infinity) {
    return (stored, out) => markMissing(stored, out, fill)
  }
  return (stored, out) => {
    for (let index = 0; index < stored.length; index++) {
      const raw = stored[index] ?? Number.NaN
      const number = lift !== 0 && raw < 0 ? raw + lift : raw
      const value = number * scale + offset
      const checked = isRangeUnpacked ? value : number
      const speed = value * metresPerSecondFactor
      out[index] =
        number === fill ||
        isFill(number) ||
        !(checked >= low && checked <= high) ||
        !(Math.abs(speed) < SPEED_MAX_METRES_PER_SECOND)
          ? Number.NaN
          : speed
    }
  }
}

/** Most large files hold m/s as they are: only what is missing is to be found. */
function markMissing(stored: Stored, out: Stored, fill: number): void {
  if (stored !== out) out.set(stored)
  for (let index = 0; index < out.length; index++) {
    const number = out[index] ?? Number.NaN
    const isSpeed = number < SPEED_MAX_METRES_PER_SECOND && number > -SPEED_MAX_METRES_PER_SECOND
    if (!isSpeed || number === fill) out[index] = Number.NaN
  }
}

/**
 * What negative numbers are raised by: formats without unsigned numbers mark them so (NUG
 * `_Unsigned`). 0 where numbers are what they are.
 */
function liftOf({ attributes, signedBits }: DataVariable): number {
  const isUnsigned = String(attributes.get('_Unsigned')).toLowerCase() === 'true'
  return isUnsigned && signedBits !== undefined ? 2 ** signedBits : 0
}

function fillValues(variable: DataVariable): number[] {
  const declared = ['_FillValue', 'missing_value'].flatMap((name) => numbersOf(variable, name))
  if (variable.attributes.has('_FillValue')) return declared
  // Unsigned numbers have another default, which nobody writes without declaring it.
  if (liftOf(variable) !== 0) return declared
  const defaults = variable.type === 'int' ? DEFAULT_FILLS_INTEGER : DEFAULT_FILLS_FLOAT
  return [...declared, ...defaults]
}

function validRange(variable: DataVariable): readonly [number, number] {
  const [low, high] = numbersOf(variable, 'valid_range')
  return [
    low ?? numberOf(variable, 'valid_min') ?? Number.NEGATIVE_INFINITY,
    high ?? numberOf(variable, 'valid_max') ?? Number.POSITIVE_INFINITY
  ]
}

/** Numbers of an attribute; some writers store them as text. */
function numbersOf(variable: DataVariable, name: string): readonly number[] {
  const value = variable.attributes.get(name)
  if (typeof value !== 'string') return value ?? []
  return value.trim() === '' || Number.isNaN(Number(value)) ? [] : [Number(value)]
}

const numberOf = (variable: DataVariable, name: string): number | undefined =>
  numbersOf(variable, name)[0]

/** All values of a small variable beside the fields: coordinates, masks, depths. */
export async function readWhole(file: DataFile, variable: DataVariable): Promise<Float64Array> {
  const box = variable.dimensions.map(({ count }): Range => [0, count])
  return unpackCoordinate(variable, await file.read(variable.name, box))
}

/** Values of a coordinate variable, unpacked; its valid range is not applied (often wrong). */
export function unpackCoordinate(variable: DataVariable, numbers: Stored): Float64Array {
  const lift = liftOf(variable)
  const raised = (value: number): number => (value < 0 ? value + lift : value)
  const stored = lift === 0 ? new Float64Array(numbers) : Float64Array.from(numbers, raised)
  const scale = numberOf(variable, 'scale_factor') ?? 1
  const offset = numberOf(variable, 'add_offset') ?? 0
  return scale === 1 && offset === 0 ? stored : stored.map((value) => value * scale + offset)
}
