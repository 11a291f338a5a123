/** Components of files of their own: NEMO's faces with walls, and what is refused. */
import assert from 'node:assert/strict'
import { writeNetcdf3 } from '../../../node/forcing/netcdf3-writer.ts'
import { isMeshError } from '../../../node/mesh-error.ts'
import { ingest, scratch } from './fixture.ts'

const [COLUMNS, ROWS] = [6, 5]
const nodes = Array.from({ length: COLUMNS * ROWS }, (_, i) => i)

/** One component on nodes shifted from the middle ones by parts of a cell; a bent grid. */
function componentFile(
  name: 'uo' | 'vo',
  [dx, dy]: readonly [number, number],
  value: (column: number, row: number) => number
): Uint8Array {
  const plane = (of: (column: number, row: number) => number): number[] =>
    nodes.map((node) => of(node % COLUMNS, Math.floor(node / COLUMNS)))
  const coordinate = (own: string, units: string, values: number[]) => ({
    ...{ name: own, type: 'double' as const, dimensions: ['y', 'x'], attributes: { units }, values }
  })
  const place = (column: number, row: number): [number, number] => [column + dx, row + dy]
  return writeNetcdf3({
    dimensions: { time: 1, y: ROWS, x: COLUMNS },
    variables: [
      {
        ...{ name: 'time', type: 'double', dimensions: ['time'], values: [0] },
        attributes: { units: 'hours since 2020-01-01' }
      },
      coordinate(
        'nav_lon',
        'degrees_east',
        plane((c, r) => 179 + 0.2 * place(c, r)[0] + 0.05 * place(c, r)[1])
      ),
      coordinate(
        'nav_lat',
        'degrees_north',
        plane((c, r) => 60 + 0.1 * place(c, r)[1] - 0.02 * place(c, r)[0])
      ),
      {
        ...{ name, type: 'double', dimensions: ['time', 'y', 'x'] },
        attributes: { units: 'm s-1', _FillValue: { type: 'double', values: [-9] } },
        values: plane(value)
      }
    ]
  })
}

describe('forcing components of files of their own', () => {
  const files = scratch()
  const sourceOf = (u: Uint8Array, v: Uint8Array) => [
    { role: 'current' as const, files: [files.write('u.nc', u), files.write('v.nc', v)] }
  ]

  /** Mean of the faces `first + i/8` beside the middle node i. */
  const middle = (first: number, i: number): number => {
    if (i === 0) return first
    const next = i === 3 ? 0 : first + i / 8
    return (first + (i - 1) / 8 + next) / 2
  }

  it('faces come to the middle; a face without water at a wet node is a wall', async () => {
    // Land to the right of column 3, and above row 3.
    const u = componentFile('uo', [0.5, 0], (c, r) => (c >= 3 || r > 3 ? -9 : 1 + c / 8))
    const v = componentFile('vo', [0, 0.5], (c, r) => (c > 3 || r >= 3 ? -9 : 2 + r / 8))
    const { field, land, places } = await ingest(sourceOf(u, v), 0, 0)
    const wet = nodes.filter((node) => node % COLUMNS <= 3 && node < 4 * COLUMNS)
    for (const node of wet) {
      const [column, row] = [node % COLUMNS, Math.floor(node / COLUMNS)]
      const found = (['u', 'v'] as const).map((name) => field('current', name, 0, row, column))
      // Beyond the first face there is none, beyond the last a wall.
      assert.deepEqual(found, [middle(1, column), middle(2, row)], `${column}, ${row}`)
    }
    assert.deepEqual(
      nodes.filter((node) => land[node] === 0),
      wet
    )
    assert.ok('lonLats' in places)
    const node = 2 * COLUMNS + 4
    assert.ok(Math.abs((places.lonLats[2 * node] ?? 0) - (179 + 0.8 + 0.1)) < 1e-12)
    assert.ok(Math.abs((places.lonLats[2 * node + 1] ?? 0) - (60 + 0.2 - 0.08)) < 1e-12)
  })

  it('faces before their nodes, as MITgcm has them, come to the same middle', async () => {
    const u = componentFile('uo', [-0.5, 0], (c) => 1 + c / 8)
    const v = componentFile('vo', [0, -0.5], (_, r) => 2 + r / 8)
    const { field, places } = await ingest(sourceOf(u, v), 0, 0)
    assert.equal(field('current', 'u', 0, 2, 3), 1 + 3.5 / 8)
    assert.equal(field('current', 'v', 0, 2, 3), 2 + 2.5 / 8)
    assert.equal(field('current', 'u', 0, 2, 5), 1 + 5 / 8)
    assert.ok('lonLats' in places)
    const node = 2 * COLUMNS + 4
    assert.ok(Math.abs((places.lonLats[2 * node] ?? 0) - (179 + 0.8 + 0.1)) < 1e-12)
  })

  it('other faces are refused, by name', async () => {
    const u = componentFile('uo', [0.5, 0], () => 1)
    const v = componentFile('vo', [0, -0.5], () => 1)
    await assert.rejects(
      ingest(sourceOf(u, v), 0, 0),
      (error) =>
        isMeshError(error, 'forecast/unsupported') && /not half a cell from/.test(error.message)
    )
  })
})
