/** Two maps beside each other as one PNG: current and tracks, density. */
import { encode } from 'fast-png'
import { builtInShoreline } from '../../node/forcing/coastline/shoreline.ts'
import { LETTERING_HEIGHT, letter, letteringWidth } from '../../node/forcing/inspect/lettering.ts'
import { colourOf } from '../../node/forcing/inspect/terminal-map.ts'
import type { Field } from './field.ts'
import type { Density, Track } from './product.ts'

type Colour = readonly [number, number, number]
const LAND: Colour = [165, 160, 150]
const UNKNOWN: Colour = [225, 205, 225]
const INK: Colour = [20, 20, 20]
const WHITE: Colour = [255, 255, 255]
const END: Colour = [230, 30, 30]
const TRACK: Colour = [255, 150, 60]
const SEA: Colour = [235, 242, 248]
const HOLE_VALUE = 1e29
const MARGIN = 54
const MAP_PIXELS_MAX = 620
/** An arrow shows where water is after the time in which the fastest crosses this many pixels. */
const ARROW_PIXELS = 26
const ARROWS_ACROSS = 22
const BARB_PIXELS = 4
const DENSITY_DECADES = 3

interface Scene {
  readonly field: Field
  readonly tracks: readonly Track[]
  readonly density: Density
}

class Sheet {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
  constructor(width: number, height: number) {
    this.width = width
    this.height = height
    this.data = new Uint8Array(3 * width * height).fill(255)
  }

  dot(x: number, y: number, colour: Colour): void {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return
    this.data.set(colour, 3 * (Math.floor(y) * this.width + Math.floor(x)))
  }

  disc(x: number, y: number, radius: number, colour: Colour): void {
    for (let dy = -radius; dy <= radius; dy++) {
      for (let dx = -radius; dx <= radius; dx++) {
        if (dx * dx + dy * dy <= radius * radius) this.dot(x + dx, y + dy, colour)
      }
    }
  }

  line(x1: number, y1: number, x2: number, y2: number, colour: Colour): void {
    const steps = Math.min(Math.ceil(Math.max(Math.abs(x2 - x1), Math.abs(y2 - y1), 1)), 5000)
    for (let step = 0; step <= steps; step++) {
      this.dot(x1 + ((x2 - x1) * step) / steps, y1 + ((y2 - y1) * step) / steps, colour)
    }
  }

  text(words: string, x: number, y: number): void {
    letter(words, Math.round(x), Math.round(y), (px, py) => this.dot(px, py, INK))
  }
}

/** From degrees to pixels of one map; a degree of longitude is narrower away from the equator. */
class Frame {
  readonly width: number
  readonly height: number
  readonly #left: number
  readonly #box: Field['box']
  constructor(box: Field['box'], index: number) {
    const [dx, dy] = [box.east - box.west, box.north - box.south]
    const narrow = Math.cos((((box.south + box.north) / 2) * Math.PI) / 180)
    const scale = MAP_PIXELS_MAX / Math.max(dx * narrow, dy)
    this.width = Math.round(dx * narrow * scale)
    this.height = Math.round(dy * scale)
    this.#left = MARGIN + index * (this.width + 2 * MARGIN)
    this.#box = box
  }

  at([lon, lat]: readonly [number, number]): [number, number] {
    const { west, east, south, north } = this.#box
    const turned = lon - 360 * Math.floor((lon - (west + east) / 2 + 180) / 360)
    const x = this.#left + ((turned - west) / (east - west)) * this.width
    return [x, MARGIN + ((north - lat) / (north - south)) * this.height]
  }

  isInside([x, y]: readonly [number, number]): boolean {
    const { width, height } = this
    return x >= this.#left && x < this.#left + width && y >= MARGIN && y < MARGIN + height
  }

