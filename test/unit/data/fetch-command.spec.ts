/**
 * `driftmesh data …` as a user meets it: from a server into the catalogue, killed and run again,
 * into a forecast that names whom to thank; and every refusal one line with its exit code.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { fieldFile, scratch } from '../forcing/fixture.ts'
import { type DataServer, openDataServer } from './data-server.ts'
import { griddedAnswers } from './gridded-server.ts'
import { globe, range } from './subset-suite.ts'

const MAIN = resolve(import.meta.dirname, '../../../node/main.ts')
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
/** Longer than any command here takes; a body that never ends ends the wait. */
const WAIT_MS = 30_000

const FORECAST = `apiVersion: driftmesh/v1
kind: Forecast
metadata: { name: test, license: CC-BY-4.0 }
spec:
  start: 2020-01-01T00:00:00Z
  duration: PT6H
  forcing: [{ role: current, source: data:sea }]
  seeding: [{ kind: points, at: [[2, 41.5]], particles: 10, class: submerged }]
`

describe('data commands', function () {
  this.timeout(300_000)
  const files = scratch()
  let server: DataServer
  before(async () => {
    server = await openDataServer()
  })
  after(async () => await server.close())

  const start = (home: string, args: readonly string[]) =>
    spawn(process.execPath, [MAIN, ...args], {
      cwd: files.path(),
      env: { ...process.env, DRIFTMESH_HOME: join(files.path(), home), NO_PROXY: '*' }
    })

  async function run(home: string, ...args: string[]) {
    const child = start(home, args)
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close')
    ])
    return { stdout, code, lines: stderr.split('\n').filter((line) => line !== '') }
  }

  it('fetch a file with its digest into the catalogue, and a forecast thanks for it', async () => {
    const bytes = fieldFile({})
    const url = server.put('/pub/sea%20currents.nc', bytes).href
    const fetched = []
    for (const home of ['home-a', 'home-b']) {
      const { code, lines, stdout } = await run(
        home,
        ...['data', 'fetch', '--source', 'http', '--dataset', url, '--sha256', sha256(bytes)],
        ...['--name', 'sea', '--attribution', 'The Ocean Institute', '--license', 'CC-BY-4.0'],
        '--json'
      )
      assert.equal(code, 0, lines.join('\n'))
      const set = JSON.parse(stdout)
      assert.equal(set.files[0].sha256, sha256(bytes))
      assert.equal(set.source.url, url)
      fetched.push(set.fetchedAt)
      assert.ok(readFileSync(set.files[0].path).equals(bytes))
    }
    assert.notEqual(fetched[0], fetched[1])
    const file = files.write('sea.yaml', FORECAST)
    const products = []
    for (const home of ['home-a', 'home-b']) {
      const { code, lines, stdout } = await run(
        home,
        ...['simulate', file, '--out', `out-${home}`, '--json']
      )
      assert.equal(code, 0, lines.join('\n'))
      products.push(JSON.parse(stdout).product)
      const license = readFileSync(join(files.path(), `out-${home}`, 'LICENSE'), 'utf8')
      assert.match(license, /- The Ocean Institute; from 127.0.0.1:\d+; licence CC-BY-4.0; sha256 /)
    }
    assert.equal(products[0], products[1])
    const again = await run('home-a', 'data', 'list')
    assert.match(again.stdout, /^sea · 1 file\(s\), [\d.]+ k?B · /)
    const removed = await run('home-a', 'data', 'rm', 'sea')
    assert.equal(removed.code, 0)
    assert.deepEqual(readdirSync(join(files.path(), 'home-a', 'data')), [])
    const gone = await run('home-a', 'simulate', file)
    assert.deepEqual([gone.code, gone.lines.length], [1, 1])
    assert.match(gone.lines[0] ?? '', /sea\.yaml:7:\d+ .*data:sea: no such set in the catalogue/)
  })

  it('fetch goes on after kill -9 where it was, and keeps the files it had', async () => {
    const [one, two] = [fieldFile({}), fieldFile({ hours: range(0, 1, 2000) })]
    assert.ok(two.length > 400_000)
    const urls = [server.put('/kill/one.nc', one), server.put('/kill/two.nc', two)]
    const list = files.write('urls.txt', `# both\n${urls.join('\n')}\n`)
    server.misbehave('/kill/two.nc', { kind: 'stall', bytes: 300_000 })
    const args = ['data', 'fetch', '--source', 'http', '--list', list, '--name', 'both', '--json']
    const child = start('home-k', args)
    const folder = join(files.path(), 'home-k', 'data', 'both')
    const part = join(folder, 'two.nc.part')
    const untilMs = performance.now() + WAIT_MS
    while (!existsSync(part) || statSync(part).size < 300_000) {
      assert.ok(performance.now() < untilMs, 'nothing came')
      await pause(20)
    }
    child.kill('SIGKILL')
    await once(child, 'close')
    assert.equal(existsSync(join(files.path(), 'home-k', 'catalogue', 'both.json')), false)
    server.asked.length = 0
    const { code, lines, stdout } = await run('home-k', ...args)
    assert.equal(code, 0, lines.join('\n'))
    assert.deepEqual(
      server.asked.map(({ path, headers }) => [path, headers.range]),
      [['/kill/two.nc', 'bytes=300000-']]
    )
    const set = JSON.parse(stdout)
    assert.deepEqual(
      set.files.map((file: { sha256: string }) => file.sha256),
      [one, two].map(sha256)
    )
    assert.deepEqual(readdirSync(folder).sort(), ['one.nc', 'two.nc'])
    server.asked.length = 0
    const third = await run('home-k', ...args)
    assert.equal(third.code, 0)
    assert.match(third.lines.join(), /is in the catalogue already/)
    assert.deepEqual(server.asked, [])
  })

  it('fetch by preset from another server, west of Greenwich', async () => {
    const served = globe({ longitudes: range(0, 5, 72), latitudes: range(-80, 10, 17), times: 6 })
    const { u, v, depth: _, ...axes } = served.variables
    if (u === undefined || v === undefined) throw new Error('no current')
    const dimensions = { time: 6, latitude: 17, longitude: 72 }
    const flat = { ...u, dimensions: ['time', 'latitude', 'longitude'] }
    const attributes = { units: 'm/s', standard_name: 'eastward_wind' }
    const wind = { ...flat, attributes }
    const variables = { ...axes, ugrd10m: wind, vgrd10m: wind }
    server.answer('/erddap', griddedAnswers({ ...served, dimensions, variables }, 'ncep_global'))
    const args = ['data', 'fetch', '--preset', 'gfs-wind', '--server', `${server.origin}/erddap`]
    const box = ['--bbox', '-60,0,-50,20', '--from', '2020-01-01T01:00']
    const { code, lines, stdout } = await run(
      'home-p',
      ...args,
      ...box,
      '--to',
      '2020-01-01T03:00:00Z'
    )
    assert.equal(code, 0, lines.join('\n'))
    assert.match(stdout, /^ncep_global-20200101 · 1 file\(s\).*\nin a forecast file: source: data:/)
    const shown = await run('home-p', 'data', 'show', 'ncep_global-20200101', '--json')
    const set = JSON.parse(shown.stdout)
    assert.deepEqual([set.roles, set.source.preset], [['wind'], 'gfs-wind'])
    assert.match(set.attribution, /NOAA\/NCEP/)
  })

  it('import, checksum and its list', async () => {
    files.write('mine/a.nc', fieldFile({}))
    const imported = await run('home-i', 'data', 'import', 'mine', '--attribution', 'Me')
    assert.equal(imported.code, 0, imported.lines.join('\n'))
    assert.match(imported.stdout, /^mine · 1 file/)
    const sum = await run('home-i', 'data', 'checksum', 'mine/a.nc')
    const [digest] = sum.stdout.split(' ')
    const url = server.put('/out/a.nc', fieldFile({})).href
    const fetchInto = ['data', 'fetch', '--source', 'http', '--dataset', url, '--out', 'mine']
    const taken = await run('home-i', ...fetchInto)
    assert.deepEqual([taken.code, taken.lines.length], [2, 1])
    assert.match(taken.lines[0] ?? '', /a\.nc exists: name another --out, or give --replace/)
    assert.deepEqual(readdirSync(join(files.path(), 'mine')), ['a.nc'])
    assert.equal((await run('home-i', ...fetchInto, '--replace')).code, 0)
    assert.deepEqual(readdirSync(join(files.path(), 'mine')), ['a.nc'])
    assert.equal(digest, sha256(fieldFile({})))
    files.write('SUMS', `${digest}  mine/a.nc\n`)
    assert.equal((await run('home-i', 'data', 'checksum', '--check', 'SUMS')).code, 0)
    files.write('SUMS', `${'0'.repeat(64)}  mine/a.nc\n${digest}  mine/b.nc\n`)
    const bad = await run('home-i', 'data', 'checksum', '--check', 'SUMS')
    assert.equal(bad.code, 5)
    assert.match(bad.stdout, /a\.nc: different\n.*b\.nc: missing/)
  })

  it('refuse in one line, with an exit code that says which kind', async () => {
    const netrc = files.write('netrc', 'machine data.example token s3cret')
    chmodSync(netrc, 0o644)
    const page = server.put('/login.nc', '<html>log in</html>').href
    const gone = `${server.origin}/gone.nc`
    const short = server.put('/short.nc', fieldFile({})).href
    server.misbehaveForEver('/short.nc', { kind: 'length', announced: fieldFile({}).length - 99 })
    const http = ['data', 'fetch', '--source', 'http', '--dataset']
    const box = ['--bbox', '0,0,1,1', '--from', '2020-01-01', '--to', '2020-01-02']
    const refused: readonly (readonly [string[], number, RegExp])[] = [
      [['data', 'fetch'], 2, /say --source erddap, opendap or http, or --preset NAME/],
      [['data', 'fetch', '--preset', 'gfs'], 2, /no preset is called gfs: there are hycom/],
      [[...http, 'https://ann:s3cret@data.example/x.nc'], 2, /use --credentials FILE/],
      [[...http, gone], 6, /answers 404: not found there/],
      [[...http, page], 1, /login.nc sent .*: does it want --credentials/],
      [[...http, page, '--sha256', '0'.repeat(64)], 5, /has the SHA-256/],
      [
        [...http, short],
        1,
        /short.nc sent .*: does it want --credentials, or is it cut off there\?/
      ],
      [[...http, page, '--max-bytes', '3'], 1, /raise --max-bytes/],
      [[...http, gone, '--credentials', netrc], 3, /can be read by others/],
      [['data', 'fetch', '--source', 'erddap', '--dataset', 'x', ...box], 2, /--server https/],
      [['data', 'rm', 'nothing'], 2, /no set is called nothing: the catalogue is empty/]
    ]
    for (const [args, code, message] of refused) {
      const result = await run('home-r', ...args)
      const said = result.lines.join('\n')
      assert.deepEqual([result.code, result.lines.length], [code, 1], `${args.join(' ')}: ${said}`)
      assert.match(said, message)
      assert.ok(!said.includes('s3cret'))
    }
  })
})
