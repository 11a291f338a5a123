/**
 * The viewer in a real browser, on a forecast across the date line that the kernel computed: what
 * it draws is what the store holds, what it says is in its URL, and it asks nobody but its origin.
 */
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import axe from 'axe-core'
import { decode as decodePng } from 'fast-png'
import { gunzipSync } from 'fflate'
import type { Browser, Page } from 'playwright-core'
import { simulateForecast } from '../../node/forecast/simulate.ts'
import { openChromium, type Served, serveFolder, untilComplete } from './chromium.ts'
import { writeDateLineForecast } from './date-line.ts'

interface Grid {
  readonly lons: Float64Array
  readonly lats: Float64Array
  readonly density: Float32Array
}

/** One time of the mean density, straight from the files. */
async function densityAt(dir: string, time: number): Promise<Grid> {
  const store = join(dir, 'density.zarr')
  const chunk = async (path: string): Promise<ArrayBuffer> =>
    gunzipSync(await readFile(join(store, path))).slice().buffer
  const { chunks, shape } = JSON.parse(
    await readFile(join(store, 'particle_density/.zarray'), 'utf8')
  )
  const [times, rows, columns] = chunks
  assert.deepEqual([rows, columns], shape.slice(1), 'the grid is one tile')
  const tile = new Float32Array(await chunk(`particle_density/${Math.floor(time / times)}/0/0`))
  const start = (time % times) * rows * columns
  return {
    lons: new Float64Array(await chunk('lon/0')),
    lats: new Float64Array(await chunk('lat/0')),
    density: tile.slice(start, start + rows * columns)
  }
}

