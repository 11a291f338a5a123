/** What the colours mean: the layer, its unit, the ends of the scale and its decades between. */
import { gradient, type Scale } from '../map/colours.ts'
import type { Layer } from '../source/layers.ts'
import { element } from './element.ts'
import { valueText } from './format.ts'

function ticksOf({ low, high, isLog }: Scale): number[] {
  if (!isLog) return [0, 0.25, 0.5, 0.75, 1].map((share) => low + share * (high - low))
  const ticks: number[] = []
  for (let value = low; value <= high * 1.001; value *= 10) ticks.push(value)
  return ticks
}

/** Fills the box. */
export function drawLegend(box: HTMLElement, layer: Layer, scale: Scale, isDark: boolean): void {
  const bar = element('div', { class: 'bar' })
  bar.style.background = gradient(isDark)
  const ticks = element('div', { class: 'ticks' })
  for (const value of ticksOf(scale)) ticks.append(element('span', {}, valueText(value)))
  const unit = layer.unit === '' ? '' : ` (${layer.unit.replace('km-2', 'km⁻²')})`
  box.replaceChildren(element('p', {}, `${layer.title}${unit}`), bar, ticks)
}
