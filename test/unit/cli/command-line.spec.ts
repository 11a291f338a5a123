/**
 * The binary as a careless user meets it: exit codes, which stream says what, and that a failure
 * is one line and leaves nothing. Only what a function cannot show is tested here: a spawn is slow.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { fieldFile } from '../forcing/fixture.ts'

const MAIN = resolve(import.meta.dirname, '../../../node/main.ts')

const FORECAST = `apiVersion: driftmesh/v1
kind: Forecast
spec:
  start: 2020-01-01T00:00:00Z
  duration: PT6H
  forcing: [{ role: current, source: data }]
  seeding: [{ kind: points, at: [[2, 41.5]], particles: 10, class: submerged }]
  products: { tracks: {} }
`

describe('the command line', function () {
  this.timeout(120_000)
  let dir = ''
  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'driftmesh-cli-'))
    mkdirSync(join(dir, 'data'))
    writeFileSync(join(dir, 'data', 'current.nc'), fieldFile({}))
    writeFileSync(join(dir, 'f.yaml'), FORECAST)
  })
  after(() => rmSync(dir, { recursive: true, force: true }))

  /** Runs the binary in the folder; `shell` is what stands around its command line. */
  async function run(args: readonly string[], shell = (command: string): string => command) {
    const command = shell(`"${process.execPath}" "${MAIN}" ${args.join(' ')}`)
    const env = { ...process.env, DRIFTMESH_HOME: join(dir, 'home') }
    const child = spawn('bash', ['-o', 'pipefail', '-c', command], { cwd: dir, env })
    const [stdout, stderr, code] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      new Promise<number | null>((done) => child.on('close', done))
    ])
    // On a slow machine things take longer than two seconds, and then progress is told.
    const isProgress = (line: string): boolean => /^[\w ]+ \d+ %/.test(line)
    const lines = stderr.split('\n').filter((line) => line !== '' && !isProgress(line))
    return { stdout, code, lines }
  }

  it('writes folder and tracks, the answer alone to stdout', async () => {
    const args = ['simulate', 'f.yaml', '--out', 'out', '--tracks', 'out/t.csv', '--json']
    const { stdout, lines, code } = await run(args)
    assert.equal(code, 0, lines.join('\n'))
    assert.equal(JSON.parse(stdout).particles, 10)
    assert.ok(
      lines.every((line) => line.startsWith('note: ')),
      lines.join('\n')
    )
    assert.ok(readdirSync(join(dir, 'out')).includes('t.csv'))
  })

  const REFUSED: readonly (readonly [string, string[], number, RegExp])[] = [
    ['a device as tracks', ['simulate', 'f.yaml', '--tracks', '/dev/null'], 2, /not a plain file/],
    ['an empty name', ['simulate', 'f.yaml', '--out', '""'], 2, /--out is empty/],
    ['a place below a file', ['forecast', 'init', 'data', '--out', 'f.yaml/x'], 1, /cannot write/],
    ['no such block folder', ['get', 'bafkqaaa', 'x', '--from', 'gone'], 2, /no such folder/],
    ['no address', ['relay', 'start', '--listen', 'nonsense'], 3, /no address .* listen on/],
    [
      'a unit of no form',
      ['verify', 'bafkqaaa', '--root-key', '00'.repeat(32), '--unit', 'x'],
      2,
      /member\/block/
    ]
  ]
  for (const [name, args, exitCode, message] of REFUSED) {
    it(`refuses ${name} in one line`, async () => {
      const before = readdirSync(dir).filter((each) => each !== 'home')
      const { stdout, lines, code } = await run(args)
      assert.deepEqual([code, lines.length, stdout], [exitCode, 1, ''], lines.join('\n'))
      assert.match(lines[0] ?? '', message)
      assert.deepEqual(
        readdirSync(dir).filter((each) => each !== 'home'),
        before
      )
    })
  }

  it('ends in silence when its reader has left, and says when the answer is lost', async () => {
    const left = await run(['data', 'inspect', 'data'], (command) => `${command} | true`)
    assert.deepEqual([left.code, left.lines], [0, []])
    const lost = await run(['data', 'inspect', 'data'], (command) => `${command} > /dev/full`)
    assert.deepEqual([lost.code, lost.lines.length], [1, 1], lost.lines.join('\n'))
  })

  it('says its version and shows examples', async () => {
    const { stdout } = await run(['--version'])
    assert.match(stdout, /^\d+\.\d+\.\d+\n$/)
    const help = await run(['simulate', '--help'])
    assert.match(help.stdout, /Examples:\n {2}driftmesh simulate /)
  })
})
