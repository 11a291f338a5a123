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

  it('faces come to the middle; a face without water at a wet node is a wall', async () => {
    // Land to the right of column 3, and above row 3.
    const u = componentFile('uo', [0.5, 0], (c, r) => (c >= 3 || r > 3 ? -9 : 1 + c / 8))
    const v = componentFile('vo', [0, 0.5], (c, r) => (c > 3 || r >= 3 ? -9 : 2 + r / 8))
    const { field, land, places } = await ingest(sourceOf(u, v), 0, 0)
    const [found, wanted] = [[], []] as [number[], number[]]
    for (const row of [0, 1, 2, 3]) {
      for (const column of [0, 1, 2, 3]) {
        found.push(field('current', 'u', 0, row, column), field('current', 'v', 0, row, column))
        const west = column === 0 ? 1 : 1 + (column - 1) / 8
        const east = column === 0 ? 1 : column === 3 ? 0 : 1 + column / 8
        const south = row === 0 ? 2 : 2 + (row - 1) / 8
        const north = row === 0 ? 2 : row === 3 ? 0 : 2 + row / 8
        wanted.push((west + east) / 2, (south + north) / 2)
      }
    }
    assert.deepEqual(found, wanted)
    assert.deepEqual(
      nodes.filter((node) => land[node] === 0),
      nodes.filter((node) => node % COLUMNS <= 3 && node < 4 * COLUMNS)
    )
    assert.ok('lonLats' in places)
    const node = 2 * COLUMNS + 4
    assert.ok(Math.abs((places.lonLats[2 * node] ?? 0) - (179 + 0.8 + 0.1)) < 1e-12)
    assert.ok(Math.abs((places.lonLats[2 * node + 1] ?? 0) - (60 + 0.2 - 0.08)) < 1e-12)
  })

  it('faces on the other side of their nodes are refused, by name', async () => {
    const u = componentFile('uo', [-0.5, 0], () => 1)
    const v = componentFile('vo', [0, -0.5], () => 1)
    await assert.rejects(
      ingest(sourceOf(u, v), 0, 0),
      (error) =>
        isMeshError(error, 'forecast/unsupported') && /staggered grid other/.test(error.message)
    )
  })
})
