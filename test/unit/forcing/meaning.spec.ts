/**
 * What files mean: units, times, longitudes, names. Tables of what models really write.
 */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { isSameGrid, makeGrid } from '../../../node/forcing/meaning/grid.ts'
import { isoTime, parseTimes } from '../../../node/forcing/meaning/time-axis.ts'
import { metresPerSecondFactor } from '../../../node/forcing/meaning/unit.ts'
import { unpackCoordinate, unpacking } from '../../../node/forcing/meaning/unpacking.ts'
import { meaningOf } from '../../../node/forcing/meaning/vocabulary.ts'
import type { DataVariable, StoredType } from '../../../node/forcing/read/data-file.ts'

describe('units of speed', () => {
  const known: readonly (readonly [string, number])[] = [
    ['m/s', 1],
    ['m s-1', 1],
    ['m s**-1', 1],
    ['m.s-1', 1],
    ['m s^-1', 1],
    ['meter second-1', 1],
    ['metres/second', 1],
    [' M/S ', 1],
    ['cm/s', 0.01],
    ['cm s-1', 0.01],
    ['knots', 1852 / 3600],
    ['kt', 1852 / 3600],
    ['km/h', 1000 / 3600],
    ['km h-1', 1000 / 3600],
    ['0.01 m/s', 0.01],
    ['0.01 m s-1', 0.01],
    ['1e-3 m.s-1', 0.001],
    ['m s⁻¹', 1],
    ['ms-1', 1],
    ['meters per second', 1],
    ['m/sec', 1],
    ['m*s**-1', 1],
    ['s-1 m', 1],
    ['knot_international', 1852 / 3600],
    ['nmi/h', 1852 / 3600],
    ['feet/minute', 0.3048 / 60],
    ['cm.s-1', 0.01]
  ]
  for (const [unit, factor] of known) {
    it(`'${unit}'`, () => {
      const found = metresPerSecondFactor(unit) ?? Number.NaN
      assert.ok(Math.abs(found - factor) < 1e-15, String(found))
    })
  }
  for (const unit of [
    'K',
    'degC',
    '1',
    'm',
    'm2 s-1',
    'm s-2',
    'N m-2',
    's',
    '%',
    'Pa',
    'm s',
    'm/s/s',
    'constructor',
    ''
  ]) {
    it(`'${unit}' is no speed`, () => assert.equal(metresPerSecondFactor(unit), undefined))
  }
})

describe('times', () => {
  const cases: readonly (readonly [number, StoredType, string, string, string])[] = [
    [213671, 'float64', 'Hours since 1990-01-01', 'julian', '2014-05-17T23:00:00Z'],
    [48, 'float64', 'Hour since 2023-02-28 00:00:00', '', '2023-03-02T00:00:00Z'],
    [37255, 'float64', 'days since 1900-1-1', '', '2002-01-01T00:00:00Z'],
    [8702.125, 'float64', 'days since 2000-12-31 00:00:00', '', '2024-10-28T03:00:00Z'],
    [3600, 'float32', 'seconds since 2008-08-05T12:00:00', 'noleap', '2008-08-05T13:00:00Z'],
    [90, 'int', 'minutes since 2020-02-28T23:00:00Z', 'gregorian', '2020-02-29T00:30:00Z'],
    [1, 'int', 'hours since 2000-01-01 00:00:00 +02:00', '', '1999-12-31T23:00:00Z'],
    [0, 'int', 'seconds since 1970-01-01 00:00:00 +00:00', '', '1970-01-01T00:00:00Z'],
    [1, 'float64', 'hours since 2000-01-01 00:00:0.0', '', '2000-01-01T01:00:00Z'],
    [
      1,
      'float64',
      'days since 2000-01-01 06:00:00 UTC',
      'proleptic_gregorian',
      '2000-01-02T06:00:00Z'
    ],
    // netCDF4.num2date: `standard` counts Julian days before 1582, `proleptic_gregorian` none.
    [735000.5, 'float64', 'days since 0001-01-01 00:00:00', 'standard', '2013-05-11T12:00:00Z'],
    [735000.5, 'float64', 'days since 0001-01-01', 'proleptic_gregorian', '2013-05-13T12:00:00Z'],
    // netCDF4.num2date: these calendars' own dates, which differ from Gregorian arithmetic.
    [59130, 'float64', 'days since 1850-01-01', 'noleap', '2012-01-01T00:00:00Z'],
    [59189.5, 'float64', 'days since 1850-01-01', '365_day', '2012-03-01T12:00:00Z'],
    [60000.25, 'float64', 'days since 1850-01-01', 'julian', '2014-04-10T06:00:00Z'],
    [58849.5, 'float32', 'days since 1858-11-17 00:00:00', '', '2020-01-01T12:00:00Z'],
    [Math.fround(23481 + 7 / 24), 'float32', 'days since 1950-01-01', '', '2014-04-16T07:00:00Z']
  ]
  for (const [value, type, unit, calendar, expected] of cases) {
    it(`${value} '${unit}' ${calendar} is ${expected}`, () => {
      const times = parseTimes(Float64Array.of(value), type, unit, calendar)
      assert.ok(typeof times !== 'string', String(times))
      assert.equal(isoTime(times.seconds[0] ?? 0), expected)
    })
  }
  it('says what it does not understand', () => {
    const one = Float64Array.of(1)
    assert.match(String(parseTimes(one, 'int', 'fortnights since 2000-01-01', '')), /fortnights/)
    assert.match(String(parseTimes(one, 'int', 'day as %Y%m%d', '')), /day as/)
    for (const calendar of ['360_day', 'all_leap', '366_day', 'none', 'tai']) {
      const said = String(parseTimes(one, 'int', 'days since 2000-01-01', calendar))
      assert.ok(said.includes(calendar), said)
    }
    assert.match(
      String(parseTimes(Float64Array.of(Number.NaN), 'int', 'days since 2000-01-01', '')),
      /missing/
    )
  })
  it('tells when a calendar is overridden', () => {
    const times = parseTimes(Float64Array.of(1), 'int', 'days since 2000-01-01', 'noleap')
    assert.ok(typeof times !== 'string' && times.notes[0]?.includes('noleap'))
  })
})

