/**
 * Distance to the coast and coastal cells against brute force, where it matters and where grids are
 * awkward: periodic, stretched, turned.
 */
import assert from 'node:assert/strict'
import { NearestCoast } from '../../../node/forcing/drift/coast-distance.ts'
import { fullMetric } from '../../../node/forcing/grids/node-metric.ts'

interface Case {
  readonly rows: number
  readonly columns: number
  readonly isPeriodic: boolean
  /** Cells per metre of a node: [x per east, x per north, y per east, y per north]. */
  readonly metricOf: (column: number, row: number) => readonly number[]
  readonly isLand: (column: number, row: number) => boolean
}

const square = (metres: number) => () => [1 / metres, 0, 0, 1 / metres]
const CASES: Readonly<Record<string, Case>> = {
  'an island': {
    rows: 30,
    columns: 40,
    isPeriodic: false,
    metricOf: square(5000),
    isLand: (column, row) => Math.hypot(column - 20, row - 12) < 4
  },
  'scattered rocks around the globe': {
    rows: 20,
    columns: 36,
    isPeriodic: true,
    metricOf: (_column, row) => [1 / (9000 - row * 200), 0, 0, 1 / 9000],
    isLand: (column, row) => (column * 7 + row * 13) % 41 === 0
  },
  'a turned grid with a straight coast': {
    rows: 25,
    columns: 25,
    isPeriodic: false,
    metricOf: () => [0.6 / 4000, 0.8 / 4000, -0.8 / 4000, 0.6 / 4000],
    isLand: (column) => column > 18
  }
}

for (const [name, given] of Object.entries(CASES)) {
  const { rows, columns, isPeriodic, metricOf, isLand } = given
  const metric = new Float32Array(rows * columns * 4)
  const land = new Uint8Array(rows * columns)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      metric.set(metricOf(column, row), (row * columns + column) * 4)
      land[row * columns + column] = Number(isLand(column, row))
    }
  }
  /** Metres and cells of an offset at a node. */
  const metres = (column: number, row: number, dx: number, dy: number): number => {
    const [a = 0, b = 0, c = 0, d = 0] = metricOf(column, row)
    return Math.hypot(d * dx - b * dy, a * dy - c * dx) / (a * d - b * c)
  }
  const nearest = (column: number, row: number): number => {
    let least = Infinity
    for (let node = 0; node < land.length; node++) {
      if (land[node] !== 1) continue
      const dy = Math.floor(node / columns) - row
      for (const turn of isPeriodic ? [-columns, 0, columns] : [0]) {
        const dx = (node % columns) - column + turn
        const length = metres(column, row, dx, dy)
        const cells = Math.max(Math.abs(dx), Math.abs(dy))
        least = Math.min(least, length * (1 - 0.5 / cells))
      }
    }
    return least
  }

  describe(`distance to the coast: ${name}`, () => {
    const coast = new NearestCoast(land, {
      ...{ rows, columns, isPeriodic },
      metric: fullMetric(metric, columns)
    })
    const distance = coast.distances(0, rows)
    const cell = coast.cells(0, rows)
    const cellCount = coast.nodes.length

    it('is that of brute force at sea, within a tenth of a cell', () => {
      for (let node = 0; node < land.length; node++) {
        if (land[node] === 1) continue
        const [column, row] = [node % columns, Math.floor(node / columns)]
        const spacing = metres(column, row, 1, 0)
        const away = Math.abs((distance[node] ?? 0) - nearest(column, row))
        assert.ok(away < 0.5 * spacing, `${column}, ${row}: ${distance[node]}`)
        if (nearest(column, row) < 2 * spacing) assert.ok(away < 0.1 * spacing, `near ${node}`)
      }
    })

    it('is 0 half-way between land and the sea beside it', () => {
      for (let node = 0; node < land.length - 1; node++) {
        const isCoast = node % columns < columns - 1 && land[node] === 0 && land[node + 1] === 1
        if (!isCoast) continue
        const sea = distance[node] ?? 0
        const ashore = distance[node + 1] ?? 0
        const spacing = metres(node % columns, Math.floor(node / columns), 1, 0)
        assert.ok(ashore < 0 && sea > 0, `${node}: ${sea} ${ashore}`)
        assert.ok(Math.abs(sea + ashore) / 2 < 0.06 * spacing, `${node}: ${sea} ${ashore}`)
      }
    })

    it('numbers land beside the sea in C order, each node with its nearest', () => {
      const seen: number[] = []
      for (let node = 0; node < land.length; node++) {
        const isCoastal = land[node] === 1 && (distance[node] ?? 0) > -1e6
        if (isCoastal) seen.push(cell[node] ?? -1)
        assert.ok((cell[node] ?? -1) < cellCount)
      }
      assert.deepEqual(
        seen,
        Array.from({ length: cellCount }, (_, number) => number)
      )
    })
  })
}

describe('distance to the coast', () => {
  it('is far everywhere in a sea without land', () => {
    const metric = Float32Array.from({ length: 400 }, (_, i) => (i % 3 === 0 ? 1e-3 : 0))
    const found = new NearestCoast(new Uint8Array(100), {
      rows: 10,
      columns: 10,
      isPeriodic: false,
      metric: fullMetric(metric, 10)
    })
    assert.equal(found.nodes.length, 0)
    assert.ok(found.distances(0, 10).every((metres) => metres >= 1e9 * 0.999))
  })
})
