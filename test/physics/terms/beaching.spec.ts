/**
 * Rules at the coast beyond stranding: sliding along, being held, beaching by chance and drifting
 * again; each without a direction of its own, and what a run counts of it.
 */
import assert from 'node:assert/strict'
import type { Drift } from '../../../kernel/drift.ts'
import { axis, type DriftOptions, drift, type Field, type Sea, steadyTimes } from '../sea.ts'

const CELL = 1000
const DAY = 86_400
const [AFLOAT, STRANDED] = [1, 2]

const sea = (current: Field, isLand: Sea['isLand'], days = 40): Sea => ({
  longitudes: axis(0, CELL, 41),
  latitudes: axis(0, CELL, 41),
  metric: 'flat',
  ...(isLand === undefined ? {} : { isLand }),
  times: steadyTimes(days * DAY),
  fields: { current }
})
const wall = (column: number): boolean => column >= 30
/** Metres to a straight coast half a cell before column 30; the coastal cell is the row. */
const coast = (column: number, row: number): [number, number] => [(29.5 - column) * CELL, row]
const beaching = { beachingSeconds: 26 * DAY, refloatSeconds: 69 * DAY, zoneMetres: 10_000 }
const chance: Partial<Drift> = { coast: 'probabilistic', beaching }
const STILL: Field = () => [0, 0]

describe('physics: beaching and refloat', () => {
  const N = 20_000
  const law = [
    [1, 0.037472],
    [10, 0.298666],
    [30, 0.578023]
  ] as const

  it('the beached share inside the zone follows the law, 4 standard errors', () => {
    const shares = new Map<number, number>()
    drift(sea(STILL, wall), {
      particles: Array.from({ length: N }, (_, i) => ({ x: 21 + (i % 80) / 10, y: 20 })),
      coast,
      drift: chance,
      stepSeconds: 1800,
      stepCount: 30 * 48,
      onStep: (run, step) => {
        if (step % 48 === 0) shares.set(step / 48, (run.counts()[STRANDED] ?? 0) / N)
      }
    })
    for (const [days, expected] of law) {
      const error = Math.sqrt((expected * (1 - expected)) / N)
      const share = shares.get(days) ?? 0
      assert.ok(Math.abs(share - expected) < 4 * error, `${days} d: ${share}, law ${expected}`)
    }
  })

  it('nothing beaches outside the zone, whatever the width', () => {
    for (const zoneMetres of [0, 2500, 10_000]) {
      const { places } = drift(sea(STILL, wall), {
        particles: Array.from({ length: 580 }, (_, i) => ({ x: 0.5 + i / 20, y: 20 })),
        coast,
        drift: { coast: 'probabilistic', beaching: { ...beaching, zoneMetres } },
        stepSeconds: 3600,
        stepCount: 20 * 24
      })
      for (const { x, status } of places) {
        const isIn = (29.5 - x) * CELL < zoneMetres
        assert.ok(isIn || status === AFLOAT, `zone ${zoneMetres}: ${status} at ${x}`)
      }
      const beached = places.filter(({ status }) => status === STRANDED).length
      assert.equal(beached > 0, zoneMetres > 0, `${beached} beached`)
    }
  })

  it('a step that would end ashore is undone, and the draw decides', () => {
    const { places } = drift(
      sea(() => [0.3, 0], wall),
      {
        particles: Array.from({ length: 2000 }, (_, i) => ({ x: 25, y: 10 + i / 100 })),
        coast,
        drift: chance,
        stepSeconds: 600,
        stepCount: 432
      }
    )
    const beached = places.filter(({ status }) => status === STRANDED)
    assert.ok(beached.length > 100 && beached.length < 400, `${beached.length}`)
    assert.ok(places.every(({ x }) => x < 29.5 && x >= 25))
    const waiting = places.filter(({ status }) => status === AFLOAT)
    assert.ok(
      waiting.every(({ x }) => x > 29.3),
      'the others wait at the coast'
    )
  })

  it('what refloats drifts on from where it beached', () => {
    const seen = new Set<number>()
    let refloated = 0
    let beached = 0
    drift(
      sea(() => [0.01, 0.02], wall),
      {
        particles: Array.from({ length: 300 }, (_, i) => ({ x: 24, y: 3 + i / 100 })),
        coast,
        drift: {
          coast: 'probabilistic',
          beaching: { ...beaching, beachingSeconds: DAY, refloatSeconds: DAY }
        },
        stepSeconds: 3600,
        stepCount: 240,
        onStep: (run) => {
          const now = run.counts()[STRANDED] ?? 0
          if (now < beached) refloated++
          beached = now
          seen.add(now)
        }
      }
    )
    assert.ok(refloated > 50 && seen.size > 20, `${refloated} ${seen.size}`)
  })
})

