/**
 * Runs the rows of the table world by world, round after round, and adds a line of JSON per world
 * to a file, so that several processes can work at it and nothing is lost when one ends.
 */
import { appendFileSync } from 'node:fs'
import { runCampaign } from '../../test/sim/stats/campaign.ts'
import { ROWS } from './table-rows.ts'

/** A world is small enough to forget, and long enough for sleepers to wake. */
const PLANS = 4
const UNITS_PER_PLAN = 2000

const [file = '', from = '1', until = '', only = ''] = process.argv.slice(2)
const untilMs = Date.parse(until)
const rows = only === '' ? ROWS : ROWS.filter(({ name }) => new RegExp(only).test(name))

for (let rngSeed = Number(from); Date.now() < untilMs; rngSeed += 1) {
  for (const { name, init } of rows) {
    if (Date.now() >= untilMs) break
    const cpu = process.cpuUsage()
    const count = runCampaign({ ...init, rngSeed, plans: PLANS, unitsPerPlan: UNITS_PER_PLAN })
    const { user, system } = process.cpuUsage(cpu)
    const cpuMs = Math.round((user + system) / 1000)
    appendFileSync(file, `${JSON.stringify({ name, rngSeed, ...count, cpuMs })}\n`)
  }
}
