/** Places to write, tried before hours of work. */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  checkFileTarget,
  checkFolderTarget,
  diskFailure
} from '../../../node/forecast/output-target.ts'
import { type ErrorCode, isMeshError } from '../../../node/mesh-error.ts'

const is = (code: ErrorCode) => (error: unknown) => isMeshError(error, code)

describe('places to write', () => {
  let dir = ''
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'driftmesh-target-'))
  })
  afterEach(() => rm(dir, { recursive: true, force: true }))

  it('accepts a new place, an empty folder, a file to replace; and leaves nothing', async () => {
    await mkdir(join(dir, 'empty'))
    await writeFile(join(dir, 'old.csv'), '')
    await checkFolderTarget(join(dir, 'a', 'b'), '--out')
    await checkFolderTarget(join(dir, 'empty'), '--out')
    await checkFileTarget(join(dir, 'a', 'new.csv'), '--tracks')
    await checkFileTarget(join(dir, 'old.csv'), '--tracks')
    assert.deepEqual((await readdir(dir)).sort(), ['empty', 'old.csv'])
  })

  it('refuses an empty name, a full folder, a file as a folder, a folder as a file', async () => {
    const file = join(dir, 'file')
    await writeFile(file, '')
    for (const check of [checkFolderTarget, checkFileTarget]) {
      await assert.rejects(check('', '--x'), is('cli/usage'))
      await assert.rejects(check(join(file, 'x'), '--x'), is('store/failed'))
    }
    await assert.rejects(checkFolderTarget(dir, '--out'), is('cli/usage'))
    await assert.rejects(checkFolderTarget(file, '--out'), is('cli/usage'))
    await assert.rejects(checkFileTarget(dir, '--tracks'), is('cli/usage'))
  })

  it('never replaces a device', async () => {
    await assert.rejects(checkFileTarget('/dev/null', '--tracks'), is('cli/usage'))
  })

  it('says a full disk in its own code', () => {
    const full = Object.assign(new Error('x'), { code: 'ENOSPC', syscall: 'write' })
    assert.ok(isMeshError(diskFailure('a', full), 'store/full'))
    const other = new Error('not of the disk')
    assert.equal(diskFailure('a', other), other)
  })
})
