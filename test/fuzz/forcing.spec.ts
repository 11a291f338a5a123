/** A short round of `npm run fuzz:forcing`: the first seeds. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attack, RESIDENT_BYTES_MAX } from './attack.ts'

const SEEDS = 60

describe('mutated data files', function () {
  this.timeout(600_000)
  it(`${SEEDS} of every format: read or refused in one clear line, in bounds`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'driftmesh-fuzz-'))
    const outcomes = new Map<string, number>()
    try {
      for (let seed = 1; seed <= SEEDS; seed++) {
        const { defect, source, how, outcome } = await attack(seed, folder)
        assert.equal(defect, undefined, `seed ${seed}: ${source} ${how}`)
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
    // Both happen, or the files are not what they should be.
    assert.ok((outcomes.get('read') ?? 0) > 5 && (outcomes.get('refused') ?? 0) > 5)
    assert.ok(process.memoryUsage().rss < RESIDENT_BYTES_MAX)
  })
})
