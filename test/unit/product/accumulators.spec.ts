/**
 * Laws of the accumulators: sums do not depend on order or on how particles were cut into units,
 * and outputs that are not what a unit had to return never reach them.
 */
import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { DensityCounts, type DensityShape } from '../../../coordinator/product/density-counts.ts'
import { decodeSegment, type SegmentExpectation } from '../../../coordinator/product/outputs.ts'
import { StatusCounts } from '../../../coordinator/product/status-counts.ts'
import { outputCount, segmentSteps, windowSteps } from '../../../coordinator/product/timeline.ts'
import { NO_RESULT, TrackSamples } from '../../../coordinator/product/track-samples.ts'
import { encode } from '../../../protocol/canonical.ts'
import { ShapeError } from '../../../protocol/shape.ts'

interface Seen {
  readonly member: number
  readonly time: number
  readonly cell: number
  readonly classIndex: number
}

const SHAPE: DensityShape = {
  rows: 5,
  columns: 7,
  tileRows: 2,
  tileColumns: 3,
  timesPerChunk: 2,
  memberCount: 2,
  classCount: 2
}

const seen: fc.Arbitrary<Seen> = fc.record({
  member: fc.nat(1),
  time: fc.nat(3),
  cell: fc.nat(34),
  classIndex: fc.nat(1)
})

const triples = (...values: number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer)

/** One add per (member, time) with the counts of these particles. */
function add(counts: DensityCounts, particles: readonly Seen[]): void {
  const groups = new Map<string, Seen[]>()
  for (const one of particles) {
    const key = `${one.member}/${one.time}`
    groups.set(key, [...(groups.get(key) ?? []), one])
  }
  for (const group of groups.values()) {
    const [{ member, time }] = group as [Seen]
    const cells = new Map<number, number>()
    for (const { cell, classIndex } of group) {
      const key = cell * 2 + classIndex
      cells.set(key, (cells.get(key) ?? 0) + 1)
    }
    const sorted = [...cells].sort(([left], [right]) => left - right)
    counts.add(member, time, triples(...sorted.flatMap(([key, n]) => [key >> 1, key & 1, n])))
  }
}

/** Every tile of every chunk, zeros for what was never touched. */
function everything(counts: DensityCounts): number[] {
  const all: number[] = []
  for (let chunk = 0; chunk < 2; chunk += 1) {
    for (let tile = 0; tile < 9; tile += 1) {
      const empty = new Uint32Array(12)
      for (const member of [0, 1]) {
        for (const classIndex of [0, 1]) {
          all.push(...(counts.tile(chunk, member, classIndex, tile) ?? empty))
        }
      }
    }
  }
  return all
}

describe('density counts', () => {
  it('do not depend on order or on how particles are cut into units', () => {
    const law = fc.property(fc.array(seen), fc.nat(), fc.nat(), (particles, cut, turn) => {
      const whole = new DensityCounts(SHAPE)
      add(whole, particles)
      const parts = new DensityCounts(SHAPE)
      const at = cut % (particles.length + 1)
      const turned = [...particles.slice(turn % 7), ...particles.slice(0, turn % 7)].reverse()
      add(parts, turned.slice(at))
      add(parts, turned.slice(0, at))
      assert.deepEqual(everything(parts), everything(whole))
    })
    fc.assert(law)
  })

  it('put each particle into its own cell', () => {
    const law = fc.property(seen, ({ cell, classIndex, member, time }) => {
      const counts = new DensityCounts(SHAPE)
      counts.add(member, time, triples(cell, classIndex, 3))
      const row = Math.floor(cell / 7)
      const column = cell % 7
      const tile = Math.floor(row / 2) * 3 + Math.floor(column / 3)
      const values = counts.tile(Math.floor(time / 2), member, classIndex, tile)
      assert.ok(values)
      assert.equal(values[(time % 2) * 6 + (row % 2) * 3 + (column % 3)], 3)
      assert.equal(
        everything(counts).reduce((sum, count) => sum + count, 0),
        3
      )
      assert.ok(counts.hasTile(Math.floor(time / 2), tile))
      assert.ok(!counts.hasTile(Math.floor(time / 2), (tile + 1) % 9))
    })
    fc.assert(law)
  })

  it('forget a chunk that was written', () => {
    const counts = new DensityCounts(SHAPE)
    counts.add(0, 0, triples(0, 0, 1))
    counts.drop(0)
    assert.equal(counts.tile(0, 0, 0, 0), undefined)
  })
})

type StatusPart = [member: number, time: number, counts: number[]]

/** Sums of one time chunk of two times, two members. */
function statusSums(parts: readonly StatusPart[], chunk: number): Uint32Array {
  const sums = new Uint32Array(24)
  for (const [member, time, counts] of parts) {
    if (Math.floor(time / 2) !== chunk) continue
    for (const [status, count] of counts.entries()) {
      const place = (member * 2 + (time % 2)) * 6 + status
      sums[place] = (sums[place] ?? 0) + count
    }
  }
  return sums
}

describe('status counts', () => {
  it('are sums in any order', () => {
    const one = fc.tuple(fc.nat(1), fc.nat(3), fc.array(fc.nat(9), { minLength: 6, maxLength: 6 }))
    const law = fc.property(fc.array(one), (parts) => {
      const forth = new StatusCounts(2, 2)
      const back = new StatusCounts(2, 2)
      for (const part of parts) forth.add(...part)
      for (const part of [...parts].reverse()) back.add(...part)
      for (const chunk of [0, 1]) {
        const expected = statusSums(parts, chunk)
        assert.deepEqual(forth.take(chunk), expected)
        assert.deepEqual(back.take(chunk), expected)
      }
    })
    fc.assert(law)
  })
})

