/** One cell: its value now, in words for everybody, and its values over time. */
import type { Centre } from '../source/grid.ts'
import type { Layer } from '../source/layers.ts'
import { strings } from '../strings.ts'
import { seriesChart } from './chart.ts'
import { element } from './element.ts'
import { placeText, timeText, valueText } from './format.ts'

export interface Probed {
  readonly layer: Layer
  readonly place: Centre
  readonly series: readonly number[]
  /** Index of the present time. */
  readonly now: number
  readonly times: readonly number[]
}

const title = (): HTMLElement => element('h2', {}, strings.probeTitle)

/** @param place that was asked for and lies outside the grid, if any was */
export function drawNothing(box: HTMLElement, place: readonly [number, number] | undefined): void {
  const words =
    place === undefined ? strings.probeNone : `${placeText(place[0], place[1])}: ${strings.outside}`
  box.replaceChildren(title(), element('p', { class: 'quiet' }, words))
}

/** Fills the box. @returns the same in one sentence */
export function drawProbe(box: HTMLElement, probed: Probed): string {
  const { layer, series, now, times } = probed
  const place = placeText(probed.place.lon, probed.place.lat)
  const unit = layer.unit.replace('km-2', 'per km²')
  const value = `${valueText(series[now] ?? 0)} ${unit}`.trim()
  box.replaceChildren(
    title(),
    element('p', {}, place),
    element('p', { class: 'value' }, value),
    seriesChart(series, now, `${layer.title} ${strings.ofTime} ${value}`)
  )
  return `${place}, ${timeText(times[now] ?? 0)}: ${value}`
}
