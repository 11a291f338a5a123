/**
 * Prints the SHA-256 of the state after a run that uses every part of the kernel; run by
 * engines.spec.ts under different compilers of the engine.
 */
import { createHash } from 'node:crypto'
import { axis, drift, type Sea } from './sea.ts'

const HOUR = 3600
const sea: Sea = {
  longitudes: axis(5, 0.05, 60),
  latitudes: axis(41, 0.05, 60),
  metric: 'wgs84',
  isLand: (column, row) => (column - 40) ** 2 + (row - 30) ** 2 < 30,
  times: [...axis(0, HOUR, 26)],
  fields: {
    // Products only: the host's sines may differ between engines, the kernel's may not.
    current: (lon, lat, t) => [0.4 + 0.3 * (lat - 42.5), 0.3 * (lon - 6.5) - t / 400_000],
    wind: (lon, lat, t) => [lat - 41 + t / 50_000, lon - 5],
    stokes: (lon) => [0.01 * lon, 0.02]
  }
}
const particles = Array.from({ length: 999 }, (_, i) => ({
  x: 12 + (i % 37) * 0.7,
  y: 15 + Math.floor(i / 37) * 0.9,
  windage: (i % 11) / 200,
  releaseStep: i % 5 === 0 ? 33 : 0
}))
const { run, state } = drift(sea, {
  particles,
  stepSeconds: 600,
  stepCount: 144,
  diffusivity: 10,
  trackedCount: 50,
  density: { west: 5, south: 41, resolution: 0.1, columns: 40, rows: 40 }
})
const { density, tracks, counts } = run.output()
const digest = createHash('sha256').update(state).update(density).update(tracks).digest('hex')
process.stdout.write(`${counts.join(' ')} ${digest}\n`)
