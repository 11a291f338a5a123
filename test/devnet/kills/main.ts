/** `npm run kills -- --kills 200 --seed 7`: the long form of kills.spec.ts, and its figures. */
import assert from 'node:assert/strict'
import { parseArgs } from 'node:util'
import { runKills } from './run.ts'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    units: { type: 'string', default: '24' },
    seed: { type: 'string', default: '1' },
    'quiet-minutes': { type: 'string', default: '10' }
  }
})
const say = (line: string): void => void process.stdout.write(`${line}\n`)
say(`${values.kills} kills from seed ${values.seed}`)
const startMs = performance.now()
const outcome = await runKills({
  kills: Number(values.kills),
  units: Number(values.units),
  rngSeed: Number(values.seed),
  quietMs: Number(values['quiet-minutes']) * 60_000,
  say
})
say(JSON.stringify({ ...outcome, seconds: Math.round((performance.now() - startMs) / 1000) }))
assert.ok(outcome.segments.lostMax <= 1, 'more than one segment of a unit was computed again')
