/** Boxes of an HDF5 file that are read in pieces are what they are in one. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Dataset, File, ready } from 'h5wasm/node'
import { openDataFile } from '../../../node/forcing/read/open-data-file.ts'

const SHAPE = [2, 1501, 1603] as const
const [, ROWS, COLUMNS] = SHAPE

describe('large boxes of HDF5', () => {
  let folder: string
  before(async function () {
    this.timeout(120_000)
    folder = await mkdtemp(join(tmpdir(), 'driftmesh-boxes-'))
    await ready
    const file = new File(join(folder, 'large.h5'), 'w')
    const data = Float32Array.from({ length: SHAPE[0] * ROWS * COLUMNS }, (_, index) => index)
    for (const [name, chunks] of [
      ['plain', undefined],
      ['chunked', [1, 400, 500]],
      ['tall', [1, ROWS, 7]]
    ] as const) {
      const given = { data, shape: [...SHAPE], dtype: '<f4' }
      file.create_dataset({ name, ...given, ...(chunks && { chunks: [...chunks] }) })
      assert.ok(file.get(name) instanceof Dataset)
    }
    file.close()
  })
  after(() => rm(folder, { recursive: true, force: true }))

  for (const name of ['plain', 'chunked', 'tall']) {
    for (const [what, box] of [
      [
        'a whole slice',
        [
          [1, 1],
          [0, ROWS],
          [0, COLUMNS]
        ]
      ],
      [
        'rows that begin within a chunk',
        [
          [0, 1],
          [37, 1400],
          [3, 1600]
        ]
      ],
      [
        'both times',
        [
          [0, 2],
          [5, 900],
          [0, COLUMNS]
        ]
      ]
    ] as const) {
      it(`${name}: ${what}`, async () => {
        const file = await openDataFile(join(folder, 'large.h5'))
        const values = await file.read(name, box)
        await file.close()
        const [[time0, times], [row0, rows], [column0, columns]] = box
        assert.equal(values.length, times * rows * columns)
        const wrong = values.findIndex((value, at) => {
          const time = time0 + Math.floor(at / (rows * columns))
          const row = row0 + (Math.floor(at / columns) % rows)
          return value !== (time * ROWS + row) * COLUMNS + column0 + (at % columns)
        })
        assert.equal(wrong, -1)
      })
    }
  }
})
