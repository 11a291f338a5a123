/**
 * The viewer: what is seen is one record; every wish changes it, and whatever depends on what
 * changed is drawn again. The URL always tells the record.
 */
import { type Scale, scaleOf } from './map/colours.ts'
import type { Land } from './map/land.ts'
import { MapView } from './map/map-view.ts'
import { PROJECTIONS, placeAt, viewOf } from './map/projection.ts'
import type { Forecast, Tracks } from './source/forecast.ts'
import { cellAt, centreOf } from './source/grid.ts'
import { fieldAt, type Layer, type Pick, seriesAt } from './source/layers.ts'
import { strings } from './strings.ts'
import { drawControls, type TimeBar, timeBar, type Wishes } from './ui/controls.ts'
import { element } from './ui/element.ts'
import { followGestures, zoomed } from './ui/gestures.ts'
import { drawLegend } from './ui/legend.ts'
import { fromHash, type Seen, toHash } from './ui/permalink.ts'
import { drawNothing, drawProbe } from './ui/probe.ts'
import { citation, downloads, provenance } from './ui/provenance.ts'
import { coloursOf } from './ui/theme.ts'

/** Times a second while playing: fast enough to flow, slow enough to see. */
const PLAY_PER_SECOND = 12

export class Viewer {
  readonly #forecast: Forecast
  readonly #map: MapView
  readonly #bar: TimeBar
  readonly #controls = element('div')
  readonly #legend = element('div', { class: 'legend' })
  readonly #probe = element('section', { 'aria-label': strings.probeTitle })
  readonly #said = element('p', { class: 'said', 'aria-live': 'polite' })
  #seen: Seen
  #scale: Scale = scaleOf(0, false)
  #high = 0
  #tracks: Promise<Tracks | undefined> | undefined
  #playing = 0
  /** Counts what was asked for, so that a late answer does not cover a newer one. */
  #asked = 0

