/** The panel of choices and the bar of time: elements that say what was chosen, no more. */
import { PROJECTIONS } from '../map/projection.ts'
import type { Layer } from '../source/layers.ts'
import { strings } from '../strings.ts'
import { button, chooser, element } from './element.ts'
import { isoTime, timeText } from './format.ts'
import type { Seen } from './permalink.ts'

export interface Wishes {
  layer(name: string): void
  choice(index: number, at: number): void
  projection(name: string): void
  tracks(isOn: boolean): void
  dark(isOn: boolean): void
  zoom(factor: number): void
  whole(): void
}

const ZOOM = 1.6

function toggle(label: string, isOn: boolean, onChange: (isOn: boolean) => void): HTMLElement {
  const input = element('input', { type: 'checkbox' })
  input.checked = isOn
  input.addEventListener('change', () => onChange(input.checked))
  return element('label', { class: 'switch' }, input, label)
}

/** Fills the box with what can be chosen of this layer. */
export function drawControls(
  box: HTMLElement,
  layers: readonly Layer[],
  layer: Layer,
  seen: Seen,
  wishes: Wishes
): void {
  const choices = layer.choices.map(({ dimension, words }, index) =>
    chooser(
      dimension,
      words.map((text, at) => ({ value: `${at}`, text })),
      `${seen.choices[index] ?? 0}`,
      (at) => wishes.choice(index, Number(at))
    )
  )
  box.replaceChildren(
    chooser(
      strings.layer,
      layers.map(({ name, title }) => ({ value: name, text: title })),
      layer.name,
      wishes.layer
    ),
    ...choices,
    chooser(
      strings.projection,
      PROJECTIONS.map((value) => ({ value, text: strings.projections[value] })),
      seen.view.projection,
      wishes.projection
    ),
    toggle(strings.tracks, seen.hasTracks, wishes.tracks),
    toggle(strings.theme, seen.isDark, wishes.dark),
    element(
      'div',
      { class: 'row' },
      button(strings.zoomIn, '+', () => wishes.zoom(ZOOM)),
      button(strings.zoomOut, '−', () => wishes.zoom(1 / ZOOM)),
      button(strings.wholeForecast, '⤢', wishes.whole)
    )
  )
}

export interface TimeBar {
  readonly element: HTMLElement
  show(index: number, isPlaying: boolean): void
}

export function timeBar(
  times: readonly number[],
  wishes: { go(index: number): void; step(by: number): void; play(): void }
): TimeBar {
  const play = button(strings.play, '▶', wishes.play)
  const slider = element('input', {
    type: 'range',
    min: '0',
    max: `${times.length - 1}`,
    step: '1',
    'aria-label': strings.time
  })
  slider.addEventListener('input', () => wishes.go(Number(slider.value)))
  const output = element('output')
  const bar = element(
    'footer',
    { class: 'panel' },
    play,
    button(strings.previous, '‹', () => wishes.step(-1)),
    slider,
    button(strings.next, '›', () => wishes.step(1)),
    output
  )
  return {
    element: bar,
    show: (index, isPlaying) => {
      const seconds = times[index] ?? 0
      slider.value = `${index}`
      slider.setAttribute('aria-valuetext', timeText(seconds))
      output.textContent = timeText(seconds)
      output.dataset.time = isoTime(seconds)
      play.textContent = isPlaying ? '⏸' : '▶'
      const label = isPlaying ? strings.pause : strings.play
      play.setAttribute('aria-label', label)
      play.title = label
    }
  }
}
