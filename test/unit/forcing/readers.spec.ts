/**
 * Both file formats give the numbers that an independent reader gives (reference-values.py), and
 * the traps of NetCDF-3 layouts and broken files are met.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { writeNetcdf3 } from '../../../node/forcing/netcdf3-writer.ts'
import { openDataFile } from '../../../node/forcing/read/open-data-file.ts'
import { isMeshError } from '../../../node/mesh-error.ts'
import { fieldFile, scratch, sharedData } from './fixture.ts'

/** Printed by test/unit/forcing/reference-values.py. */
const REFERENCE: readonly (readonly [string, string, readonly number[], number])[] = [
  [
    'medslik-cases/elba/currents/Sea_Med_slice_20140518_Elba.nc',
    'uo',
    [5, 0, 3, 7],
    0.10498189926147461
  ],
  [
    'medslik-cases/elba/currents/Sea_Med_slice_20140518_Elba.nc',
    'vo',
    [23, 2, 16, 0],
    0.07533679157495499
  ],
  ['medslik-cases/elba/currents/Sea_Med_slice_20140518_Elba.nc', 'depth', [3], 120],
  ['medslik-cases/elba/wind/Wind_Med_slice_18_Elba.nc', 'U10M', [2, 0, 4], 1.5393943786621094],
  [
    'medslik-cases/algeria/currents/Sea_Med_slice_20080806_Algeria.nc',
    'vo',
    [11, 1, 20, 30],
    0.006739364936947823
  ],
  ['pygnome/gridded_current.nc', 'water_v', [16, 40, 2], 0.2240000069141388],
  ['pygnome/GFS_Global_0p25deg.nc', 'air_u', [3, 6, 1], -0.4255908131599426],
  ['opendrift/Arctic20_1to5Feb_2016.nc', 'u', [2, 3, 25, 45], 169],
  ['opendrift/Arctic20_1to5Feb_2016.nc', 'aice', [4, 1, 0], -32121],
  ['plasticparcels/test_waves_2020-01-04.nc', 'ust', [5, 7], -1232],
  [
    'parcels-data/GlobCurrent/20020101000000-GLOBCURRENT-L4-CUReul_hs-ALT_SUM-v02.0-fv01.0.nc',
    'eastward_eulerian_current_velocity',
    [0, 20, 40],
    -1.3724541664123535
  ]
]

