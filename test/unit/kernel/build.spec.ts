/** kernel.wasm and kernel.cid are what the pinned compiler makes of kernel/assembly today. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const SCRIPT = fileURLToPath(new URL('../../../scripts/build-kernel.ts', import.meta.url))

describe('kernel: rebuilt', () => {
  it('the source gives the committed bytes and CID', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, '--check'])
    assert.match(stdout, /^kernel\.wasm is baf[a-z2-7]+\n$/)
  })
})