  constructor(forecast: Forecast, root: HTMLElement) {
    this.#forecast = forecast
    const size = { width: innerWidth, height: innerHeight }
    const [layer] = forecast.layers
    const start: Seen = {
      view: viewOf(forecast.grid, size, 'equirectangular'),
      layer: layer?.name ?? '',
      choices: layer?.choices.map(() => 0) ?? [],
      time: forecast.times[0] ?? 0,
      hasTracks: true,
      isDark: matchMedia('(prefers-color-scheme: dark)').matches,
      probe: undefined
    }
    this.#seen = { ...start, ...fromHash(location.hash) }
    const { view, isDark } = this.#seen
    this.#map = new MapView(forecast.grid, view, coloursOf(isDark), isDark)
    this.#bar = timeBar(forecast.times, {
      go: (index) => {
        void this.#goTo(index)
      },
      step: (by) => this.#step(by),
      play: () => this.#togglePlay()
    })
    this.#build(root)
    this.#follow()
  }

  setLand(land: Land): void {
    this.#map.setLand(land)
  }

  /** Everything as the record says. */
  async start(): Promise<void> {
    this.#theme()
    this.#map.resize({ width: innerWidth, height: innerHeight })
    this.#showControls()
    await this.#showField()
    await this.#showTracks()
    await this.#showProbe()
  }

  #build(root: HTMLElement): void {
    const { title, attributes } = this.#forecast
    const map = this.#map.element
    map.className = 'map'
    map.tabIndex = 0
    map.setAttribute('role', 'application')
    map.setAttribute('aria-label', strings.map)
    const heading = element('h1', {}, title)
    const by = element('p', { class: 'quiet' }, String(attributes.institution ?? ''))
    const panel = element(
      'aside',
      { class: 'panel', 'aria-label': strings.controls, tabindex: '0' },
      this.#controls,
      this.#legend,
      this.#probe,
      provenance(this.#forecast),
      downloads(this.#forecast),
      citation(this.#forecast),
      element('p', { class: 'quiet drawer' }, strings.keys)
    )
    const main = element('main', {}, map, panel, this.#said)
    const header = element('header', { class: 'panel' }, heading, by)
    root.replaceChildren(header, main, this.#bar.element)
    document.title = title
  }

  #follow(): void {
    followGestures(this.#map.element, {
      view: () => this.#seen.view,
      size: () => this.#map.size,
      onView: (view, isMoving) => {
        this.#seen = { ...this.#seen, view }
        requestAnimationFrame(() => this.#map.show(this.#seen.view, isMoving))
        this.#link()
      },
      onClick: (x, y) => this.#probeAt(x, y)
    })
    addEventListener('resize', () => this.#map.resize({ width: innerWidth, height: innerHeight }))
    addEventListener('hashchange', () => {
      if (location.hash === toHash(this.#seen)) return
      this.#seen = { ...this.#seen, ...fromHash(location.hash) }
      void this.start()
    })
    addEventListener('keydown', (event) => {
      const target = event.target as HTMLElement
      if (target.matches('input, select, button, summary, a')) return
      if (event.key === ' ') this.#togglePlay()
      else if (event.key === ',') this.#step(-1)
      else if (event.key === '.') this.#step(1)
      else return
      event.preventDefault()
    })
  }

  #layer(): Layer {
    const { layers } = this.#forecast
    const layer = layers.find(({ name }) => name === this.#seen.layer) ?? layers[0]
    if (layer === undefined) throw new Error(strings.noDensity)
    return layer
  }

  #pick(): Pick {
    const layer = this.#layer()
    const at = layer.choices.map(({ words }, index) =>
      Math.min(words.length - 1, Math.max(0, Math.trunc(this.#seen.choices[index] ?? 0)))
    )
    return { layer, at }
  }

  /** Index of the output nearest to the time in the record. */
  #timeIndex(): number {
    const { times } = this.#forecast
    const far = (index: number): number => Math.abs((times[index] ?? 0) - this.#seen.time)
    return times.reduce((best, _, index) => (far(index) < far(best) ? index : best), 0)
  }

  #change(change: Partial<Seen>): void {
    this.#seen = { ...this.#seen, ...change }
    this.#link()
  }

  #link(): void {
    history.replaceState(undefined, '', toHash(this.#seen))
  }

  #theme(): void {
    const { isDark } = this.#seen
    document.documentElement.classList.toggle('dark', isDark)
    this.#map.setTheme(coloursOf(isDark), isDark)
  }

  #wishes(): Wishes {
    const redraw = (change: Partial<Seen>): void => {
      this.#change(change)
      this.#map.show(this.#seen.view, false)
    }
    return {
      layer: (name) => {
        this.#change({ layer: name, choices: [] })
        this.#high = 0
        this.#showControls()
        void this.#showField().then(() => this.#showProbe())
      },
      choice: (index, at) => {
        const choices = this.#pick().at.map((old, each) => (each === index ? at : old))
        this.#change({ choices })
        void this.#showField().then(() => this.#showProbe())
      },
      projection: (name) => {
        const projection = PROJECTIONS.find((each) => each === name) ?? 'equirectangular'
        redraw({ view: { ...this.#seen.view, projection } })
      },
      tracks: (hasTracks) => {
        this.#change({ hasTracks })
        void this.#showTracks()
      },
      dark: (isDark) => {
        this.#change({ isDark })
        this.#theme()
        this.#showLegend()
      },
      zoom: (factor) => redraw({ view: zoomed(this.#seen.view, factor) }),
      whole: () => {
        const { projection } = this.#seen.view
        redraw({ view: viewOf(this.#forecast.grid, this.#map.size, projection) })
      }
    }
  }

  #showControls(): void {
    const { layers } = this.#forecast
    const seen = { ...this.#seen, choices: this.#pick().at }
    drawControls(this.#controls, layers, this.#layer(), seen, this.#wishes())
  }

  #showLegend(): void {
    drawLegend(this.#legend, this.#layer(), this.#scale, this.#seen.isDark)
  }

  async #showField(): Promise<void> {
    this.#asked += 1
    const asked = this.#asked
    const { density, grid } = this.#forecast
    const pick = this.#pick()
    const time = this.#timeIndex()
    const values = await fieldAt(density, pick, grid, time)
    if (asked !== this.#asked) return
    // The scale only grows: colours keep their meaning while time goes on.
    const high = values.reduce((most, value) => Math.max(most, value), this.#high)
    if (high > this.#high || this.#legend.childElementCount === 0) {
      this.#high = high
      this.#scale = scaleOf(high, pick.layer.isShare)
      this.#showLegend()
    }
    this.#map.setField({ values, scale: this.#scale, time })
    this.#bar.show(time, this.#playing !== 0)
  }

  async #showTracks(): Promise<void> {
    if (this.#seen.hasTracks) this.#tracks ??= this.#forecast.tracks()
    this.#map.setTracks(this.#seen.hasTracks ? await this.#tracks : undefined)
  }

  #goTo(index: number): Promise<void> {
    const { times } = this.#forecast
    const bounded = (index + times.length) % times.length
    this.#change({ time: times[bounded] ?? 0 })
    return this.#showField().then(() => this.#showProbe())
  }

  #step(by: number): void {
    void this.#goTo(this.#timeIndex() + by)
  }

  #togglePlay(): void {
    if (this.#playing !== 0) {
      cancelAnimationFrame(this.#playing)
      this.#playing = 0
      this.#bar.show(this.#timeIndex(), false)
      return
    }
    let shownMs = 0
    let isBusy = false
    const tick = (nowMs: number): void => {
      this.#playing = requestAnimationFrame(tick)
      if (isBusy || nowMs - shownMs < 1000 / PLAY_PER_SECOND) return
      shownMs = nowMs
      isBusy = true
      void this.#goTo(this.#timeIndex() + 1).finally(() => {
        isBusy = false
      })
    }
    this.#playing = requestAnimationFrame(tick)
  }

  #probeAt(x: number, y: number): void {
    const place = placeAt(this.#seen.view, this.#map.size, x, y)
    this.#change({ probe: place })
    void this.#showProbe()
  }

  async #showProbe(): Promise<void> {
    const { grid, density, times } = this.#forecast
    const { probe } = this.#seen
    const cell = probe === undefined ? -1 : cellAt(grid, probe[0], probe[1])
    this.#map.setMark(cell)
    if (probe === undefined || cell < 0) {
      drawNothing(this.#probe, probe)
      return
    }
    const pick = this.#pick()
    const series = await seriesAt(density, pick, grid, cell)
    const now = this.#timeIndex()
    const place = centreOf(grid, cell)
    const words = drawProbe(this.#probe, { layer: pick.layer, place, series, now, times })
    if (this.#playing === 0) this.#said.textContent = words
  }
}
