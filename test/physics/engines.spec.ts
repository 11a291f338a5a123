/**
 * The same bits from the engine's baseline compiler, its optimising compiler and its usual mix of
 * the two: what a volunteer's machine happens to run decides nothing.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const SCRIPT = fileURLToPath(new URL('./state-hash.ts', import.meta.url))
const TIERS = [[], ['--liftoff-only'], ['--no-liftoff']]

describe('physics: compilers of the engine', () => {
  it('baseline, optimising and mixed give the same state, density and tracks', async () => {
    const run = promisify(execFile)
    const outputs = await Promise.all(
      TIERS.map((flags) => run(process.execPath, [...flags, SCRIPT]))
    )
    const [usual] = outputs
    assert.match(usual?.stdout ?? '', /^(\d+ ){6}[0-9a-f]{64}\n$/)
    for (const [i, { stdout }] of outputs.entries()) {
      assert.equal(stdout, usual?.stdout, `flags ${TIERS[i]}`)
    }
  })
})