describe('grids', () => {
  const lats = Float64Array.of(50, 51)
  const lons = (first: number, step: number, count: number): Float64Array =>
    Float64Array.from({ length: count }, (_, i) => first + i * step)
  const grid = (x: Float64Array, y = lats) => {
    const made = makeGrid(x, y, false)
    assert.ok(typeof made !== 'string', String(made))
    return made
  }

  it('is the same whole circle in every convention', () => {
    const wanted = lons(-180, 5, 72)
    for (const first of [0, -180, 75, 360, -360, 179.99999999]) {
      const made = grid(lons(first, 5, 72).map((x) => (first === 179.99999999 ? Math.round(x) : x)))
      assert.deepEqual(made.longitudes, wanted, String(first))
      assert.ok(made.isPeriodic, String(first))
    }
  })

  it('drops columns that come twice', () => {
    const made = grid(lons(0, 5, 75))
    assert.equal(made.longitudes.length, 72)
    assert.ok(made.isPeriodic)
  })

  it('follows a part of the circle across Greenwich and the date line', () => {
    assert.deepEqual([...grid(Float64Array.of(358, 359, 0, 1)).longitudes], [-2, -1, 0, 1])
    const pacific = grid(Float64Array.of(178, 179, -180, -179))
    assert.deepEqual([...pacific.longitudes], [178, 179, 180, 181])
    assert.equal(pacific.isPeriodic, false)
    assert.ok(isSameGrid(pacific, grid(Float64Array.of(-182, -181, -180, -179))))
  })

  it('turns falling axes round and remembers where each row was', () => {
    const made = grid(Float64Array.of(12, 11, 10), Float64Array.of(3, 2, 1))
    assert.deepEqual([...made.longitudes], [10, 11, 12])
    assert.deepEqual([...made.latitudes], [1, 2, 3])
    assert.deepEqual(made.columnOrder, [2, 1, 0])
    assert.deepEqual(made.rowOrder, [2, 1, 0])
  })

  it('refuses what is no axis', () => {
    assert.match(String(makeGrid(Float64Array.of(1), lats, false)), /two columns/)
    assert.match(String(makeGrid(lons(0, 1, 3), Float64Array.of(1, 3, 2), false)), /latitudes/)
    assert.match(String(makeGrid(lons(0, 1, 3), Float64Array.of(89, 91), false)), /90/)
    assert.match(String(makeGrid(lons(0, 1, 3), Float64Array.of(1, Number.NaN), false)), /missing/)
  })

  it('keeps metres as they are', () => {
    const made = makeGrid(lons(1000, 500, 4), Float64Array.of(0, 1000), true)
    assert.ok(typeof made !== 'string')
    assert.deepEqual([...made.longitudes], [1000, 1500, 2000, 2500])
    assert.equal(made.isPeriodic, false)
  })

  it('law: any whole turn added to every longitude changes nothing', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -180, max: 179 }),
        fc.integer({ min: 2, max: 90 }),
        fc.integer({ min: -3, max: 3 }),
        (first, count, turns) => {
          const made = grid(lons(first, 2, count))
          const turned = grid(lons(first + 360 * turns, 2, count))
          assert.deepEqual(turned, made)
        }
      )
    )
  })
})

