/**
 * The quick look as text. On a terminal that shows colours two pixels share a character (upper half
 * block); elsewhere a character is a pixel, darker where it is faster, so that a log or a mail
 * carries the map too.
 */
import { interpolateViridis } from 'd3-scale-chromatic'
import { type Canvas, type QuickLook, topOf } from './quick-look.ts'

/** Characters are about twice as tall as wide. */
const CHARACTER_ASPECT = 2
/** Widest map that still fits an 80-column terminal with its labels. */
const COLUMNS_MAX = 66
const ROWS_MAX = 32
/** Columns before the map: `-12.5N `. */
const LABEL_COLUMNS = 8
const SHADES = ['·', '░', '▒', '▓', '█']
const LAND = '#'
const LAND_COLOUR = [110, 110, 110] as const

type Colour = readonly [number, number, number]

export interface MapStyle {
  readonly hasColours: boolean
  /** Columns of the terminal. */
  readonly columns: number
}

/** The pixels that a map of this style has. */
export function terminalCanvas({ hasColours, columns }: MapStyle): Canvas {
  const widthMax = Math.max(20, Math.min(COLUMNS_MAX, columns - LABEL_COLUMNS - 1))
  return hasColours
    ? { widthMax, heightMax: 2 * ROWS_MAX, aspect: 1 }
    : { widthMax, heightMax: ROWS_MAX, aspect: CHARACTER_ASPECT }
}

/** `#21918c` as three numbers. */
export function colourOf(share: number): Colour {
  const text = interpolateViridis(Math.min(1, Math.max(0, share)))
  const at = (index: number): number => Number.parseInt(text.slice(index, index + 2), 16)
  return [at(1), at(3), at(5)]
}

export function terminalMap(look: QuickLook, { hasColours }: MapStyle): string {
  const { width, height, box, role, time } = look
  const top = topOf(look.speeds)
  const rowsPerLine = hasColours ? 2 : 1
  const lines: string[] = [`  speed of the ${role} at ${time}`]
  for (let row = 0; row < height; row += rowsPerLine) {
    const isFirst = row === 0
    const isLast = row + rowsPerLine >= height
    const label = isFirst ? latitude(box.north) : isLast ? latitude(box.south) : ''
    const cells = Array.from({ length: width }, (_, column) =>
      hasColours ? coloured(look, row, column, top) : shaded(look, row, column, top)
    )
    const end = hasColours ? RESET : ''
    lines.push(`${label.padStart(LABEL_COLUMNS - 1)} ${cells.join('')}${end}`)
  }
  const [west, east] = [longitude(box.west), longitude(box.east)]
  const gap = ' '.repeat(Math.max(1, width - west.length - east.length))
  lines.push(`${' '.repeat(LABEL_COLUMNS)}${west}${gap}${east}`)
  lines.push(`${' '.repeat(LABEL_COLUMNS)}${hasColours ? colourBar(top) : shadeBar(top)}`)
  return `${lines.join('\n')}\n`
}

const RESET = '\u001b[0m'

const latitude = (degrees: number): string =>
  `${Math.abs(degrees).toFixed(1)}${degrees < 0 ? 'S' : 'N'}`
/** In [-180, 180), as people say it. */
const longitude = (degrees: number): string => {
  const lon = degrees === 180 ? 180 : degrees - 360 * Math.floor((degrees + 180) / 360)
  return `${Math.abs(lon).toFixed(1)}${lon < 0 ? 'W' : 'E'}`
}

/** Undefined outside the data, the land's colour on land. */
function pixelColour(look: QuickLook, row: number, column: number, top: number) {
  const pixel = row * look.width + column
  const speed = look.speeds[pixel] ?? Number.NaN
  if (row >= look.height || look.isCovered[pixel] !== 1) return undefined
  return Number.isNaN(speed) ? LAND_COLOUR : colourOf(speed / top)
}

function coloured(look: QuickLook, row: number, column: number, top: number): string {
  const upper = pixelColour(look, row, column, top)
  const lower = pixelColour(look, row + 1, column, top)
  if (upper === undefined && lower === undefined) return `${RESET} `
  if (upper === undefined) return `${RESET}\u001b[38;2;${lower?.join(';')}m▄`
  const under = lower === undefined ? '\u001b[49m' : `\u001b[48;2;${lower.join(';')}m`
  return `\u001b[38;2;${upper.join(';')}m${under}▀`
}

function shaded(look: QuickLook, row: number, column: number, top: number): string {
  const pixel = row * look.width + column
  const speed = look.speeds[pixel] ?? Number.NaN
  if (look.isCovered[pixel] !== 1) return ' '
  if (Number.isNaN(speed)) return LAND
  const shade = Math.min(SHADES.length - 1, Math.floor((speed / top) * SHADES.length))
  return SHADES[shade] ?? ' '
}

/** Colours shown between the ends of the bar. */
const BAR_COLUMNS = 24

function colourBar(top: number): string {
  const cells = Array.from({ length: BAR_COLUMNS }, (_, i) => {
    const colour = colourOf((i + 0.5) / BAR_COLUMNS)
    return `\u001b[48;2;${colour.join(';')}m `
  })
  const land = `\u001b[48;2;${LAND_COLOUR.join(';')}m  ${RESET} no value`
  return `0 ${cells.join('')}${RESET} ${top} m/s   ${land}`
}

function shadeBar(top: number): string {
  const cells = SHADES.map((shade, index) => {
    const from = Number(((index * top) / SHADES.length).toPrecision(3))
    return `${shade} ${from}`
  })
  return `${cells.join('  ')} to ${top} m/s   ${LAND} no value`
}
