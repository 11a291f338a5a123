/** Each threat does its harm while its rule is off, and little or none while it is on. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { RULES } from '../../../coordinator/rules.ts'
import type { Judged } from './judge.ts'
import { THREATS } from './threats.ts'

const HOOKS = new URL('../fast/hooks.ts', import.meta.url).href
const MAIN = fileURLToPath(new URL('./judge-main.ts', import.meta.url))

/** All pairs of runs, in a process that has the fast encoding. */
async function judgeAll(): Promise<ReadonlyMap<string, Judged>> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', HOOKS, MAIN])
  const lines = stdout.trim().split('\n')
  const judged = lines.map((line) => JSON.parse(line) as Judged & { readonly rule: string })
  return new Map(judged.map((one) => [one.rule, one]))
}

describe('rules of trust, each switched off and on', () => {
  let results: ReadonlyMap<string, Judged>

  before(async function judging() {
    // Half a minute of computing; the machine of a test may be slow and busy.
    this.timeout(900_000)
    results = await judgeAll()
  })

  it('every rule answers a threat', () => {
    assert.deepEqual(THREATS.map(({ rule }) => rule).sort(), Object.keys(RULES).sort())
  })

  for (const { rule, name, most, harm } of THREATS) {
    it(`${rule}: ${name}`, () => {
      const judged = results.get(rule) ?? assert.fail('not judged')
      assert.ok(judged.without > most, `without: ${judged.without} ${harm}`)
      assert.ok(judged.with <= most, `with: ${judged.with} ${harm}`)
      assert.equal(judged.honestConvictions, 0)
    })
  }
})
