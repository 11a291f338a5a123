/** What a progress line promises. */
import assert from 'node:assert/strict'
import { etaSeconds, shortCount } from '../../../node/cli/terminal.ts'

describe('progress', () => {
  it('promises no end before enough is done to tell', () => {
    assert.equal(etaSeconds(0, 100, 5), undefined)
    assert.equal(etaSeconds(0, 0, 5), undefined)
    assert.equal(etaSeconds(1, 1000, 5), undefined)
    assert.equal(etaSeconds(25, 100, 5), 15)
    assert.equal(etaSeconds(100, 100, 5), 0)
  })

  it('shortens counts', () => {
    assert.deepEqual([7, 1234, 2.5e6, 3e9].map(shortCount), ['7', '1.2 k', '2.5 M', '3.0 G'])
  })
})
