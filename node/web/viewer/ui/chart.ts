/** A small line of one cell's values over time, with a mark at the present one. */

const WIDTH = 300
const HEIGHT = 80
const SVG = 'http://www.w3.org/2000/svg'

function shape(tag: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const made = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, `${value}`)
  return made
}

/** @param label what a screen reader says instead of the picture */
export function seriesChart(series: readonly number[], now: number, label: string): SVGElement {
  const high = Math.max(...series, Number.MIN_VALUE)
  const last = Math.max(1, series.length - 1)
  const points = series.map(
    (value, index) =>
      `${(index / last) * WIDTH},${(HEIGHT - 4 - (value / high) * (HEIGHT - 8)).toFixed(1)}`
  )
  const chart = shape('svg', {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    role: 'img',
    'aria-label': label
  })
  const x = (now / last) * WIDTH
  chart.append(
    shape('polygon', {
      points: `0,${HEIGHT} ${points.join(' ')} ${WIDTH},${HEIGHT}`,
      class: 'area'
    }),
    shape('polyline', { points: points.join(' '), class: 'line' }),
    shape('line', { x1: x, x2: x, y1: 0, y2: HEIGHT, class: 'now' })
  )
  return chart
}
