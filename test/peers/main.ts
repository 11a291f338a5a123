/**
 * `npm run peers -- --peers 200 --units 2000`: a run at size, its figures as one table row. With
 * `--idle 5` the peers are left alone for five minutes first, to see that they stay meshed.
 */
import { parseArgs } from 'node:util'
import type { Quantiles } from './latencies.ts'
import { runPeers } from './many-peers.ts'

const { values } = parseArgs({
  options: {
    peers: { type: 'string', default: '200' },
    units: { type: 'string', default: '2000' },
    coordinators: { type: 'string', default: '2' },
    batches: { type: 'string', default: '4' },
    minutes: { type: 'string', default: '30' },
    idle: { type: 'string', default: '0' }
  }
})
const say = (line: string): void => void process.stdout.write(`${line}\n`)
const outcome = await runPeers({
  peers: Number(values.peers),
  units: Number(values.units),
  coordinators: Number(values.coordinators),
  batches: Number(values.batches),
  withinMs: Number(values.minutes) * 60_000,
  idleMs: Number(values.idle) * 60_000,
  say
})
const { latencies } = outcome
const seconds = ({ p50, p95 }: Quantiles): string =>
  `${(p50 / 1000).toFixed(2)} / ${(p95 / 1000).toFixed(2)}`
say('| peers | units verified | operators | s | announce → lease p50 / p95, s | commit → verdict |')
say('|---|---|---|---|---|---|')
say(
  `| ${values.peers} | ${outcome.verified} of ${values.units} | ${outcome.operators} | ` +
    `${outcome.seconds.toFixed(0)} | ${seconds(latencies.announceToLease)} | ` +
    `${seconds(latencies.commitToVerdict)} |`
)
say(`${JSON.stringify(outcome)}`)
process.exit(outcome.verified === Number(values.units) ? 0 : 1)
