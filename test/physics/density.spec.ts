/**
 * Density counts against the tracks of the same particles: every grid, any longitude convention,
 * cells finer and coarser than the grid's, edges of the density grid inside the sea.
 */
import assert from 'node:assert/strict'
import type { RunOutput, RunSetup } from '../../kernel/run.ts'
import { axis, drift, type Sea, WINDAGE_MAX } from './sea.ts'

const COUNT = 3000
const CLASSES = 3
const KIND = { windage: [0, WINDAGE_MAX] as const, riseVelocity: 0, depth: 0 }

const sea = (longitudes: Float64Array, latitudes: Float64Array, changes = {}): Sea => ({
  longitudes,
  latitudes,
  metric: 'wgs84',
  times: [...axis(0, 3600, 4)],
  fields: { current: (x, y) => [0.3 * Math.sin(y), 0.3 * Math.cos(x)] },
  ...changes
})

const stretched = Float64Array.from({ length: 60 }, (_, i) => 3 + 0.2 * i + 0.002 * i * i)

const CASES: Record<string, readonly [Sea, RunSetup['density']]> = {
  regular: [
    sea(axis(-3, 0.25, 60), axis(40, 0.25, 50)),
    { west: -2.1, south: 41.3, resolution: 0.1, columns: 90, rows: 80 }
  ],
  'unequal spacing': [
    sea(stretched, stretched),
    { west: -180, south: -90, resolution: 0.5, columns: 720, rows: 360 }
  ],
  'around the globe': [
    sea(axis(0, 6, 60), axis(-60, 2.5, 50), { isPeriodic: true }),
    { west: 170, south: -61.7, resolution: 0.7, columns: 514, rows: 150 }
  ],
  metres: [
    sea(axis(0, 1000, 60), axis(0, 1000, 50), { metric: 'flat' }),
    { west: -700, south: 3300, resolution: 4000, columns: 14, rows: 9 }
  ]
}

/** The triples that the places in `tracks` make. */
function expected(density: RunSetup['density'], isFlat: boolean, tracks: Uint8Array): string[] {
  const view = new DataView(tracks.buffer, tracks.byteOffset, tracks.byteLength)
  const counts = new Map<number, number>()
  for (let i = 0; i < COUNT; i++) {
    if (view.getUint32(i * 24 + 4, true) !== 1) continue
    let dx = view.getFloat64(i * 24 + 8, true) - density.west
    if (!isFlat) dx -= 360 * Math.floor(dx / 360)
    const column = Math.floor(dx / density.resolution)
    const dy = view.getFloat64(i * 24 + 16, true) - density.south
    const row = Math.floor(dy / density.resolution)
    if (column < 0 || column >= density.columns || row < 0 || row >= density.rows) continue
    const key = (row * density.columns + column) * CLASSES + (i % CLASSES)
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return [...counts]
    .sort(([a], [b]) => a - b)
    .map(([key, count]) => `${Math.floor(key / CLASSES)} ${key % CLASSES} ${count}`)
}

function triplesOf({ density }: RunOutput): string[] {
  const words = new Uint32Array(density.slice().buffer)
  return Array.from({ length: words.length / 3 }, (_, i) =>
    words.subarray(i * 3, i * 3 + 3).join(' ')
  )
}

describe('physics: density', () => {
  for (const [name, [ocean, density]] of Object.entries(CASES)) {
    it(name, () => {
      const particles = Array.from({ length: COUNT }, (_, i) => ({
        x: 2 + 54 * ((i * 0.754_877_666_2) % 1),
        y: 2 + 45 * ((i * 0.569_840_291) % 1),
        classIndex: i % CLASSES
      }))
      let checked = 0
      drift(ocean, {
        particles,
        stepSeconds: 600,
        stepCount: 12,
        trackedCount: COUNT,
        classes: Array.from({ length: CLASSES }, () => KIND),
        density,
        onStep: (run) => {
          const output = run.output()
          const triples = triplesOf(output)
          assert.ok(triples.length > 50)
          assert.deepEqual(triples, expected(density, name === 'metres', output.tracks))
          checked++
        }
      })
      assert.equal(checked, 12)
    })
  }
})