  /** Pixels of the map with their places. */
  *pixels(): Iterable<readonly [x: number, y: number, lon: number, lat: number]> {
    const { west, east, south, north } = this.#box
    for (let y = 0; y < this.height; y++) {
      const lat = north - ((y + 0.5) / this.height) * (north - south)
      for (let x = 0; x < this.width; x++) {
        const lon = west + ((x + 0.5) / this.width) * (east - west)
        yield [this.#left + x, MARGIN + y, lon, lat]
      }
    }
  }

  label(sheet: Sheet): void {
    const { west, east, south, north } = this.#box
    for (let tick = 0; tick <= 4; tick++) {
      const lon = west + (tick / 4) * (east - west)
      const lat = south + (tick / 4) * (north - south)
      const turned = lon - 360 * Math.floor((lon + 180) / 360)
      const east_ = `${Number(Math.abs(turned).toFixed(2))}${turned < 0 ? 'W' : 'E'}`
      const north_ = `${Number(Math.abs(lat).toFixed(2))}${lat < 0 ? 'S' : 'N'}`
      const [x] = this.at([lon, south])
      const [, y] = this.at([west, lat])
      sheet.text(east_, x - letteringWidth(east_) / 2, MARGIN + this.height + 6)
      sheet.text(north_, this.#left - letteringWidth(north_) - 5, y - LETTERING_HEIGHT / 2)
    }
  }
}

function paintNodes(sheet: Sheet, frame: Frame, field: Field, colour: (node: number) => Colour) {
  const pixels = [...frame.pixels()]
  const nodes = field.nodesAt(Float64Array.from(pixels.flatMap(([, , lon, lat]) => [lon, lat])))
  pixels.forEach(([x, y], index) => {
    const node = nodes[index] ?? -1
    if (node >= 0) sheet.dot(x, y, colour(node))
  })
}

function drawCoast(sheet: Sheet, frame: Frame, segments: Float64Array): void {
  for (let at = 0; at < segments.length; at += 4) {
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = segments.subarray(at, at + 4)
    const [a, b] = [frame.at([x1, y1]), frame.at([x2, y2])]
    if (frame.isInside(a) && frame.isInside(b)) sheet.line(...a, ...b, INK)
  }
}

function drawArrows(sheet: Sheet, frame: Frame, field: Field, top: number): void {
  const step = Math.max(Math.floor(frame.width / ARROWS_ACROSS), 12)
  const wanted = [...frame.pixels()].filter(([x, y]) => x % step === 0 && y % step === 0)
  const nodes = field.nodesAt(Float64Array.from(wanted.flatMap(([, , lon, lat]) => [lon, lat])))
  for (const node of new Set(nodes)) {
    if (node < 0 || field.land[node] !== 0 || (field.u[node] ?? HOLE_VALUE) >= HOLE_VALUE) continue
    const [x, y] = frame.at(field.lonLat(node))
    const [x1, y1] = frame.at(field.drift(node, 1000))
    const length = Math.hypot(x1 - x, y1 - y)
    if (length === 0) continue
    const speed = Math.hypot(field.u[node] ?? 0, field.v[node] ?? 0)
    const long = (ARROW_PIXELS * speed) / top
    const [right, down] = [(x1 - x) / length, (y1 - y) / length]
    const [tipX, tipY] = [x + right * long, y + down * long]
    sheet.line(x, y, tipX, tipY, WHITE)
    // Barbs of the head.
    for (const side of [1, -1]) {
      const [bx, by] = [-right + 0.6 * side * down, -down - 0.6 * side * right]
      sheet.line(tipX, tipY, tipX + BARB_PIXELS * bx, tipY + BARB_PIXELS * by, WHITE)
    }
  }
}

export async function drawForecast({ field, tracks, density }: Scene): Promise<Uint8Array> {
  const [left, right] = [new Frame(field.box, 0), new Frame(field.box, 1)]
  const sheet = new Sheet(2 * left.width + 4 * MARGIN, left.height + 2 * MARGIN)
  const { segments } = await builtInShoreline()
  const speeds = Array.from(field.u, (u, node) =>
    field.land[node] !== 0 || u >= HOLE_VALUE ? Number.NaN : Math.hypot(u, field.v[node] ?? 0)
  )
  const known = speeds.filter((speed) => !Number.isNaN(speed))
  const top = known.reduce((most, speed) => Math.max(most, speed), 0.01)
  const ground = (node: number): Colour =>
    field.land[node] === 1 ? LAND : field.land[node] === 2 ? WHITE : UNKNOWN
  paintNodes(sheet, left, field, (node) => {
    const speed = speeds[node] ?? Number.NaN
    return Number.isNaN(speed) ? ground(node) : colourOf(speed / top)
  })
  drawArrows(sheet, left, field, top)
  drawCoast(sheet, left, segments)
  for (const { points } of tracks) {
    points.slice(1).forEach((to, index) => {
      const [a, b] = [left.at(points[index] ?? to), left.at(to)]
      if (left.isInside(a) && left.isInside(b)) sheet.line(...a, ...b, TRACK)
    })
  }
  for (const { points } of tracks) {
    const [first, last] = [points[0], points.at(-1)]
    if (first !== undefined) sheet.disc(...left.at(first), 2, WHITE)
    if (last !== undefined) sheet.disc(...left.at(last), 2, END)
  }
  paintNodes(sheet, right, field, (node) => (Number.isNaN(speeds[node]) ? ground(node) : SEA))
  drawDensity(sheet, right, density)
  drawCoast(sheet, right, segments)
  for (const frame of [left, right]) frame.label(sheet)
  sheet.text(`${top.toFixed(2)} m/s`, MARGIN, MARGIN / 2)
  const { width, height, data } = sheet
  return encode({ width, height, data, channels: 3, depth: 8 })
}

function drawDensity(sheet: Sheet, frame: Frame, { xs, ys, values }: Density): void {
  const most = values.reduce((high, value) => Math.max(high, value), 0)
  const [x0 = 0, x1 = 1, y0 = 0, y1 = 1] = [xs[0], xs[1], ys[0], ys[1]]
  for (const [x, y, lon, lat] of frame.pixels()) {
    const turned = lon + 360 * Math.round(((xs[Math.floor(xs.length / 2)] ?? 0) - lon) / 360)
    const column = Math.round((turned - x0) / (x1 - x0))
    const row = Math.round((lat - y0) / (y1 - y0))
    if (column < 0 || column >= xs.length || row < 0 || row >= ys.length) continue
    const value = values[row * xs.length + column] ?? 0
    if (value > 0) sheet.dot(x, y, colourOf(1 + Math.log10(value / most) / DENSITY_DECADES))
  }
}
