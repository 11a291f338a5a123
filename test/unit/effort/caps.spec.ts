/** Presets and caps: what a volunteer gives of a machine, and how memory is shared out. */
import assert from 'node:assert/strict'
import { capsOf, memoryBudget, presetOf } from '../../../node/worker/effort/caps.ts'

const DESKTOP = { coreCount: 8, memoryBytes: 16e9 }
const PAGES_MAX = 16_384

describe('effort', () => {
  it('presets of a desktop', () => {
    assert.deepEqual(presetOf('normal', DESKTOP), {
      threads: 4,
      dutyPercent: 100,
      memoryBytes: 1e9,
      diskBytes: 2e9,
      connections: 40
    })
    assert.equal(presetOf('quiet', DESKTOP).threads, 1)
    assert.equal(presetOf('quiet', DESKTOP).dutyPercent, 50)
    assert.equal(presetOf('full', DESKTOP).threads, 8)
  })

  it('a small machine gives a quarter of its memory at most, and one core at least', () => {
    const small = presetOf('normal', { coreCount: 1, memoryBytes: 2e9 })
    assert.equal(small.threads, 1)
    assert.equal(small.memoryBytes, 5e8)
  })

  it('a cap that the user sets is what it is', () => {
    const caps = capsOf('normal', DESKTOP, {
      threads: 7,
      memoryBytes: 3e9,
      uploadBytesPerSecond: 1
    })
    assert.deepEqual([caps.threads, caps.memoryBytes, caps.uploadBytesPerSecond], [7, 3e9, 1])
    assert.equal(caps.diskBytes, 2e9)
  })

  it('units and kept states together stay within the memory', () => {
    for (const threads of [1, 2, 4, 8]) {
      const caps = capsOf('normal', DESKTOP, { threads })
      const { keptBytes, pagesPerUnit } = memoryBudget(caps, PAGES_MAX)
      const used = keptBytes + threads * pagesPerUnit * 65_536
      assert.ok(used <= caps.memoryBytes && used > 0.99 * caps.memoryBytes, `${threads}: ${used}`)
    }
    const rich = capsOf('full', DESKTOP, { threads: 1, memoryBytes: 16e9 })
    assert.equal(memoryBudget(rich, PAGES_MAX).pagesPerUnit, PAGES_MAX)
  })
})