describe('the viewer', function () {
  this.timeout(300_000)
  let dir = ''
  let out = ''
  let browser: Browser | undefined
  let served: Served | undefined
  let page: Page
  const asked: string[] = []
  const broken: string[] = []

  before(async function () {
    browser = await openChromium()
    if (browser === undefined) this.skip()
    dir = await mkdtemp(join(tmpdir(), 'driftmesh-viewer-'))
    out = join(dir, 'out')
    await simulateForecast(await writeDateLineForecast(dir), { out, threads: 2 })
    served = await serveFolder(out)
    page = await browser.newPage({ viewport: { width: 900, height: 700 } })
    page.on('request', (request) => asked.push(request.url()))
    page.on('pageerror', (error) => broken.push(error.message))
  })
  after(async () => {
    await browser?.close()
    await served?.gateway.close()
    if (dir !== '') await rm(dir, { recursive: true, force: true })
  })

  const open = async (hash = ''): Promise<void> => {
    await page.goto('about:blank')
    await page.goto(`${served?.url}${hash}`)
    await untilComplete(page)
  }

  const pixel = async (x: number, y: number): Promise<string> => {
    const { data, channels } = decodePng(
      await page.screenshot({ clip: { x, y, width: 1, height: 1 } })
    )
    return Array.from(data.slice(0, Math.min(3, channels))).join()
  }

  it('draws the cells that hold particles, on both sides of the date line', async () => {
    const { lons, lats, density } = await densityAt(out, 20)
    const places = Array.from(density.keys(), (cell) => ({
      lon: lons[cell % lons.length] ?? 0,
      lat: lats[Math.floor(cell / lons.length)] ?? 0,
      value: density[cell] ?? 0
    }))
    const most = (test: (lon: number) => boolean) =>
      places.filter(({ lon }) => test(lon)).reduce((a, b) => (a.value > b.value ? a : b))
    // Degrees east of the date line; the file may count from either side.
    const beyond = (lon: number): number => lon - 180 - 360 * Math.round((lon - 180) / 360)
    const west = most((lon) => beyond(lon) < 0)
    const east = most((lon) => beyond(lon) > 0)
    assert.ok(west.value > 0 && east.value > 0)
    const empty = places.find(({ value }) => value === 0)
    assert.ok(empty !== undefined)
    const time = '2025-06-01T20:00:00Z'
    const seen: string[] = []
    for (const projection of ['equirectangular', 'naturalEarth', 'globe']) {
      for (const { lon, lat } of [west, east, empty]) {
        // By the name on the other side of the date line, which is the same place.
        const middle = `${lon > 0 ? lon - 360 : lon + 360},${lat}`
        await open(`#p=${projection}&c=${middle}&z=900&t=${time}&k=0&d=0&l=particle_density`)
        seen.push(await pixel(450, 350))
      }
    }
    const [full, other, none] = seen
    for (const [index, colour] of seen.entries()) {
      const isEmpty = index % 3 === 2
      assert.equal(colour === none, isEmpty, `${index}: ${colour}`)
    }
    // Two like values have two like colours.
    assert.deepEqual(seen.slice(3, 5), [full, other])
    assert.deepEqual(broken, [])
  })

  it('reads the cell in the middle by keyboard, over time', async () => {
    const { lons, lats, density } = await densityAt(out, 3)
    const cell = density.indexOf(Math.max(...density))
    const lon = lons[cell % lons.length] ?? 0
    const lat = lats[Math.floor(cell / lons.length)] ?? 0
    await open(`#p=equirectangular&c=${lon},${lat}&z=400&t=2025-06-01T03:00:00Z&l=particle_density`)
    await page.focus('.map')
    await page.keyboard.press('Enter')
    await page.waitForSelector('.value')
    const told = (await page.textContent('.value')) ?? ''
    const value = Number(told.replace(' per km²', '').replace(',', ''))
    const wanted = density[cell] ?? 0
    assert.ok(Math.abs(value / wanted - 1) < 0.005, `${value} for ${wanted}`)
    assert.equal(await page.locator('svg .line').count(), 1)
    await page.keyboard.press('.')
    await page.waitForSelector('output[data-time="2025-06-01T04:00Z"]')
    await page.keyboard.press(',')
    await page.waitForSelector('output[data-time="2025-06-01T03:00Z"]')
    assert.match((await page.textContent('.said')) ?? '', /2025-06-01 03:00 UTC/)
  })

  it('says all that is seen in its URL, and shows it again', async () => {
    await open()
    await page.getByRole('combobox', { name: 'Layer' }).selectOption('particle_count')
    await page.getByRole('combobox', { name: 'member', exact: true }).selectOption('2')
    await page.getByRole('combobox', { name: 'Projection' }).selectOption('globe')
    await page.getByLabel('Dark').check()
    await page.getByLabel('Tracks').uncheck()
    await page.getByRole('button', { name: 'Next time' }).click()
    await page.getByRole('button', { name: 'Zoom in' }).click()
    await page.waitForSelector('output[data-time="2025-06-01T01:00Z"]')
    const link = page.url()
    const clip = { x: 0, y: 150, width: 500, height: 400 }
    const before = await page.screenshot({ clip })
    await page.goto('about:blank')
    await page.goto(link)
    await untilComplete(page)
    assert.equal(page.url(), link)
    assert.equal(
      await page.getByRole('combobox', { name: 'member', exact: true }).inputValue(),
      '2'
    )
    assert.equal(await page.getByLabel('Tracks').isChecked(), false)
    assert.equal(await page.getAttribute('html', 'class'), 'dark')
    const after = await page.screenshot({ clip })
    assert.ok(before.equals(after), 'the same map, pixel by pixel')
  })

  it('plays and pauses', async () => {
    await open()
    await page.getByRole('button', { name: 'Play' }).click()
    await page.waitForSelector('output[data-time="2025-06-01T02:00Z"]')
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByRole('button', { name: 'Play' }).waitFor()
  })

  it('has nothing that keeps people out, light and dark, wide and narrow', async () => {
    for (const [width, isDark] of [
      [900, 0],
      [360, 1]
    ]) {
      await page.setViewportSize({ width: width ?? 900, height: 700 })
      await open(`#d=${isDark}`)
      // As a program of the test: the page's own policy lets no such code in.
      await page.evaluate(axe.source)
      const { violations } = (await page.evaluate('axe.run()')) as {
        violations: { id: string; impact: string; nodes: { html: string }[] }[]
      }
      const grave = violations.filter(({ impact }) => ['serious', 'critical'].includes(impact))
      const told = grave.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join()}`)
      assert.deepEqual(told, [], `${width}`)
      const overflow = await page.evaluate('document.documentElement.scrollWidth')
      assert.ok(Number(overflow) <= Number(width), `${overflow} at ${width}`)
    }
    await page.setViewportSize({ width: 900, height: 700 })
  })

  it('has asked nobody but its own origin, all along', () => {
    const origin = served?.gateway.url ?? ''
    assert.ok(asked.length > 10)
    const foreign = asked.filter(
      (url) => !/^(about|data|blob):/.test(url) && !url.startsWith(origin)
    )
    assert.deepEqual(foreign, [])
  })
})
