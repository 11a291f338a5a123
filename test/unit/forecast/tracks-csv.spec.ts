/**
 * The CSV of tracks: its columns, its order and that it appears whole or not at all.
 */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatCoordinate, formatRow, TracksCsv } from '../../../node/forecast/tracks-csv.ts'
import { isMeshError } from '../../../node/mesh-error.ts'

const row = (particle: number, member: number, timeSeconds: number) => ({
  particle,
  member,
  timeSeconds,
  lon: 10.123456789,
  lat: -0.5,
  status: 'afloat' as const
})

describe('tracks as CSV', () => {
  let dir = ''
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'driftmesh-csv-'))
  })
  afterEach(() => rm(dir, { recursive: true, force: true }))

  it('writes time in UTC and positions to 1e-7', () => {
    assert.equal(
      formatRow(row(3, 1, 1_400_329_800)),
      '3,1,2014-05-17T12:30:00Z,10.1234568,-0.5000000,afloat'
    )
  })

  it('has no negative zero and no exponent', () => {
    assert.equal(formatCoordinate(-1e-9), '0.0000000')
    assert.equal(formatCoordinate(1e-7), '0.0000001')
    assert.equal(formatCoordinate(123_456.5), '123456.5000000')
  })

  it('sorts by member, particle and time', async () => {
    const csv = new TracksCsv()
    for (const time of [0, 3600]) {
      csv.add(row(10, 0, time))
      csv.add(row(2, 1, time))
      csv.add(row(2, 0, time))
    }
    const file = join(dir, 'new', 'tracks.csv')
    await csv.write(file)
    const keys = (await readFile(file, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => line.split(',').slice(0, 3).join(' '))
    assert.deepEqual(keys, [
      'particle member time',
      '2 0 1970-01-01T00:00:00Z',
      '2 0 1970-01-01T01:00:00Z',
      '10 0 1970-01-01T00:00:00Z',
      '10 0 1970-01-01T01:00:00Z',
      '2 1 1970-01-01T00:00:00Z',
      '2 1 1970-01-01T01:00:00Z'
    ])
    assert.deepEqual(await readdir(join(dir, 'new')), ['tracks.csv'])
  })

  it('leaves nothing behind when it is interrupted', async () => {
    const csv = new TracksCsv()
    csv.add(row(0, 0, 0))
    const stopped = AbortSignal.abort()
    await assert.rejects(csv.write(join(dir, 'tracks.csv'), stopped), { name: 'AbortError' })
    assert.deepEqual(await readdir(dir), [])
  })

  it('may lie in a folder that is written with it, which must not be there before', async () => {
    const folder = join(dir, 'out')
    const make = () => mkdir(folder)
    await new TracksCsv().write(join(folder, 'in', 'tracks.csv'), undefined, { folder, make })
    assert.deepEqual(await readdir(dir), ['out'])
    assert.deepEqual(await readdir(join(folder, 'in')), ['tracks.csv'])
  })

  it('is not there when what is written with it fails', async () => {
    const other = { folder: join(dir, 'out'), make: () => Promise.reject(new Error('no')) }
    await assert.rejects(new TracksCsv().write(join(dir, 'tracks.csv'), undefined, other), /no/)
    assert.deepEqual(await readdir(dir), [])
  })

  it('says which file cannot be written', async () => {
    await new TracksCsv().write(join(dir, 'file'))
    await assert.rejects(
      new TracksCsv().write(join(dir, 'file', 'tracks.csv')),
      (error) => isMeshError(error, 'store/failed') && error.message.startsWith('cannot write ')
    )
  })
})