describe('unpacking', () => {
  const variable = (
    type: StoredType,
    attributes: Record<string, string | number[]>
  ): DataVariable => ({
    name: 'u',
    dimensions: [],
    type,
    attributes: new Map(Object.entries(attributes))
  })

  const unpackOne = (...given: Parameters<typeof unpacking>) => {
    const unpack = unpacking(...given)
    return (stored: number): number => {
      const values = Float64Array.of(stored)
      unpack(values, values)
      return values[0] ?? assert.fail()
    }
  }

  it('applies scale, offset and unit', () => {
    const unpack = unpackOne(variable('int', { scale_factor: [0.5], add_offset: [10] }), 0.01)
    assert.equal(unpack(4), 0.12)
  })
  it('knows fill values of 32 bits, undeclared ones and absurd speeds', () => {
    const declared = unpackOne(variable('float32', { _FillValue: [1e20] }), 1)
    assert.ok(Number.isNaN(declared(Math.fround(1e20))))
    assert.ok(Number.isNaN(declared(Number.NaN)))
    const none = unpackOne(variable('float32', {}), 1)
    assert.ok(Number.isNaN(none(Math.fround(9.969209968386869e36))))
    assert.ok(Number.isNaN(unpackOne(variable('float64', { missing_value: '999' }), 1)(999)))
    assert.ok(Number.isNaN(none(-1e9)))
    assert.equal(none(-3), -3)
  })
  it('reads a valid range in stored numbers, or in real ones where it is fractional', () => {
    const stored = unpackOne(
      variable('int', { scale_factor: [0.01], valid_min: [-300], valid_max: [300] }),
      1
    )
    assert.equal(stored(300), 3)
    assert.ok(Number.isNaN(stored(301)))
    const real = unpackOne(variable('int', { scale_factor: [0.01], valid_range: [-2.5, 2.5] }), 1)
    assert.equal(real(250), 2.5)
    assert.ok(Number.isNaN(real(251)))
  })
  it('reads signed numbers that say they are unsigned', () => {
    const attributes = { _Unsigned: 'true', scale_factor: [0.01], _FillValue: [-1] }
    const bytes = unpackOne({ ...variable('int', attributes), signedBits: 8 }, 1)
    assert.equal(bytes(-56), 2)
    assert.equal(bytes(100), 1)
    assert.ok(Number.isNaN(bytes(-1)))
    const range = { _Unsigned: 'true', scale_factor: [1 / 1024], valid_range: [0, -9000] }
    const short = unpackOne({ ...variable('int', range), signedBits: 16 }, 1)
    assert.equal(short(-10_000), 55_536 / 1024)
    assert.ok(Number.isNaN(short(-8000)))
    const coordinate = { ...variable('int', { _Unsigned: 'true' }), signedBits: 16 }
    assert.deepEqual([...unpackCoordinate(coordinate, Float64Array.of(-1, 5))], [65_535, 5])
  })
})

describe('names', () => {
  const cases: readonly (readonly [string, string, string, string])[] = [
    ['anything', 'eastward_sea_water_velocity', '', 'current u'],
    ['uo', '', '', 'current u'],
    ['vomecrty', '', '', 'current v'],
    ['WATER_V', '', '', 'current v'],
    ['U10M', '', '', 'wind u'],
    ['air_v', '', '', 'wind v'],
    ['ugrd10m', '', '', 'wind u'],
    ['u', '', '', 'current u'],
    ['u', '', '10 metre U wind component', 'wind u'],
    ['u', 'eastward_wind', '', 'wind u'],
    ['uo', 'eastward_wind', '', 'wind u'],
    ['velocity U', '', '', 'current u'],
    ['v_north', '', '', 'current v'],
    ['horizontalVelY', '', '', 'current v'],
    ['NVEL', '', '', 'current v'],
    ['10v', '', '', 'wind v'],
    ['uuss', 'eastward_surface_stokes_drift', '', 'stokes u'],
    ['vst', '', '', 'stokes v'],
    ['VSDX', 'sea_surface_wave_stokes_drift_x_velocity', '', 'stokes u']
  ]
  for (const [name, standard, long, expected] of cases) {
    it(`${name} ${standard} ${long} is ${expected}`, () => {
      const meaning = meaningOf(name, standard, long)
      assert.equal(`${meaning?.role} ${meaning?.component}`, expected)
    })
  }
  it('thetao and ubar are none', () => {
    assert.equal(meaningOf('thetao', 'sea_water_potential_temperature', ''), undefined)
    assert.equal(meaningOf('ubar', 'barotropic_sea_water_x_velocity', ''), undefined)
  })
  it('bare u is what the user says, unless its description says otherwise', () => {
    assert.equal(meaningOf('u', '', '', 'wind')?.role, 'wind')
    assert.equal(meaningOf('u', '', 'Eastward Surface Current (m/s)', 'wind')?.role, 'current')
  })
})
