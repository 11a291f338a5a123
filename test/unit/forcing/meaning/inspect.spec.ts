/**
 * `data inspect` as a reader sees it: the maps show what is in the file, and every mistake that a
 * forecast would make silently is told.
 */
import assert from 'node:assert/strict'
import { decode } from 'fast-png'
import { formatInspection } from '../../../../node/forcing/inspect/format.ts'
import { inspectFiles } from '../../../../node/forcing/inspect/inspect-files.ts'
import { PNG_CANVAS, pngMap } from '../../../../node/forcing/inspect/png-map.ts'
import { lookAt, topOf } from '../../../../node/forcing/inspect/quick-look.ts'
import {
  colourOf,
  terminalCanvas,
  terminalMap
} from '../../../../node/forcing/inspect/terminal-map.ts'
import { fieldFile, ingest, scratch, sharedData } from '../fixture.ts'

const { write } = scratch()

/** Faster to the north, land in the south-west. */
const jet = (): Uint8Array =>
  fieldFile({
    u: (lon, lat) => (lon < 1.5 && lat < 41.5 ? Number.NaN : lat - 40),
    v: () => 0
  })

describe('quick look', () => {
  const looked = async (canvas: Parameters<typeof lookAt>[1]) =>
    lookAt({ role: 'current', files: [write('jet.nc', jet())] }, canvas)

  it('is north up, with land where there is no value', async () => {
    const look = await looked({ widthMax: 40, heightMax: 30, aspect: 1 })
    const at = (row: number, column: number): number =>
      look.speeds[row * look.width + column] ?? Number.NaN
    assert.ok(Math.abs(at(0, look.width - 1) - 3) < 0.1, String(at(0, look.width - 1)))
    assert.ok(at(look.height - 1, look.width - 1) < 0.1)
    assert.ok(Number.isNaN(at(look.height - 1, 0)))
    assert.equal(look.isCovered[(look.height - 1) * look.width], 1)
    assert.equal(look.time, '2020-01-01T06:00:00Z')
  })

  it('as text: no escape where there are no colours, a legend, land', async () => {
    const style = { hasColours: false, columns: 80 }
    const text = terminalMap(await looked(terminalCanvas(style)), style)
    assert.ok(!text.includes('\u001b'))
    assert.match(text, /43\.0N █+/)
    assert.match(text, /40\.0N #+·+/)
    assert.match(text, /0 {2}░ 0\.6 .* to 3 m\/s/)
    const lines = text.split('\n')
    assert.ok(lines.every((line) => line.length <= 80))
  })

  it('in colours: two pixels to a character', async () => {
    const style = { hasColours: true, columns: 80 }
    const text = terminalMap(await looked(terminalCanvas(style)), style)
    const [r, g, b] = colourOf(0.5 / 24)
    assert.ok(text.includes(`\u001b[48;2;${r};${g};${b}m`))
    assert.ok(text.includes('▀'))
    assert.ok(text.trimEnd().endsWith('no value'))
  })

  it('as PNG: the fast north is the top of the scale, land is grey', async () => {
    const look = await looked(PNG_CANVAS)
    const { width, height, data, channels, text } = decode(pngMap(look))
    assert.equal(channels, 3)
    assert.match(text.Title ?? '', /current at 2020-01-01T06:00:00Z/)
    const pixel = (x: number, y: number): number[] =>
      Array.from({ length: 3 }, (_, i) => Number(data[3 * (y * width + x) + i]))
    const [left, top] = [60, 30]
    const north = pixel(left + look.width - 5, top + 1)
    const expected = colourOf((look.speeds[look.width * 2 - 5] ?? 0) / topOf(look.speeds))
    const isAlike = north.every((value, i) => Math.abs(value - (expected[i] ?? 0)) < 4)
    assert.ok(isAlike, `${north}`)
    assert.deepEqual(pixel(left + 5, top + look.height - 5), [150, 150, 150])
    assert.deepEqual(pixel(width - 1, height - 1), [255, 255, 255])
  })

  it('scales end at round numbers', () => {
    const of = (...speeds: number[]): number => topOf(Float32Array.from(speeds))
    assert.equal(of(0.1, 0.34), 0.4)
    assert.equal(of(0.0123), 0.02)
    assert.equal(of(17.2), 20)
    assert.equal(of(Number.NaN), 1)
    assert.equal(of(0), 1)
  })
})

describe('data inspect warns', () => {
  const warned = async (...files: string[]): Promise<string> =>
    formatInspection((await inspectFiles(files)).inspection)

  const stokes = (): Uint8Array => fieldFile({ names: ['vsdx', 'vsdy'] })

  it('of waves in the current and beside it', async () => {
    const total = write('total.nc', fieldFile({ names: ['utotal', 'vtotal'] }))
    assert.match(await warned(total), /utotal already holds the waves' Stokes drift/)
    const both = await warned(total, write('waves.nc', stokes()))
    assert.match(both, /counts twice; leave that out, or map the current without waves/)
    const eulerian = await warned(write('uo.nc', fieldFile({})), write('waves.nc', stokes()))
    assert.ok(!eulerian.includes('already'))
  })

  it('of swapped components', async () => {
    const attributes = { standard_name: 'northward_sea_water_velocity' }
    const file = write('odd.nc', fieldFile({ names: ['uo', 'v_other'], attributes }))
    assert.match(await warned(file), /uo has the eastward component's name but the standard name/)
  })

  it('of gaps, single times, other grids and what reaches too little', async () => {
    const gappy = write('gap.nc', fieldFile({ hours: [0, 6, 12, 60, 66] }))
    assert.match(await warned(gappy), /no slice for 48 hours after 2020-01-01T12:00:00Z/)
    assert.match(await warned(write('one.nc', fieldFile({ hours: [0] }))), /one time only/)
    const wind = fieldFile({ names: ['u10', 'v10'], longitudes: [0, 1, 2], hours: [6, 12, 18] })
    const text = await warned(write('c.nc', fieldFile({})), write('w.nc', wind))
    assert.match(text, /wind: with the current from 2020-01-01T06:00:00Z to 2020-01-01T12/)
    assert.match(text, /wind: reaches 60 % of the current's nodes/)
    const finer = write('finer.nc', fieldFile({ longitudes: [0, 0.5, 1, 1.5] }))
    assert.match(await warned(write('c.nc', fieldFile({})), finer), /2 sets on grids of their own/)
  })

  it('of speeds that are no weather, and tells what feeds what', async () => {
    const wild = write('wild.nc', fieldFile({ u: () => 40 }))
    const text = await warned(wild)
    assert.match(text, /uo reaches 40\.000 m\/s; is its unit right/)
    assert.match(text, /current: uo, vo \(1 file, .*3 times\) -> advection/)
  })
})

describe('map: with components the wrong way round', () => {
  const sea = (standard: boolean): string => {
    const field = fieldFile({ names: ['east', 'north'] })
    const known = fieldFile({})
    return write(standard ? 'known.nc' : 'free.nc', standard ? known : field)
  }
  const source = (file: string, u: string, v: string) => ({
    ...{ role: 'current' as const, files: [file] },
    map: { u, v }
  })

  it('is told where only names speak', async () => {
    const { notes } = await ingest([source(sea(true), 'vo', 'uo')], 0, 6)
    assert.ok(notes.some((note) => /map names vo as u, but by its name/.test(note)))
    const free = await ingest([source(sea(false), 'north', 'east')], 0, 6)
    assert.ok(!free.notes.some((note) => note.includes('map names')))
  })

  it('is refused where standard names contradict', async function () {
    const file = sharedData(this, 'medslik-cases/elba/currents/Sea_Med_slice_20140517_Elba.nc')
    await assert.rejects(ingest([source(file, 'vo', 'uo')], 0, 6), {
      code: 'forcing/not-understood',
      message: /map names vo as u, but by standard_name northward_sea_water_velocity.*swapped/
    })
  })
})
