/** `npm run fuzz -- --inputs 1000000 --seed 3` */
import { parseArgs } from 'node:util'
import { Random } from '../sim/world/random.ts'
import { fuzzDecoders } from './decoders.ts'

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' }
  }
})
const outcome = fuzzDecoders(new Random(Number(values.seed)), Number(values.inputs))
process.stdout.write(`seed ${values.seed}: ${JSON.stringify(outcome)}\n`)