function track(id: number, status: number, lon: number, lat: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(24))
  view.setUint32(0, id, true)
  view.setUint32(4, status, true)
  view.setFloat64(8, lon, true)
  view.setFloat64(16, lat, true)
  return new Uint8Array(view.buffer)
}

describe('track samples', () => {
  it('mask waiting particles with one NaN and mark what has no result', () => {
    const samples = new TrackSamples({ memberCount: 2, trackedCount: 2, timesPerChunk: 2, rows: 4 })
    samples.add(1, 3, track(0, 1, 9.5, 42.25))
    samples.add(1, 3, track(1, 0, 9.5, 42.25))
    const { lat, lon, status } = samples.take(1)
    assert.deepEqual([...status], [255, 255, 255, 255, 255, 1, 255, 0])
    assert.equal(NO_RESULT, 255)
    assert.equal(lon[5], 9.5)
    assert.equal(lat[5], 42.25)
    const bits = new BigUint64Array(lon.buffer)
    for (const [place, value] of bits.entries()) {
      if (place !== 5) assert.equal(value, 0x7ff8_0000_0000_0000n, `place ${place}`)
    }
  })
})

describe('timeline', () => {
  it('gives every output time to exactly one segment', () => {
    const law = fc.property(
      fc.integer({ min: 1, max: 500 }),
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 1, max: 60 }),
      (stepCount, windowStepCount, outputEverySteps) => {
        const plan = { stepCount, windowSteps: windowStepCount, outputEverySteps }
        const steps: number[] = []
        for (let window = 0; window * windowStepCount < stepCount; window += 1) {
          const { segmentCount } = windowSteps(plan, window)
          for (let segment = 0; segment < segmentCount; segment += 1) {
            steps.push(...segmentSteps(plan, window, segment))
          }
        }
        const expected = Array.from(
          { length: outputCount(plan) },
          (_, index) => index * outputEverySteps
        )
        assert.deepEqual(steps, expected)
      }
    )
    fc.assert(law)
  })
})

describe('segment outputs', () => {
  const expected: SegmentExpectation = {
    steps: [4],
    firstParticle: 10,
    particleCount: 3,
    trackedCount: 11,
    classCount: 2,
    originCount: 2,
    coastalCellCount: 10,
    cellCount: 35
  }
  const counts = [0, 2, 1, 0, 0, 0]
  const tracks = track(10, 1, 0, 0)
  const good = {
    step: 4,
    counts,
    density: triples(3, 1, 1, 4, 0, 1),
    tracks,
    beached: triples(9, 1, 1, 1)
  }
  const open = (output: object, more: object[] = []) =>
    decodeSegment(encode({ kind: 'outputs', outputs: [{ ...good, ...output }, ...more] }), expected)

  it('are read when they are what the unit had to return', () => {
    assert.equal(open({}).length, 1)
  })

  const bad: Record<string, [object, RegExp]> = {
    'another step': [{ step: 5 }, /step/],
    'a particle too few': [{ counts: [0, 1, 1, 0, 0, 0] }, /counts/],
    'a cut-off list of beached': [{ beached: new Uint8Array(17) }, /beached/],
    'beached in no coastal cell': [{ beached: triples(10, 1, 1, 1) }, /beached/],
    'beached of another origin': [{ beached: triples(9, 2, 1, 1) }, /beached/],
    'beached of another class': [{ beached: triples(9, 1, 2, 1) }, /beached/],
    'beached out of order': [{ beached: triples(9, 1, 1, 1, 9, 0, 1, 1) }, /beached/],
    'an empty beached cell': [{ beached: triples(9, 1, 1, 0) }, /beached/],
    'more beached than stranded': [{ beached: triples(9, 1, 1, 2) }, /beached/],
    'a cut-off density': [{ density: new Uint8Array(13) }, /density/],
    'a cell outside': [{ density: triples(35, 0, 1) }, /density/],
    'a class outside': [{ density: triples(3, 2, 1) }, /density/],
    'cells out of order': [{ density: triples(4, 0, 1, 3, 0, 1) }, /density/],
    'a cell twice': [{ density: triples(4, 0, 1, 4, 0, 1) }, /density/],
    'an empty cell': [{ density: triples(4, 0, 0) }, /density/],
    'more particles than afloat': [{ density: triples(4, 0, 3) }, /density/],
    'a track too few': [{ tracks: new Uint8Array(0) }, /tracks/],
    "another's track": [{ tracks: track(11, 1, 0, 0) }, /tracks/],
    'an unknown status': [{ tracks: track(10, 6, 0, 0) }, /tracks/],
    'no number': [{ tracks: track(10, 1, Number.NaN, 0) }, /tracks/]
  }
  for (const [name, [output, pattern]] of Object.entries(bad)) {
    it(`are refused with ${name}`, () => {
      assert.throws(
        () => open(output),
        (error) => error instanceof ShapeError && pattern.test(error.message)
      )
    })
  }

  it('are refused with an output too many', () => {
    assert.throws(() => open({}, [good]), ShapeError)
  })
})
