/**
 * One flow on every kind of grid gives one track, and that is the true one: a rotation of the
 * sphere, across the date line and across the pole.
 */
import assert from 'node:assert/strict'
import { isMeshError } from '../../../node/mesh-error.ts'
import { curvilinear, lambert, regular, stereographic, wavy } from './nodes.ts'
import { apart, type LonLat, normal, RADIUS, type Rotation, turned } from './sphere.ts'
import { drifted, rotationFile } from './world.ts'

const DAY = 86_400
const line = (first: number, spacing: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => first + i * spacing)

/** Greatest distance from the truth after a day. */
async function greatestError(
  bytes: Uint8Array,
  rotation: Rotation,
  points: readonly LonLat[]
): Promise<number> {
  const { ends } = await drifted(bytes, points, { hours: 24, step: 'PT5M' })
  assert.equal(ends.length, points.length)
  return Math.max(
    ...ends.map(({ place, status }, i) => {
      assert.equal(status, 'afloat', `particle ${i}`)
      return apart(place, turned(rotation, points[i] as LonLat, DAY))
    })
  )
}

describe('physics: one flow on every grid', () => {
  for (const [where, centre] of [
    ['in the Barents Sea', [20, 72]],
    ['across the date line', [180, 66]]
  ] as const) {
    const [lon, lat] = centre
    // A metre per second at 100 km from the middle.
    const rotation = { axis: centre, rate: 1e-5 }
    const points: LonLat[] = [
      [lon, lat + 0.9],
      [lon + 2, lat],
      [lon - 1.5, lat - 0.4]
    ]
    const grids = {
      regular: regular(line(lon - 6, 0.125, 97), line(lat - 2, 0.05, 81)),
      'regular, longitudes from 0': regular(
        line(lon - 6, 0.125, 97).map((value) => (value + 360) % 360),
        line(lat - 2, 0.05, 81)
      ),
      'polar stereographic': stereographic(centre, 10_000, 20),
      Lambert: lambert(centre, 10_000, 20),
      curvilinear: curvilinear(centre, 5000, 40)
    }
    for (const [name, nodes] of Object.entries(grids)) {
      // Velocities are bilinear in cells per step: stretching by 1.2 % a cell bends them.
      const bound = name === 'curvilinear' ? 15 : 5
      it(`${where}, ${name}: within ${bound} m of the truth after 86 km`, async () => {
        const error = await greatestError(rotationFile(nodes, rotation), rotation, points)
        assert.ok(error < bound, `${error} m`)
      })
    }
  }
})

describe('physics: curvilinear around the globe', () => {
  it('repeated columns are left out, and particles cross the seam and the date line', async () => {
    const rotation = { axis: [0, 90] as const, rate: 20 / RADIUS }
    const more = { hours: 24, step: 'PT20M' }
    // The first column is at 73 E; the seam lies between 72 E and there.
    const points: LonLat[] = [
      [70, 45],
      [170, 40],
      [-175, 50]
    ]
    const { ends } = await drifted(rotationFile(wavy(1), rotation), points, more)
    for (const [i, { place, status }] of ends.entries()) {
      assert.equal(status, 'afloat', `${points[i]}`)
      const truth = turned(rotation, points[i] as LonLat, DAY)
      // 1728 km at the equator's speed on cells of a degree, bent by three in ninety.
      assert.ok(apart(place, truth) < 250, `${points[i]}: ${apart(place, truth)} m`)
    }
    assert.ok((ends[0]?.place[0] ?? 0) > 80, 'over the seam')
    assert.ok((ends[1]?.place[0] ?? 0) < -170, 'over the date line')
  })
})

