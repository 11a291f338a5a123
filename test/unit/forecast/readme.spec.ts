/**
 * The example of the room's README is a valid file, and its tables say what the code does.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { parseForecast } from '../../../node/forecast/definition.ts'
import { WINDAGE_BY_NAME } from '../../../node/forecast/definition-rules.ts'

const README = readFileSync(new URL('../../../node/forecast/README.md', import.meta.url), 'utf8')

describe('README of the forecast file', () => {
  it('has an example that is read as it says', () => {
    const [, text = ''] = /```yaml\n([\s\S]*?)```/.exec(README) ?? []
    const definition = parseForecast(text, 'README.md')
    assert.equal(definition.forcing.length, 3)
    assert.equal(definition.memberCount, 4)
    assert.equal(definition.mesh.windowSeconds, 86_400)
    assert.deepEqual(definition.seeding[0]?.releaseSeconds, definition.startSeconds + 3600)
  })

  it('has the windage table of the code', () => {
    for (const [name, windage] of Object.entries(WINDAGE_BY_NAME)) {
      const row = new RegExp(`${name}[a-z ]* ${windage}\\b`)
      assert.match(README, row, `${name} ${windage}`)
    }
  })
})
