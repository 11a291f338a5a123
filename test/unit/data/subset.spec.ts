/**
 * Subsets of ERDDAP and OPeNDAP servers: what is written holds the server's values at the server's
 * places, whatever the order of axes, the range of longitudes and the seam in the box.
 */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { readSet } from '../../../node/data/catalogue/catalogue.ts'
import { erddapPlace, openErddapSet } from '../../../node/data/erddap/open-erddap.ts'
import { openDapSet } from '../../../node/data/opendap/open-dap.ts'
import { PRESETS } from '../../../node/data/presets.ts'
import { inspectFiles } from '../../../node/forcing/inspect/inspect-files.ts'
import { isMeshError } from '../../../node/mesh-error.ts'
import { QUICK_LIMITS } from './data-server.ts'
import { type Axes, globe, place, range, subsetSuite, T0 } from './subset-suite.ts'

describe('subsets from a server', function () {
  this.timeout(180_000)
  const { server, client, nextId, fetchSet, placesOf } = subsetSuite()

  const GLOBES: readonly (readonly [string, Axes, string, number[], number[]])[] = [
    [
      '0..360',
      { longitudes: range(0, 5, 72), latitudes: range(-80, 10, 17), times: 6 },
      '10,5,20,25',
      [10, 15, 20],
      [0, 10, 20, 30]
    ],
    [
      '0..360, asked in the west',
      { longitudes: range(0, 5, 72), latitudes: range(-80, 10, 17), times: 6 },
      '-60,-5,-50,5',
      [300, 305, 310],
      [-10, 0, 10]
    ],
    [
      'falling latitudes',
      { longitudes: range(-180, 5, 72), latitudes: range(80, -10, 17), times: 6 },
      '-60,-5,-50,5',
      [-60, -55, -50],
      [10, 0, -10]
    ],
    [
      'across Greenwich',
      { longitudes: range(0, 5, 72), latitudes: range(-80, 10, 17), times: 6 },
      '-7,0,7,10',
      [-10, -5, 0, 5, 10],
      [0, 10]
    ],
    [
      'across the date line',
      { longitudes: range(-180, 5, 72), latitudes: range(-80, 10, 17), times: 6 },
      '172,0,-172,10',
      [170, 175, 180, 185, 190],
      [0, 10]
    ],
    [
      'falling longitudes across the seam',
      { longitudes: range(355, -5, 72), latitudes: range(-80, 10, 17), times: 6 },
      '-7,0,7,10',
      [10, 5, 0, -5, -10],
      [0, 10]
    ]
  ]
  for (const kind of ['erddap', 'opendap'] as const) {
    for (const [name, axes, bbox, longitudes, latitudes] of GLOBES) {
      it(`hold the values at their places: ${kind}, ${name}`, async () => {
        const { fetched, home } = await fetchSet({ grid: globe(axes), kind, bbox })
        assert.equal(fetched.files.length, 1)
        const got = await placesOf(fetched.files[0]?.path ?? '')
        assert.deepEqual(got.longitudes, longitudes)
        assert.deepEqual(got.latitudes, latitudes)
        assert.deepEqual(
          got.times,
          [1, 2, 3].map((hour) => T0 + hour * 3600)
        )
        const expected = [1, 2, 3].flatMap((hour) =>
          latitudes.flatMap((lat) => longitudes.map((lon) => place(hour, lat, lon)))
        )
        assert.deepEqual(got.values, expected)
        assert.equal(got.attributes?.get('long_name'), 'speed, "quoted"')
        assert.deepEqual(got.attributes?.get('_FillValue'), [-999])
        const { attribution, license, title, source, request } = await readSet(home, fetched.name)
        assert.deepEqual([title, attribution, license], ['A globe', 'The Institute', 'CC-BY-4.0'])
        assert.equal(source.kind, kind)
        assert.equal(request.from, '2020-01-01T01:00:00Z')
        const { inspection } = await inspectFiles(fetched.files.map(({ path }) => path))
        assert.equal(inspection.files.length, 1)
      })
    }
  }

  const small: Axes = { longitudes: range(0, 5, 72), latitudes: range(-80, 10, 17), times: 6 }

  it('come from servers without grids, and at a chosen depth', async () => {
    const ask = { grid: globe(small, false), kind: 'opendap', bbox: '10,5,20,25' } as const
    const { fetched } = await fetchSet(ask)
    assert.equal((await placesOf(fetched.files[0]?.path ?? '')).values[0], place(1, 0, 10))
    const deep = await fetchSet({ ...ask, depth: 9, variables: ['v'] })
    assert.equal((await placesOf(deep.fetched.files[0]?.path ?? '', 'v')).values[0], -1)
    assert.ok(deep.notes.some((note) => note.startsWith('depth 10 of 3 levels')))
  })

  it('have the times on both sides of the period', async () => {
    const { fetched } = await fetchSet({
      grid: globe(small),
      kind: 'erddap',
      bbox: '10,5,20,25',
      fromHour: 1.5,
      toHour: 2.5
    })
    const { times } = await placesOf(fetched.files[0]?.path ?? '')
    assert.deepEqual(
      times,
      [1, 2, 3].map((hour) => T0 + hour * 3600)
    )
  })

  it('are cut to the coverage, told, and refused beside it', async () => {
    const region = { longitudes: range(9, 0.5, 9), latitudes: range(40, 0.5, 9), times: 4 }
    const ask = { grid: globe(region), kind: 'erddap', bbox: '5,41,10,46' } as const
    const { notes } = await fetchSet({ ...ask, toHour: 90 })
    assert.ok(
      notes.some((note) => /latitudes 41 to 46 are cut to 41 to 44/.test(note)),
      notes.join()
    )
    assert.ok(
      notes.some((note) => /longitudes 5 to 10 are cut to 9 to 10/.test(note)),
      notes.join()
    )
    assert.ok(
      notes.some((note) => /times .* are cut to .*T03:00:00Z/.test(note)),
      notes.join()
    )
    const coverage = new RegExp(
      'none of the \\w+ asked for: it covers longitudes 9 to 13, latitudes 40 to 44, ' +
        '2020-01-01T00:00:00Z to 2020-01-01T03:00:00Z'
    )
    for (const beside of [
      { bbox: '20,41,25,42' },
      { bbox: '9,10,10,12' },
      { fromHour: 5, toHour: 6 }
    ]) {
      await assert.rejects(fetchSet({ ...ask, ...beside }), (error) => {
        assert.ok(isMeshError(error, 'forcing/no-overlap'))
        assert.match(error.message, coverage)
        return true
      })
    }
    await assert.rejects(fetchSet({ ...ask, variables: ['w'] }), /has no variable w; it has u, v/)
  })

  it('are cut in time, and go on after a fault with the pieces that are here', async () => {
    const id = nextId()
    const cut = { kind: 'cut', bytes: 500 } as const
    server().misbehave(`/dodsC/${id}.dods`, { kind: 'status', status: 503 }, cut)
    const ask = { grid: globe(small), kind: 'opendap', bbox: '0,-60,359,80' } as const
    const limits = { decodedBytesMax: 20_000 }
    const { fetched } = await fetchSet({ ...ask, fromHour: 0, toHour: 5, limits })
    assert.equal(fetched.files.length, 6)
    const times = []
    for (const { path } of fetched.files) times.push(...(await placesOf(path)).times)
    assert.deepEqual(times, range(T0, 3600, 6))
    assert.equal(readdirSync(join(fetched.files[0]?.path ?? '', '..')).length, 6)
  })

  it('of what is no grid, no ERDDAP or no OPeNDAP are refused in a sentence', async () => {
    const context = { client: client(), limits: QUICK_LIMITS }
    server().put('/erddap/info/page/index.json', '<html>log in</html>')
    const table = {
      table: {
        columnNames: ['Row Type', 'Variable Name', 'Attribute Name', 'Data Type', 'Value'],
        rows: [['variable', 'x', '', 'float', '']]
      }
    }
    server().put('/erddap/info/table/index.json', JSON.stringify(table))
    server().put('/dodsC/page.dds', '<html>log in</html>')
    const base = `${server().origin}/erddap`
    await assert.rejects(
      openErddapSet(erddapPlace('page', base), context),
      /is no description of ERDDAP/
    )
    await assert.rejects(
      openErddapSet(erddapPlace('table', base), context),
      /is a table, not a grid/
    )
    await assert.rejects(openErddapSet(erddapPlace('gone', base), context), /404: not found there/)
    await assert.rejects(
      openDapSet(new URL('/dodsC/page.html', server().origin), context),
      /is it an OPeNDAP address\?/
    )
    assert.throws(() => erddapPlace('id', undefined), /--server https/)
    assert.deepEqual(erddapPlace('https://h.example/erddap/griddap/ID.html', undefined), {
      base: 'https://h.example/erddap',
      id: 'ID'
    })
  })

  it('of every preset come from a server that answers like the real one', async () => {
    for (const [name, preset] of Object.entries(PRESETS)) {
      const { variables, ...rest } = globe(small)
      const { u, v: _, ...axes } = variables
      if (u === undefined) throw new Error('no u')
      const own = Object.fromEntries(preset.variables.map((variable) => [variable, u]))
      const grid = { ...rest, variables: { ...axes, ...own } }
      const kind = preset.source
      const ask = { grid, kind, bbox: '-7,0,7,10', variables: preset.variables }
      const { fetched } = await fetchSet(ask)
      const got = await placesOf(fetched.files[0]?.path ?? '', preset.variables[0])
      assert.equal(got.values[0], place(1, 0, -10), name)
    }
  })
})
