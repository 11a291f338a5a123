/**
 * Statistics over members against the definitions, cell by cell, and what a gap does to them.
 */
import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { gunzipSync } from 'fflate'
import { quantileRank, tileStatistics } from '../../../coordinator/product/member-statistics.ts'
import { TimeSums } from '../../../coordinator/product/time-sums.ts'
import { readFolderFile } from '../../../node/forecast/product/folder/folder.ts'
import { assembleWorld, buildWorld, type World } from './assembled.ts'
import { GRID } from './world.ts'

const THRESHOLDS = [0, 0.5, 2]
const AREAS = [0.7, 3, 11]

/** Straight from the definitions; `members` are counts per area of one cell. */
function direct(members: readonly number[]) {
  const sorted = [...members].sort((left, right) => left - right)
  const quantile = (share: number): number => {
    const place = sorted.findIndex((_, index) => index + 1 >= share * sorted.length - 1e-9)
    return sorted[place] ?? Number.NaN
  }
  const [low, high] = [quantile(0.1), quantile(0.9)]
  return {
    mean: members.reduce((sum, value) => sum + value, 0) / members.length,
    quantiles: [low, quantile(0.5), high],
    exceedance: THRESHOLDS.map((threshold) => {
      return members.filter((value) => value > threshold).length / members.length
    }),
    agreement: high === 0 ? 1 : 1 - (high - low) / (high + low)
  }
}

describe('member statistics', () => {
  it('are those of the definitions in every cell', () => {
    const shapes = fc.record({
      memberCount: fc.integer({ min: 1, max: 23 }),
      classCount: fc.integer({ min: 1, max: 3 }),
      length: fc.constantFrom(3, 4096, 4099),
      rngSeed: fc.nat()
    })
    const law = fc.property(shapes, ({ classCount, length, memberCount, rngSeed }) => {
      const countAt = (member: number, classIndex: number, cell: number): number => {
        const mixed = (rngSeed + member * 7919 + classIndex * 104_729 + cell * 1_299_709) % 1009
        return mixed % 3 === 0 ? mixed % 17 : 0
      }
      const counts = (member: number, classIndex: number): Uint32Array | undefined =>
        (member + classIndex) % 4 === 3
          ? undefined
          : Uint32Array.from({ length }, (_, cell) => countAt(member, classIndex, cell))
      const areaOf = (index: number): number => AREAS[index % AREAS.length] ?? Number.NaN
      const shape = { length, memberCount, classCount, thresholds: THRESHOLDS }
      const made = tileStatistics(shape, counts, areaOf)
      for (const cell of [0, 1, 2, length - 2, length - 1]) {
        const sums = Array.from({ length: memberCount }, (_, member) => {
          const own = Array.from({ length: classCount }, (_, classIndex) =>
            (member + classIndex) % 4 === 3 ? 0 : countAt(member, classIndex, cell)
          )
          return own.reduce((sum, count) => sum + count, 0)
        })
        const wanted = direct(sums.map((sum) => sum / areaOf(cell)))
        const near = (found: number | undefined, value: number, what: string): void =>
          assert.ok(Math.abs((found ?? Number.NaN) - value) < 1e-5, `${what} ${found} ${value}`)
        near(made.mean[cell], wanted.mean, 'mean')
        near(made.agreement[cell], wanted.agreement, 'agreement')
        near(
          made.total[cell],
          sums.reduce((sum, count) => sum + count, 0),
          'total'
        )
        for (const [which, value] of wanted.quantiles.entries()) {
          assert.equal(made.quantiles[which]?.[cell], Math.fround(value), `quantile ${which}`)
        }
        for (const [which, value] of wanted.exceedance.entries()) {
          near(made.exceedance[which]?.[cell], value, `exceedance ${which}`)
        }
      }
    })
    fc.assert(law, { numRuns: 60 })
  })

  it('take the nearest rank', () => {
    assert.deepEqual(
      [1, 5, 9].map((tenths) => quantileRank(tenths, 10)),
      [0, 4, 8]
    )
    assert.deepEqual(
      [1, 5, 9].map((tenths) => quantileRank(tenths, 1)),
      [0, 0, 0]
    )
    assert.deepEqual(
      [1, 5, 9].map((tenths) => quantileRank(tenths, 11)),
      [1, 5, 9]
    )
  })
})

describe('time sums', () => {
  it('add every time of every chunk', () => {
    const sums = new TimeSums(2)
    sums.add(4, Float64Array.of(1, 2, 3, 4))
    sums.add(4, Float64Array.of(10, 0))
    assert.deepEqual([...(sums.tile(4) ?? [])], [14, 6])
    assert.equal(sums.tile(0), undefined)
  })
})

describe('confidence', () => {
  const fields = async (world: Pick<World, 'plan' | 'slots' | 'blocks'>) => {
    const { assembled, blocks } = await assembleWorld(world)
    const read = async (name: string): Promise<Float32Array> => {
      const path = `density.zarr/${name}`
      return new Float32Array(
        gunzipSync(await readFolderFile(assembled.product, path, blocks)).buffer
      )
    }
    return {
      confidence: await read('confidence/0/0/0'),
      low: await read('particle_density_quantile/0/0/0/0')
    }
  }

  it('falls with the share of results that are missing, from the time they miss', async () => {
    const world = buildWorld({ members: 1, cuts: [10], windowSteps: 12 })
    const whole = await fields(world)
    const isThere = ({ block, window }: { block: number; window: number }): boolean =>
      !(block === 0 && window === 1)
    const lacking = await fields({ ...world, slots: world.slots.filter(isThere) })
    const cells = GRID.rows * GRID.columns
    // One member agrees with itself: what is left is the share of its 40 particles.
    assert.deepEqual(new Set(whole.confidence), new Set([1]))
    assert.deepEqual(new Set(lacking.confidence.subarray(0, 7 * cells)), new Set([1]))
    assert.deepEqual(new Set(lacking.confidence.subarray(7 * cells)), new Set([0.75]))
  })

  it('is 0 where some members have particles and others have none', async () => {
    const { confidence, low } = await fields(buildWorld({ members: 2 }))
    assert.ok(confidence.some((value, index) => value === 0 && low[index] === 0))
    assert.ok(confidence.some((value) => value > 0 && value < 1))
  })
})
