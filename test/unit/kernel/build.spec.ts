/**
 * The committed module is what the source gives with the pinned compiler, byte for byte.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { builtInKernel } from '../../../node/worker/kernel-file.ts'

const SCRIPT = fileURLToPath(new URL('../../../scripts/build-kernel.ts', import.meta.url))

describe('kernel build', () => {
  it('gives the bytes that kernel.cid names', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, '--check'])
    assert.equal(stdout, `kernel.wasm is ${builtInKernel().cid}\n`)
  }).timeout(60_000)
})