describe('forcing readers', () => {
  const { write } = scratch()
  const rejectsAsUnreadable = (file: string, pattern: RegExp) =>
    assert.rejects(
      openDataFile(file),
      (error) => isMeshError(error, 'forcing/unreadable') && pattern.test(error.message)
    )

  for (const [name, variable, index, expected] of REFERENCE) {
    it(`reads ${variable} of ${name} as netCDF4-python does`, async function () {
      const file = await openDataFile(sharedData(this, name))
      const [value] = await file.read(
        variable,
        index.map((first) => [first, 1] as const)
      )
      // The same value again, out of a box around it.
      const { dimensions = [] } = file.variables.get(variable) ?? {}
      const box = index.map((at, i) => {
        const first = Math.max(0, at - 1)
        return [first, Math.min(3, (dimensions[i]?.count ?? 0) - first)] as const
      })
      const values = await file.read(variable, box)
      const inBox = box.reduce((at, [first, count], i) => at * count + (index[i] ?? 0) - first, 0)
      await file.close()
      assert.equal(value, expected)
      assert.equal(values[inBox], expected)
    })
  }

  for (const is64Bit of [false, true]) {
    it(`reads interleaved records of every type, ${is64Bit ? 64 : 32} bit`, async () => {
      const counts = { t: 3, x: 5 }
      const types = ['byte', 'short', 'int', 'float', 'double'] as const
      const values = Array.from({ length: 15 }, (_, i) => 3 * i - 20)
      const bytes = writeNetcdf3({
        dimensions: counts,
        record: 't',
        is64Bit,
        variables: types.map((type) => ({ name: type, type, dimensions: ['t', 'x'], values }))
      })
      const file = await openDataFile(write(`records-${is64Bit}.nc`, bytes))
      for (const type of types) {
        const all = await file.read(type, [
          [0, 3],
          [0, 5]
        ])
        assert.deepEqual([...all], values, type)
        const part = await file.read(type, [
          [1, 2],
          [2, 2]
        ])
        assert.deepEqual(
          [...part],
          [7, 8, 12, 13].map((i) => values[i]),
          type
        )
      }
      await file.close()
    })
  }

  it('reads a lone record variable of 16 bits, which has no padding between records', async () => {
    const values = Array.from({ length: 12 }, (_, i) => i - 5)
    const bytes = writeNetcdf3({
      dimensions: { t: 4, x: 3 },
      record: 't',
      variables: [{ name: 'a', type: 'short', dimensions: ['t', 'x'], values }]
    })
    const file = await openDataFile(write('lone.nc', bytes))
    assert.deepEqual(
      [
        ...(await file.read('a', [
          [0, 4],
          [0, 3]
        ]))
      ],
      values
    )
    assert.deepEqual(
      [
        ...(await file.read('a', [
          [3, 1],
          [1, 1]
        ]))
      ],
      [values[10]]
    )
    await file.close()
  })

  it('reads fixed 16-bit variables of odd length without a padding element', async () => {
    const bytes = writeNetcdf3({
      dimensions: { x: 3 },
      variables: [
        { name: 'a', type: 'short', dimensions: ['x'], values: [1, 2, 3] },
        { name: 'b', type: 'byte', dimensions: ['x'], values: [-4, 5, 6] },
        { name: 'c', type: 'double', dimensions: [], values: [7.5] }
      ]
    })
    const file = await openDataFile(write('odd.nc', bytes))
    assert.deepEqual([...(await file.read('a', [[0, 3]]))], [1, 2, 3])
    assert.deepEqual([...(await file.read('b', [[0, 3]]))], [-4, 5, 6])
    assert.deepEqual([...(await file.read('c', []))], [7.5])
    await file.close()
  })

  it('refuses what is absent, empty, garbage or another NetCDF variant', async () => {
    await rejectsAsUnreadable('/nowhere/at/all.nc', /does not exist/)
    await rejectsAsUnreadable(write('empty.nc', ''), /is empty/)
    await rejectsAsUnreadable(write('text.nc', 'lon,lat\n1,2\n'), /is a table in text/)
    await rejectsAsUnreadable(
      write('variant.nc', Uint8Array.of(67, 68, 70, 4, 0, 0, 0, 0)),
      /variant 4/
    )
    await rejectsAsUnreadable(write('head.nc', fieldFile({}).slice(0, 100)), /header/)
  })

  it('refuses a NetCDF-3 file cut off at any later byte', async () => {
    const bytes = fieldFile({ isRecord: true })
    for (const length of [bytes.length - 1, bytes.length - 400, bytes.length - 900]) {
      await rejectsAsUnreadable(write(`cut-${length}.nc`, bytes.slice(0, length)), /cut off/)
    }
  })

  it('refuses a NetCDF-4 file cut off anywhere, in one line', async function () {
    const whole = readFileSync(
      sharedData(this, 'medslik-cases/elba/currents/Sea_Med_slice_20140518_Elba.nc')
    )
    for (const share of [0.01, 0.5, 0.999]) {
      const file = write(`cut-${share}.nc`, whole.subarray(0, Math.floor(share * whole.length)))
      await rejectsAsUnreadable(file, /^[^\n]*broken or cut off[^\n]*; fetch it again$/)
    }
  })

  it('reads what lies beyond 4 GiB, at the memory of a box', async () => {
    // 1.5e9 floats that nobody wrote, then three that somebody did.
    const [rows, columns, begin] = [30_000, 50_000, 200]
    const after = begin + 4 * rows * columns
    const file = write('big.nc', bigHeader(rows, columns, begin, after))
    const handle = await open(file, 'r+')
    await handle.write(Buffer.from([0x3f, 0x80, 0, 0]), 0, 4, begin + 4 * (29_999 * columns + 7))
    await handle.write(Buffer.from([1, 2, 3]), 0, 3, after)
    await handle.truncate(after + 4)
    await handle.close()
    const opened = await openDataFile(file)
    const before = process.memoryUsage().rss
    const values = await opened.read('a', [
      [29_998, 2],
      [6, 3]
    ])
    assert.deepEqual([...values], [0, 0, 0, 0, 1, 0])
    assert.deepEqual([...(await opened.read('b', [[0, 3]]))], [1, 2, 3])
    assert.ok(process.memoryUsage().rss - before < 64 * 2 ** 20)
    await assert.rejects(
      opened.read('a', [
        [0, rows],
        [0, columns]
      ]),
      (error) => isMeshError(error, 'forcing/unreadable') && /above the limit/.test(error.message)
    )
    await opened.close()
  })
})

/** A 64-bit-offset header: `float a(y, x)` at one offset, `byte b(z)` at another. */
function bigHeader(rows: number, columns: number, begin: number, after: number): Buffer {
  const int = (...values: number[]): Buffer => {
    const bytes = Buffer.alloc(4 * values.length)
    for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, 4 * index)
    return bytes
  }
  const name = (text: string): Buffer => Buffer.concat([int(1), Buffer.from(`${text}\0\0\0`)])
  const offset = (value: number): Buffer => {
    const bytes = Buffer.alloc(8)
    bytes.writeBigUInt64BE(BigInt(value))
    return bytes
  }
  const dimensions = [name('y'), int(rows), name('x'), int(columns), name('z'), int(3)]
  const a = [name('a'), int(2, 0, 1, 0, 0, 5, 0xffff_ffff), offset(begin)]
  const b = [name('b'), int(1, 2, 0, 0, 1, 4), offset(after)]
  const start = [Buffer.from('CDF\x02'), int(0, 10, 3), ...dimensions, int(0, 0, 11, 2)]
  return Buffer.concat([...start, ...a, ...b])
}