describe('physics: slide and hold', () => {
  const run = (rule: 'slide' | 'hold', current: Field, options: Partial<DriftOptions> = {}) =>
    drift(sea(current, wall), {
      particles: [{ x: 28, y: 20 }],
      stepSeconds: 600,
      stepCount: 144,
      drift: { coast: rule },
      ...options
    }).places[0]

  it('slide keeps the along-shore part, whole', () => {
    const place = run('slide', () => [0.2, 0.1])
    assert.equal(place?.status, AFLOAT)
    assert.ok(Math.abs((place?.y ?? 0) - 20 - 8.64) < 1e-3, `${place?.y}`)
    assert.ok((place?.x ?? 0) > 29.3 && (place?.x ?? 0) < 29.5, `${place?.x}`)
  })

  it('slide into a corner stays there; hold keeps nothing', () => {
    const corner = drift(
      sea(
        () => [0.2, 0.1],
        (column, row) => column >= 30 || row >= 26
      ),
      {
        particles: [{ x: 28, y: 20 }],
        stepSeconds: 600,
        stepCount: 288,
        drift: { coast: 'slide' }
      }
    ).places[0]
    assert.equal(corner?.status, AFLOAT)
    assert.ok((corner?.x ?? 0) > 29.3 && (corner?.y ?? 0) > 25.4)
    const held = run('hold', () => [0.2, 0.1])
    assert.equal(held?.status, AFLOAT)
    // Undone as a whole: it waits where the first step ashore would have begun.
    assert.ok(Math.abs(((held?.x ?? 0) - 28) / 2 - ((held?.y ?? 0) - 20)) < 1e-3)
  })

  it('free and partial slip: along-shore flow keeps its speed with a filled ring only', () => {
    // The ring (column 30) holds r times the speed of the water beside it.
    for (const ring of [1, 0.5, 0]) {
      const current: Field = (x) => [0, x >= 30 * CELL ? 0.1 * ring : 0.1]
      for (const x of [29, 29.25, 29.45]) {
        const { places } = drift(sea(current, wall), {
          particles: [{ x, y: 10 }],
          stepSeconds: 600,
          stepCount: 60
        })
        const speed = (((places[0]?.y ?? 0) - 10) * CELL) / 36_000
        const expected = 0.1 * (1 - (1 - ring) * (x - 29))
        assert.ok(Math.abs(speed - expected) < 1e-6, `ring ${ring}, ${x}: ${speed}`)
      }
    }
  })
})

describe('physics: coasts have no direction of their own', () => {
  const swirl: Field = (x, y) => {
    const dx = x / CELL - 20
    const dy = y / CELL - 20
    return [0.02 * dx - 0.03 * dy, 0.02 * dy + 0.03 * dx]
  }
  const isLand = (column: number, row: number): boolean =>
    Math.hypot(column - 30, row - 24) < 4 || Math.hypot(column - 10, row - 16) < 4
  const near = (column: number, row: number): [number, number] => [
    1000 * Math.min(Math.hypot(column - 30, row - 24), Math.hypot(column - 10, row - 16)) - 4000,
    0
  ]
  const particles = Array.from({ length: 300 }, (_, i) => ({
    x: 20 + 8 * Math.cos(i),
    y: 20 + 8 * Math.sin(i * 1.7)
  }))
  const mirrored = particles.map(({ x, y }) => ({ x: 40 - x, y: 40 - y }))

  for (const rule of ['strand', 'slide', 'hold', 'probabilistic'] as const) {
    it(`flipping the sign of the field flips every track: ${rule}`, () => {
      const options = {
        stepSeconds: 600,
        stepCount: 144,
        coast: near,
        drift: { coast: rule, beaching: { ...beaching, beachingSeconds: DAY } }
      }
      const one = drift(sea(swirl, isLand), { ...options, particles }).places
      const other = drift(sea(swirl, isLand), { ...options, particles: mirrored }).places
      const statuses = new Set(one.map(({ status }) => status))
      const moved = one.filter(({ x }, i) => Math.abs(x - (particles[i]?.x ?? 0)) > 1).length
      assert.ok(moved > 150, `${moved} moved`)
      assert.equal(statuses.has(STRANDED), rule === 'strand' || rule === 'probabilistic')
      for (const [i, place] of one.entries()) {
        assert.equal(other[i]?.status, place.status, `particle ${i}`)
        assert.ok(Math.abs(40 - (other[i]?.x ?? 0) - place.x) < 1e-4, `particle ${i}`)
        assert.ok(Math.abs(40 - (other[i]?.y ?? 0) - place.y) < 1e-4, `particle ${i}`)
      }
    })
  }
})

describe('physics: counts of what is beached', () => {
  it('by coastal cell, origin and class, ascending, of all that is stranded', () => {
    const classes = [0, 1].map(() => ({ windage: [0, 0] as const, riseVelocity: 0, depth: 0 }))
    const { run } = drift(
      sea(() => [0.3, 0], wall),
      {
        particles: Array.from({ length: 60 }, (_, i) => ({
          x: i < 50 ? 28 : 5,
          y: 10 + (i % 3),
          classIndex: i % 2
        })),
        firstParticle: 100,
        coast,
        classes,
        drift: { coast: 'strand', originStarts: [110, 130] },
        stepSeconds: 600,
        stepCount: 20
      }
    )
    const { beached, counts } = run.output()
    const words = [...new Uint32Array(beached.slice().buffer)]
    const rows = Array.from({ length: words.length / 4 }, (_, i) => words.slice(4 * i, 4 * i + 4))
    const expected = new Map<string, number>()
    for (let i = 0; i < 50; i++) {
      const key = [10 + (i % 3), i < 10 ? 0 : i < 30 ? 1 : 2, i % 2].join()
      expected.set(key, (expected.get(key) ?? 0) + 1)
    }
    assert.equal(counts[STRANDED], 50)
    assert.deepEqual(new Map(rows.map((row) => [row.slice(0, 3).join(), row[3]])), expected)
    const order = rows.map(([cell = 0, origin = 0, kind = 0]) => (cell * 3 + origin) * 2 + kind)
    assert.deepEqual(
      order,
      [...order].sort((a, b) => a - b)
    )
  })
})