describe('physics: across the pole', () => {
  // From the meridian of Greenwich over the pole to the date line, 86 km a day.
  const rotation = { axis: [-90, 0] as const, rate: 1 / RADIUS }
  const points: LonLat[] = [
    [0, 89.6],
    [4, 89.5],
    [-60, 89.7]
  ]
  const globe = (spacing: number, south: number): Uint8Array =>
    rotationFile(
      regular(
        line(-180, 2 * spacing, 180 / spacing),
        line(south, spacing, (90 - south) / spacing + 1)
      ),
      rotation
    )

  it('on a polar stereographic file', async () => {
    const bytes = rotationFile(stereographic([0, 90], 10_000, 30), rotation)
    const error = await greatestError(bytes, rotation, points)
    assert.ok(error < 5, `${error} m`)
    const [lon] = turned(rotation, points[0] as LonLat, DAY)
    assert.ok(Math.abs(lon) > 170, 'the first has crossed')
  })

  it('on longitudes and latitudes: resampled around the pole, and told', async () => {
    const more = { hours: 24, step: 'PT15M' }
    const { ends, notes } = await drifted(globe(0.5, 60), points, more)
    assert.ok(
      notes.some((note) => /polar stereographic grid of \d+ x \d+ nodes/.test(note)),
      notes.join('\n')
    )
    for (const [i, { place, status }] of ends.entries()) {
      assert.equal(status, 'afloat')
      const error = apart(place, turned(rotation, points[i] as LonLat, DAY))
      assert.ok(error < 20, `particle ${i}: ${error} m`)
    }
  })

  it('a globe that nobody leaves towards a pole stays as it is', async () => {
    const seeds: LonLat[] = [
      [179.9, 30],
      [0, -40]
    ]
    const { ends, notes } = await drifted(globe(1, -90), seeds, { hours: 24, step: 'PT1H' })
    assert.ok(!notes.some((note) => note.includes('polar')), notes.join('\n'))
    for (const [i, { place, status }] of ends.entries()) {
      assert.equal(status, 'afloat')
      const error = apart(place, turned(rotation, seeds[i] as LonLat, DAY))
      assert.ok(error < 20, `particle ${i}: ${error} m`)
    }
  })

  it('particles near the pole and beyond the equator are refused, with the reason', async () => {
    const seeds: LonLat[] = [
      [0, 89],
      [0, -20]
    ]
    await assert.rejects(
      drifted(globe(1, -90), seeds, { hours: 24, step: 'PT1H' }),
      (error) =>
        isMeshError(error, 'plan/refused') &&
        /from 20\.\d S to 89\.\d N.*across the pole/.test(error.message)
    )
  })

  it('leaving the data near the pole is leaving the domain, not land', async () => {
    const south = { axis: [90, 0] as const, rate: 1 / RADIUS }
    const lats = line(82, 0.25, 33)
    const bytes = rotationFile(regular(line(-180, 1, 360), lats), south)
    const { ends, notes } = await drifted(bytes, [[0, 82.3]], { hours: 24, step: 'PT15M' })
    assert.ok(notes.some((note) => note.includes('polar stereographic grid')))
    assert.deepEqual(
      ends.map(({ status }) => status),
      ['outside']
    )
  })

  it('a random walk at the pole is as wide there as anywhere, in every direction', async () => {
    const still = { axis: [0, 0] as const, rate: 0 }
    const bytes = rotationFile(stereographic([0, 90], 10_000, 12), still)
    const [particles, diffusivity] = [4000, 100]
    const more = { hours: 24, step: 'PT1H', particles, diffusivity }
    const { ends } = await drifted(bytes, [[0, 90]], more)
    const places = ends.map(({ place }) => normal(place))
    const wanted = Math.sqrt(2 * diffusivity * DAY)
    for (const part of [0, 1] as const) {
      const values = places.map((place) => place[part] * RADIUS)
      const mean = values.reduce((sum, value) => sum + value, 0) / particles
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / particles
      // Four standard errors of 4000 particles.
      assert.ok(Math.abs(mean) < (4 * wanted) / Math.sqrt(particles), `mean ${mean}`)
      const off = Math.abs(Math.sqrt(variance) / wanted - 1)
      assert.ok(off < 4 / Math.sqrt(2 * particles), `${Math.sqrt(variance)} m, not ${wanted} m`)
    }
  })

  it('cutting a run into windows changes nothing, whoever is left ashore or outside', async () => {
    const nodes = stereographic([20, 72], 10_000, 20)
    const place = nodes.place(20, 20)
    const bytes = rotationFile(
      { ...nodes, isLand: (row, column) => row > 24 && row < 32 && column < 14 },
      { axis: [-90, 0], rate: 0.5 / RADIUS }
    )
    const seeds = [place, nodes.place(22, 6), nodes.place(20, 30), nodes.place(38, 3)]
    const more = { hours: 48, step: 'PT30M', diffusivity: 10, particles: 60 }
    const whole = await drifted(bytes, seeds, more)
    const cut = await drifted(bytes, seeds, { ...more, window: 'PT6H' })
    const statuses = new Set(whole.ends.map(({ status }) => status))
    assert.deepEqual([...statuses].sort(), ['afloat', 'outside', 'stranded'])
    assert.equal(cut.product, whole.product)
    assert.deepEqual(cut.ends, whole.ends)
  })
})
