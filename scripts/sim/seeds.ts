/** Runs seeds one after the other; a failing one prints its story and the command to replay it. */
import { appendFileSync } from 'node:fs'
import { runSeed } from '../../test/sim/world/seed.ts'

const [from = '1', count = '50', step = '1', log = ''] = process.argv.slice(2)
let failed = 0
let done = 0
let events = 0
const tell = (line: string): void => {
  if (log === '') console.log(line)
  else appendFileSync(log, `${line}\n`)
}
for (let index = 0; index < Number(count); index += 1) {
  const rngSeed = Number(from) + index * Number(step)
  try {
    events += runSeed(rngSeed).events
  } catch (error) {
    failed += 1
    tell(error instanceof Error ? error.message : String(error))
  }
  done += 1
  if (done % 500 === 0) tell(`${done} seeds, ${failed} failed, ${events} events`)
}
tell(`${done} seeds, ${failed} failed, ${events} events`)
process.exitCode = failed === 0 ? 0 : 1
