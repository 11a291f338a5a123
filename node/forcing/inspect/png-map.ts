/**
 * The quick look as a PNG: north up, speeds in viridis (even to the eye, and to eyes that do not
 * tell red from green), grey where the grid has no value, white outside it, a scale with numbers.
 */
import { encode } from 'fast-png'
import { LETTERING_HEIGHT, letter, letteringWidth } from './lettering.ts'
import { type Canvas, type QuickLook, topOf } from './quick-look.ts'
import { colourOf } from './terminal-map.ts'

export const PNG_CANVAS: Canvas = { widthMax: 900, heightMax: 900, aspect: 1 }

const LAND = [150, 150, 150] as const
const INK = [30, 30, 30] as const
const WHITE = 255
const MARGIN = { left: 60, right: 110, top: 30, bottom: 36 } as const
/** The bar of the scale: its distance from the map and its width. */
const BAR = { gap: 16, width: 18 } as const
const GAP = 6
/** Numbers on the scale and on each axis. */
const TICKS = 4

export function pngMap(look: QuickLook): Uint8Array {
  const width = look.width + MARGIN.left + MARGIN.right
  const height = Math.max(look.height, 120) + MARGIN.top + MARGIN.bottom
  const data = new Uint8Array(3 * width * height).fill(WHITE)
  const paint = (x: number, y: number, colour: readonly [number, number, number]): void => {
    if (x >= 0 && x < width && y >= 0 && y < height) data.set(colour, 3 * (y * width + x))
  }
  const write = (text: string, x: number, y: number): void =>
    letter(text, Math.round(x), Math.round(y), (px, py) => paint(px, py, INK))
  const top = topOf(look.speeds)
  for (let pixel = 0; pixel < look.speeds.length; pixel++) {
    if (look.isCovered[pixel] !== 1) continue
    const speed = look.speeds[pixel] ?? Number.NaN
    const colour = Number.isNaN(speed) ? LAND : colourOf(speed / top)
    const x = MARGIN.left + (pixel % look.width)
    paint(x, MARGIN.top + Math.floor(pixel / look.width), colour)
  }
  write(look.time, MARGIN.left, (MARGIN.top - LETTERING_HEIGHT) / 2)
  drawAxes(look, write)
  drawScale(look, top, paint, write)
  const text = { Title: `speed of the ${look.role} at ${look.time}`, Software: 'driftmesh' }
  return encode({ width, height, data, channels: 3, depth: 8, text })
}

type Write = (text: string, x: number, y: number) => void

const named = (value: number, positive: string, negative: string): string =>
  `${Number(Math.abs(value).toFixed(2))}${value < 0 ? negative : positive}`

function drawAxes({ box, width, height }: QuickLook, write: Write): void {
  for (let tick = 0; tick <= TICKS; tick++) {
    const share = tick / TICKS
    const lat = named(box.north - share * (box.north - box.south), 'N', 'S')
    const y = MARGIN.top + share * height - LETTERING_HEIGHT / 2
    write(lat, MARGIN.left - letteringWidth(lat) - GAP, y)
    const degrees = box.west + share * (box.east - box.west)
    const lon = named(
      degrees === 180 ? 180 : ((((degrees + 180) % 360) + 360) % 360) - 180,
      'E',
      'W'
    )
    // On a narrow map only the ends have room.
    const isRoomy = letteringWidth(lon) + GAP < width / TICKS
    if (!isRoomy && tick !== 0 && tick !== TICKS) continue
    const x = MARGIN.left + share * width - letteringWidth(lon) / 2
    write(lon, x, MARGIN.top + height + GAP)
  }
}

function drawScale(
  { width, height }: QuickLook,
  top: number,
  paint: (x: number, y: number, colour: readonly [number, number, number]) => void,
  write: Write
): void {
  const left = MARGIN.left + width + BAR.gap
  for (let y = 0; y < height; y++) {
    const colour = colourOf(1 - (y + 0.5) / height)
    for (let x = 0; x < BAR.width; x++) paint(left + x, MARGIN.top + y, colour)
  }
  for (let tick = 0; tick <= TICKS; tick++) {
    const value = Number(((top * tick) / TICKS).toPrecision(3))
    const y = MARGIN.top + height * (1 - tick / TICKS) - LETTERING_HEIGHT / 2
    write(`${value}`, left + BAR.width + GAP, y)
  }
  write('m/s', left, (MARGIN.top - LETTERING_HEIGHT) / 2)
}
