/**
 * What every reader of data files must do, as a function of how to open one: the content of
 * test/fixtures/readers/make.py, whatever the format.
 */
import assert from 'node:assert/strict'
import type { DataFile, Range } from '../../node/forcing/read/data-file.ts'
import { isMeshError } from '../../node/mesh-error.ts'

const counting = (count: number, of: (index: number) => number): number[] =>
  Array.from({ length: count }, (_, index) => of(index))

const CONTENT: Readonly<Record<string, { dimensions: readonly string[]; values: number[] }>> = {
  time: { dimensions: ['time'], values: [0, 6, 12] },
  depth: { dimensions: ['depth'], values: [0.5, 10] },
  lat: { dimensions: ['lat'], values: [43, 42, 41, 40] },
  lon: { dimensions: ['lon'], values: [0, 1, 2, 3, 4] },
  uo: { dimensions: ['time', 'lat', 'lon'], values: counting(60, (i) => i * 0.25 - 7) },
  vo: { dimensions: ['time', 'lat', 'lon'], values: counting(60, (i) => 3 * i - 50) },
  deep: { dimensions: ['time', 'depth', 'lat', 'lon'], values: counting(120, (i) => i / 7) },
  flag: { dimensions: ['lon'], values: [-1, 0, 1, 2, 3] },
  crs: { dimensions: [], values: [7] }
}
const COUNTS: Readonly<Record<string, number>> = { time: 3, depth: 2, lat: 4, lon: 5 }

export interface ReaderCase {
  readonly name: string
  readonly format: DataFile['format']
  /** Opens the content anew. */
  open(): Promise<DataFile>
}

export function readerContract({ name, format, open }: ReaderCase): void {
  describe(`reader of ${name}`, () => {
    let file: DataFile
    before(async () => {
      file = await open()
    })
    after(() => file.close())
    const whole = (variable: string): Range[] =>
      (CONTENT[variable]?.dimensions ?? []).map((dimension) => [0, COUNTS[dimension] ?? 0])

    it('describes every variable with its dimensions', () => {
      assert.equal(file.format, format)
      for (const [variable, { dimensions }] of Object.entries(CONTENT)) {
        const found = file.variables.get(variable)?.dimensions
        const expected = dimensions.map((dimension) => ({
          name: dimension,
          count: COUNTS[dimension]
        }))
        assert.deepEqual(found, expected, variable)
      }
    })

    it('tells whole numbers from fractions of 32 and of 64 bits', () => {
      const types = ['uo', 'vo', 'deep', 'time', 'flag'].map(
        (variable) => file.variables.get(variable)?.type
      )
      assert.deepEqual(types, ['float32', 'int', 'float64', 'int', 'int'])
      const bits = ['uo', 'vo', 'time', 'flag'].map((v) => file.variables.get(v)?.signedBits)
      assert.deepEqual(bits, [undefined, 16, 32, 8])
    })

    it('hands out attributes as text or lists of numbers', () => {
      const attribute = (variable: string, key: string) =>
        file.variables.get(variable)?.attributes.get(key)
      assert.equal(attribute('uo', 'units'), 'm s-1')
      assert.equal(attribute('crs', 'grid_mapping_name'), 'latitude_longitude')
      assert.deepEqual(attribute('vo', 'scale_factor'), [0.01])
      assert.deepEqual(attribute('vo', '_FillValue'), [-32768])
      assert.deepEqual(attribute('uo', 'valid_range'), [-10, 10])
      const [stated] = attribute('uo', '_FillValue') ?? []
      assert.equal(Math.fround(Number(stated)), Math.fround(1e20))
    })

    it('reads whole variables, as stored', async () => {
      for (const [variable, { values }] of Object.entries(CONTENT)) {
        assert.deepEqual([...(await file.read(variable, whole(variable)))], values, variable)
      }
    })

    it('reads any box, in C order, twice the same', async () => {
      const box: Range[] = [
        [1, 2],
        [0, 1],
        [1, 3],
        [2, 2]
      ]
      const expected: number[] = []
      for (const t of [1, 2]) {
        for (const y of [1, 2, 3]) {
          for (const x of [2, 3]) expected.push((((t * 2 + 0) * 4 + y) * 5 + x) / 7)
        }
      }
      const first = await file.read('deep', box)
      assert.deepEqual([...first], expected)
      // What was handed out is the caller's own.
      first.fill(-1)
      assert.deepEqual([...(await file.read('deep', box))], expected)
      const [one] = await file.read('vo', [
        [2, 1],
        [3, 1],
        [4, 1]
      ])
      assert.equal(one, 127)
    })

    it('reads nothing where nothing is asked for', async () => {
      assert.equal((await file.read('flag', [[2, 0]])).length, 0)
    })

    it('serves several readings at once', async () => {
      const all = await Promise.all(['uo', 'vo', 'deep'].map((v) => file.read(v, whole(v))))
      for (const [index, variable] of ['uo', 'vo', 'deep'].entries()) {
        assert.deepEqual([...(all[index] ?? [])], CONTENT[variable]?.values, variable)
      }
    })

    it('refuses a box beyond the variable, and stops when the caller does', async () => {
      await assert.rejects(file.read('flag', [[3, 3]]), RangeError)
      await assert.rejects(file.read('flag', []), RangeError)
      const reason = new Error('changed my mind')
      await assert.rejects(file.read('flag', [[0, 5]], AbortSignal.abort(reason)), reason)
    })

    it('opens again after it is closed', async () => {
      const again = await open()
      await again.close()
      const third = await open()
      assert.deepEqual([...(await third.read('flag', [[0, 5]]))], [-1, 0, 1, 2, 3])
      await third.close()
    })
  })
}

/** One clear failure of a file, in one line. */
export const refuses = (pattern: RegExp) => (error: unknown) =>
  isMeshError(error, 'forcing/unreadable') &&
  pattern.test(error.message) &&
  !error.message.includes('\n')
