/**
 * What is published, in a clean HOME without a terminal: the archive starts with no Node and no
 * node_modules around it and computes what the checkout computes, in threads and with filters that
 * come with it; the tarball runs by npx without a registry.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { simulateForecast } from '../../node/forecast/simulate.ts'

const execute = promisify(execFile)
const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const SAMPLE = join(ROOT, 'node/sample/forecast.yaml')
const COMPRESSED = join(ROOT, 'test/fixtures/readers/zstd.h5')

describe('what is published', function () {
  this.timeout(300_000)
  let folder: string
  let home: string
  let archive: string
  let version: string

  const isLinux = process.platform === 'linux' && process.arch === 'x64'
  before(async function () {
    // The archive is one for linux-x64.
    if (!isLinux) this.skip()
    folder = await mkdtemp(join(tmpdir(), 'driftmesh-package-'))
    home = join(folder, 'home')
    await mkdir(home)
    const args = [join(ROOT, 'scripts/package.ts'), '--fast', '--out', folder]
    await execute(process.execPath, args)
    ;({ version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')))
    const name = `driftmesh-${version}-linux-x64`
    const unpacked = join(folder, 'unpacked')
    await mkdir(unpacked)
    await execute('tar', ['-xf', join(folder, `${name}.tar.gz`), '-C', unpacked])
    archive = join(unpacked, name)
  })
  after(async () => {
    if (isLinux) await rm(folder, { recursive: true, force: true })
  })

  const env = (path: string) => ({ HOME: home, PATH: path })
  const driftmesh = (...args: string[]) =>
    execute(join(archive, 'driftmesh'), args, { env: env('/usr/bin:/bin') })

  it('has checksums that hold', async () => {
    const { stdout } = await execute('sha256sum', ['-c', 'SHA256SUMS'], { cwd: folder })
    assert.equal(stdout.match(/: OK$/gm)?.length, 3)
  })

  it('starts and says what it is', async () => {
    assert.equal((await driftmesh('version')).stdout, `${version}\n`)
    assert.match((await driftmesh('--help')).stdout, /^Usage: driftmesh/)
    await assert.rejects(driftmesh('status'), { code: 4 })
  })

  it('simulates the sample to the product CID of the checkout', async () => {
    const sample = join(archive, 'lib/dist/sample/forecast.yaml')
    const { stdout } = await driftmesh('simulate', sample, '--json')
    const { product } = await simulateForecast(SAMPLE, { threads: 2 })
    assert.equal(JSON.parse(stdout).product, product)
  })

  it('reads a file whose compression is a plugin', async () => {
    const { stdout } = await driftmesh('data', 'inspect', COMPRESSED, '--json')
    const { stdout: expected } = await execute(process.execPath, [
      join(ROOT, 'node/main.ts'),
      'data',
      'inspect',
      COMPRESSED,
      '--json'
    ])
    assert.deepEqual(JSON.parse(stdout), JSON.parse(expected))
  })

  it('runs by npx from the tarball alone', async () => {
    const tarball = join(folder, `driftmesh-${version}.tgz`)
    const args = ['--yes', '--offline', '--package', tarball, 'driftmesh', 'version']
    const path = `${dirname(process.execPath)}:${process.env.PATH}`
    const { stdout } = await execute('npx', args, { env: env(path), cwd: folder })
    assert.equal(stdout, `${version}\n`)
  })

  it('lists what it is made of', async () => {
    const bill = JSON.parse(await readFile(join(folder, `driftmesh-${version}.cdx.json`), 'utf8'))
    const names = new Set(bill.components.map(({ name }: { name: string }) => name))
    for (const name of ['libp2p', 'helia', 'classic-level', 'h5wasm', 'world-atlas', 'commander']) {
      assert.ok(names.has(name), name)
    }
    assert.ok(!names.has('mocha'))
  })
})
