/** `npm run kills -- --kills 200 --seed 7`: the long form of kills.spec.ts, and its figures. */
import { parseArgs } from 'node:util'
import { runKills } from './kills.ts'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    units: { type: 'string', default: '24' },
    seed: { type: 'string', default: '1' }
  }
})
const say = (line: string): void => void process.stdout.write(`${line}\n`)
say(`${values.kills} kills from seed ${values.seed}`)
const outcome = await runKills({
  kills: Number(values.kills),
  units: Number(values.units),
  rngSeed: Number(values.seed),
  quietMs: 300_000,
  say
})
say(JSON.stringify(outcome))
