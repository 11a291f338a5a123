/**
 * Forcing content: the numbers in its tiles, that the same ocean has the same CID however it is
 * stored, and that what cannot be used is refused with a code.
 */
import assert from 'node:assert/strict'
import { type ErrorCode, isMeshError } from '../../../node/mesh-error.ts'
import { decode } from '../../../protocol/canonical.ts'
import { forcing as forcingShape, HOLE } from '../../../protocol/forcing.ts'
import { BLOCK_BYTES_MAX } from '../../../protocol/limits.ts'
import { tilesOf } from '../../fixtures/forcing-content.ts'
import { axisOf, type FieldFile, fieldFile, ingest, scratch } from './fixture.ts'

const HOLE_F32 = Math.fround(HOLE)
const wave = (lon: number, lat: number, hour: number): number =>
  Math.fround(0.01 * lon + 0.003 * lat + 0.02 * hour)

describe('forcing content', () => {
  const { write } = scratch()
  let made = 0
  const file = (field: FieldFile): string => write(`f${made++}.nc`, fieldFile(field))
  const currents = (...files: string[]) => [{ role: 'current' as const, files }]
  const refused = async (work: Promise<unknown>, code: ErrorCode, pattern: RegExp) =>
    assert.rejects(work, (error) => {
      assert.ok(isMeshError(error, code), String(error))
      assert.match(error.message, pattern)
      assert.ok(!error.message.includes('\n'), 'one line')
      return true
    })

  it('holds the values of the file, rows northward, of the slices that bracket it', async () => {
    const source = file({ u: wave, v: (lon) => 0 - lon, hours: [0, 6, 12, 18, 24] })
    const { field, series, forcing, cid, store, maxSpeeds } = await ingest(currents(source), 7, 13)
    assert.deepEqual(
      [...series('current').times].map((t) => (t - 1_577_836_800) / 3600),
      [6, 12, 18]
    )
    for (const [time, hour] of [6, 12, 18].entries()) {
      for (const row of [0, 1, 2, 3]) {
        for (const column of [0, 1, 2, 3, 4]) {
          assert.equal(field('current', 'u', time, row, column), wave(column, 40 + row, hour))
          assert.equal(field('current', 'v', time, row, column), 0 - column)
        }
      }
    }
    assert.deepEqual(axisOf(forcing.longitudes), [0, 1, 2, 3, 4])
    assert.deepEqual(axisOf(forcing.latitudes), [40, 41, 42, 43])
    assert.ok(Math.abs(maxSpeeds.current - Math.hypot(wave(4, 43, 18), 4)) < 1e-6)
    const root = store.bytes.get(cid.toString())
    assert.ok(root !== undefined)
    assert.deepEqual(decode(forcingShape, root), forcing)
  })

  it('has one CID for the same ocean, however it is stored', async () => {
    const reference = (await ingest(currents(file({ u: wave })), 0, 12)).cid.toString()
    const same: Record<string, Promise<{ cid: unknown }>> = {
      'unlimited time': ingest(currents(file({ u: wave, isRecord: true })), 0, 12),
      'falling latitudes': ingest(currents(file({ u: wave, latitudes: [43, 42, 41, 40] })), 0, 12),
      'longitudes + 360': ingest(
        currents(
          file({ u: (x, y, h) => wave(x - 360, y, h), longitudes: [360, 361, 362, 363, 364] })
        ),
        0,
        12
      ),
      'three files in any order': ingest(
        currents(
          file({ u: wave, hours: [12] }),
          file({ u: wave, hours: [0] }),
          file({ u: wave, hours: [6] })
        ),
        0,
        12
      ),
      'another name and unit': ingest(
        currents(
          file({
            names: ['water_u', 'water_v'],
            units: 'meter second-1',
            u: wave
          })
        ),
        0,
        12
      ),
      'days since another epoch': ingest(
        currents(
          file({
            u: (x, y, day) => wave(x, y, Math.round((day - 3) * 24)),
            hours: [3, 3.25, 3.5],
            timeUnits: 'Days since 2019-12-29'
          })
        ),
        0,
        12
      ),
      'more slices than needed': ingest(
        currents(file({ u: wave, hours: [-6, 0, 6, 12, 18] })),
        0,
        12
      )
    }
    for (const [name, result] of Object.entries(same)) {
      assert.equal(String((await result).cid), reference, name)
    }
    const other = await ingest(currents(file({ u: (x, y, h) => wave(x, y, h) + 1e-6 })), 0, 12)
    assert.notEqual(other.cid.toString(), reference)
  })

  it('is a function of content where files overlap: the later start is used', async () => {
    const early = { u: () => 1, hours: [0, 6, 12] }
    const late = { u: () => 2, hours: [6, 12, 18] }
    const one = await ingest(currents(file(early), file(late)), 0, 18)
    const two = await ingest(currents(file(late), file(early)), 0, 18)
    assert.equal(one.cid.toString(), two.cid.toString())
    assert.deepEqual(
      [0, 1, 2, 3].map((t) => one.field('current', 'u', t, 0, 0)),
      [1, 2, 2, 2]
    )
    assert.ok(one.notes.some((note) => note.includes('2 times come twice')))
    // Same span, different content: neither name nor order may decide.
    const [a, b] = [file({ u: () => 1 }), file({ u: () => 2 })]
    const [first, second] = [
      await ingest(currents(a, b), 0, 12),
      await ingest(currents(b, a), 0, 12)
    ]
    assert.equal(first.cid.toString(), second.cid.toString())
  })

  it('takes the components from two files', async () => {
    const [u, v] = [file({ names: ['uo', 'x'] }), file({ names: ['y', 'vo'] })]
    const { field } = await ingest(currents(u, v), 0, 12)
    assert.equal(field('current', 'u', 0, 0, 0), Math.fround(0.1))
    assert.equal(field('current', 'v', 0, 0, 0), Math.fround(0.2))
    await refused(ingest(currents(u), 0, 12), 'forcing/not-understood', /northward component/)
  })

  it('converts units and says what it assumes', async () => {
    const knots = await ingest(currents(file({ units: 'knots', u: () => 2 })), 0, 12)
    assert.equal(knots.field('current', 'u', 0, 0, 0), Math.fround(2 * (1852 / 3600)))
    const none = await ingest(currents(file({ units: '' })), 0, 12)
    assert.ok(none.notes.some((note) => /uo has no unit and is taken as m\/s/.test(note)))
    const fast = await ingest(currents(file({ u: () => 40 })), 0, 12)
    assert.ok(fast.notes.some((note) => /40\.\d m\/s; check the unit/.test(note)))
    await refused(
      ingest(currents(file({ units: 'K' })), 0, 12),
      'forcing/not-understood',
      /uo has the unit 'K', which is not a speed/
    )
  })

  it('names the map to write where nothing is recognised, and follows it', async () => {
    const odd = file({ names: ['alpha', 'beta'] })
    await refused(
      ingest(currents(odd), 0, 12),
      'forcing/not-understood',
      /alpha, beta.*map: \{ u: NAME, v: NAME \}/
    )
    const mapped = [{ role: 'current' as const, files: [odd], map: { u: 'beta', v: 'alpha' } }]
    const { field } = await ingest(mapped, 0, 12)
    assert.equal(field('current', 'u', 0, 0, 0), Math.fround(0.2))
    const wrong = [{ role: 'current' as const, files: [odd], map: { u: 'gamma', v: 'delta' } }]
    await refused(ingest(wrong, 0, 12), 'forcing/not-understood', /no gamma and delta among/)
  })

  it('refuses a window that a role does not cover, naming both ranges', async () => {
    await refused(
      ingest(currents(file({})), 0, 13),
      'forcing/no-overlap',
      /covers 2020-01-01T00:00:00Z to 2020-01-01T12:00:00Z.*needs .*T00:00:00Z to .*T13:00:00Z/
    )
    const wind = { role: 'wind' as const, files: [file({ names: ['u10', 'v10'], hours: [3, 9] })] }
    await refused(
      ingest([...currents(file({})), wind], 0, 9),
      'forcing/no-overlap',
      /the wind covers/
    )
  })

  it('refuses two grids in one role and a forecast without current', async () => {
    const other = file({ longitudes: [0, 2, 4], hours: [18] })
    await refused(
      ingest(currents(file({}), other), 0, 12),
      'forcing/not-understood',
      /different grids/
    )
    const wind = [{ role: 'wind' as const, files: [file({ names: ['u10', 'v10'] })] }]
    await refused(ingest(wind, 0, 12), 'forcing/not-understood', /no current/)
    const dry = file({ u: () => Number.NaN })
    await refused(ingest(currents(dry), 0, 12), 'forcing/not-understood', /missing at every node/)
  })

  it('cuts large grids into tiles within the block limit', async () => {
    const longitudes = Array.from({ length: 300 }, (_, i) => i / 4)
    const latitudes = Array.from({ length: 250 }, (_, i) => i / 4)
    const source = file({ longitudes, latitudes, hours: [0, 1, 2, 3, 4], u: wave })
    const { forcing, store, field } = await ingest(currents(source), 0, 4)
    assert.equal(tilesOf(store.bytes, forcing, forcing.land).length, 5 * 4)
    for (const bytes of store.bytes.values()) assert.ok(bytes.length <= BLOCK_BYTES_MAX)
    for (const [time, row, column] of [
      [0, 0, 0],
      [4, 249, 299],
      [2, 128, 131],
      [3, 103, 104]
    ] as const) {
      assert.equal(field('current', 'u', time, row, column), wave(column / 4, row / 4, time))
    }
  })

  it('ends when it is told to', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    await assert.rejects(ingest(currents(file({})), 0, 12, { signal }), /enough/)
  })

  it('reads metres where the metric is flat, and degrees nowhere else', async () => {
    const field: FieldFile = {
      longitudes: [0, 1, 2],
      latitudes: [0, 2, 4],
      axisNames: ['x', 'y'],
      axisUnits: ['km', 'km']
    }
    const { forcing } = await ingest(currents(file(field)), 0, 12, { metric: 'flat' })
    assert.deepEqual(axisOf(forcing.longitudes), [0, 1000, 2000])
    assert.equal(forcing.isFlat, true)
    await refused(
      ingest(currents(file({})), 0, 12, { metric: 'flat' }),
      'forcing/not-understood',
      /lon is in degrees/
    )
    await refused(ingest(currents(file(field)), 0, 12), 'forecast/unsupported', /axes in metres/)
  })

  it('puts NaN nowhere and holes only where sea lacks a value', async () => {
    const source = file({
      u: (lon, lat, hour) =>
        lon === 2 && lat === 41 && hour === 6 ? Number.NaN : lon === 4 ? Number.NaN : 0.5
    })
    const { field, land, notes } = await ingest(currents(source), 0, 12)
    assert.equal(field('current', 'u', 1, 1, 2), HOLE_F32)
    assert.equal(field('current', 'v', 1, 1, 2), HOLE_F32)
    assert.equal(field('current', 'u', 0, 1, 2), 0.5)
    assert.deepEqual([...land.subarray(0, 5)], [0, 0, 0, 0, 1])
    assert.equal(field('current', 'u', 0, 1, 4), 0.5)
    assert.ok(notes.some((note) => note.startsWith('1 sea nodes lack current')))
  })
})
