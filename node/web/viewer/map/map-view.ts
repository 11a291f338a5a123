/**
 * The map: four canvases on top of each other, each redrawn only when what it shows has changed.
 * The grounds and the coast follow the view, the field and the tracks follow time.
 */
import { type GeoProjection, geoGraticule10, geoPath } from 'd3-geo'
import type { Tracks } from '../source/forecast.ts'
import { centreOf, type Grid } from '../source/grid.ts'
import { type Scale, shadeAt, shades } from './colours.ts'
import { type Land, landPath } from './land.ts'
import { type PixelCells, pixelCells, projectionOf, type Size, type View } from './projection.ts'
import { drawTracks, projectTracks } from './tracks.ts'

/** Screen pixels of one side of a pixel of the field on the globe, at rest and on the move. */
const GLOBE_STEP = 2
const MOVING_STEP = 4

interface Field {
  readonly values: Float32Array
  readonly scale: Scale
  readonly time: number
}

export interface MapColours {
  readonly sea: string
  readonly land: string
  readonly coast: string
  readonly lines: string
  readonly track: string
  readonly mark: string
}

const LAYERS = ['ground', 'field', 'coast', 'tracks'] as const

export class MapView {
  readonly element: HTMLDivElement
  readonly #contexts: Record<(typeof LAYERS)[number], CanvasRenderingContext2D>
  readonly #grid: Grid
  #size: Size = { width: 1, height: 1 }
  #view: View
  #projection: GeoProjection
  #cells: PixelCells | undefined
  #land: Land = []
  #tracks: Tracks | undefined
  #trackPixels: Float32Array | undefined
  #field: Field | undefined
  #colours: MapColours
  #shades: Uint32Array
  #mark = -1

  constructor(grid: Grid, view: View, colours: MapColours, isDark: boolean) {
    this.#grid = grid
    this.#view = view
    this.#colours = colours
    this.#shades = shades(isDark)
    this.element = document.createElement('div')
    const context = (): CanvasRenderingContext2D => {
      const canvas = document.createElement('canvas')
      this.element.append(canvas)
      const made = canvas.getContext('2d')
      if (made === null) throw new Error('this browser draws no canvas')
      return made
    }
    this.#contexts = { ground: context(), field: context(), coast: context(), tracks: context() }
    this.#projection = projectionOf(view, this.#size)
  }

  get size(): Size {
    return this.#size
  }

  resize(size: Size): void {
    this.#size = size
    const dots = devicePixelRatio
    for (const context of Object.values(this.#contexts)) {
      context.canvas.width = Math.round(size.width * dots)
      context.canvas.height = Math.round(size.height * dots)
      context.setTransform(dots, 0, 0, dots, 0, 0)
    }
    this.show(this.#view, false)
  }

  /** @param isMoving more of the same follows at once: draw fast rather than fine */
  show(view: View, isMoving: boolean): void {
    this.#view = view
    this.#projection = projectionOf(view, this.#size)
    const step = view.projection === 'globe' ? (isMoving ? MOVING_STEP : GLOBE_STEP) : 1
    this.#cells = pixelCells(view, this.#size, this.#grid, step)
    this.#trackPixels = this.#tracks && projectTracks(this.#tracks, this.#projection)
    this.#drawGround()
    this.#drawField()
    this.#drawTracks()
  }

  setLand(land: Land): void {
    this.#land = land
    this.#drawGround()
  }

  setTracks(tracks: Tracks | undefined): void {
    this.#tracks = tracks
    this.#trackPixels = tracks && projectTracks(tracks, this.#projection)
    this.#drawTracks()
  }

  setField(field: Field): void {
    this.#field = field
    this.#drawField()
    this.#drawTracks()
  }

  setMark(cell: number): void {
    this.#mark = cell
    this.#drawTracks()
  }

  setTheme(colours: MapColours, isDark: boolean): void {
    this.#colours = colours
    this.#shades = shades(isDark)
    this.show(this.#view, false)
  }

  #cleared(name: (typeof LAYERS)[number]): CanvasRenderingContext2D {
    const context = this.#contexts[name]
    context.clearRect(0, 0, this.#size.width, this.#size.height)
    return context
  }

  #drawGround(): void {
    const { sea, land, lines, coast } = this.#colours
    const ground = this.#cleared('ground')
    const above = this.#cleared('coast')
    const outline = landPath(this.#land, this.#projection, this.#view, this.#size)
    ground.beginPath()
    geoPath(this.#projection, ground)({ type: 'Sphere' })
    ground.fillStyle = sea
    ground.fill()
    ground.fillStyle = land
    ground.fill(outline)
    ground.beginPath()
    geoPath(this.#projection, ground)(geoGraticule10())
    ground.strokeStyle = lines
    ground.lineWidth = 0.5
    ground.stroke()
    above.strokeStyle = coast
    above.lineWidth = 0.8
    above.stroke(outline)
  }

  #drawField(): void {
    const context = this.#cleared('field')
    if (this.#field === undefined || this.#cells === undefined) return
    const { values, scale } = this.#field
    const { cells, width, height, step } = this.#cells
    const colours = new Uint32Array(values.length)
    for (let cell = 0; cell < values.length; cell += 1) {
      const value = values[cell] ?? 0
      if (value > 0) colours[cell] = shadeAt(this.#shades, scale, value)
    }
    const image = new ImageData(width, height)
    const pixels = new Uint32Array(image.data.buffer)
    for (let at = 0; at < pixels.length; at += 1) {
      const cell = cells[at] ?? -1
      if (cell >= 0) pixels[at] = colours[cell] ?? 0
    }
    const small = new OffscreenCanvas(width, height)
    small.getContext('2d')?.putImageData(image, 0, 0)
    context.imageSmoothingEnabled = false
    context.drawImage(small, 0, 0, width * step, height * step)
  }

  #drawTracks(): void {
    const context = this.#cleared('tracks')
    const { track, mark } = this.#colours
    if (this.#tracks !== undefined && this.#trackPixels !== undefined) {
      const time = this.#field?.time ?? 0
      drawTracks(context, this.#tracks, this.#trackPixels, time, track, this.#size)
    }
    if (this.#mark < 0) return
    const { lon, lat } = centreOf(this.#grid, this.#mark)
    const half = this.#grid.side / 2
    const corners = [
      [lon - half, lat - half],
      [lon + half, lat - half],
      [lon + half, lat + half],
      [lon - half, lat + half]
    ].map(([x = 0, y = 0]) => this.#projection([x, y]))
    if (corners.some((corner) => corner === null)) return
    context.beginPath()
    for (const corner of corners) context.lineTo(corner?.[0] ?? 0, corner?.[1] ?? 0)
    context.closePath()
    context.strokeStyle = mark
    context.lineWidth = 2
    context.stroke()
  }
}
