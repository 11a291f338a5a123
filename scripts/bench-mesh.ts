/**
 * What the mesh costs, into coordinator/README.md, each part between its own markers:
 *
 *   npm run bench:mesh [-- --only rates,gossip,latency,cost] [--dry]
 *
 * `rates`: signatures, leases, audits. `gossip` and `latency`: at --peers 10,50,200, the latter
 * with --units N for each. `cost`: a forecast of --chains C × --days D units of 100,000 particles
 * against `simulate`; the default is a minute of kernel time, 200 × 10 is half an hour. Linux with
 * Node 24; an idle machine for what is timed on the wall.
 */
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import type { Quantiles } from '../test/peers/latencies.ts'
import { runPeers } from '../test/peers/many-peers.ts'
import { auditCost } from './bench/mesh/audits.ts'
import { measureCost } from './bench/mesh/cost.ts'
import { curveRows } from './bench/mesh/curve.ts'
import { gossipCost } from './bench/mesh/gossip.ts'
import { leaseRate } from './bench/mesh/leases.ts'
import { circumstances, tableOf, writeSection } from './report/readme-table.ts'

const LEASES = 2000
/** Particles of a unit by default (DESIGN §5). */
const UNIT_PARTICLES = 100_000
const WITHIN_MS = 45 * 60_000

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'rates,gossip,latency,cost' },
    peers: { type: 'string', default: '10,50,200' },
    units: { type: 'string', default: '400' },
    chains: { type: 'string', default: '20' },
    days: { type: 'string', default: '4' },
    dry: { type: 'boolean', default: false }
  }
})
const crowds = values.peers.split(',').map(Number)
const say = (line: string): void => console.error(line)
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`

async function rates(): Promise<string> {
  const rows = await curveRows()
  const { cpuMsEach, perSecond } = await leaseRate(LEASES)
  const each = `${cpuMsEach.toFixed(2)} ms`
  rows.push([
    'grant a lease: request verified, ledger synced',
    each,
    `${Math.round(1000 / cpuMsEach)}/s`
  ])
  rows.push(['the same on the wall, 64 under way', '', `${Math.round(perSecond)}/s`])
  const { unitMs, auditMs } = await auditCost()
  rows.push([
    `run a unit of ${UNIT_PARTICLES} particles and 144 steps`,
    `${unitMs.toFixed(0)} ms`,
    ''
  ])
  rows.push([
    'audit its result, m = 2 (both replicas share it)',
    `${auditMs.toFixed(0)} ms`,
    `${percent(auditMs / (2 * unitMs))} of two replicas`
  ])
  return tableOf(['what', 'of one core', 'rate'], rows)
}

async function gossip(): Promise<string> {
  const rows: string[][] = []
  for (const peers of crowds) {
    const cost = await gossipCost(peers)
    say(JSON.stringify(cost))
    rows.push([
      `${peers}`,
      percent(cost.delivered),
      `${cost.cpuMs.toFixed(0)} ms`,
      `${cost.cpuMsEach.toFixed(2)} ms`,
      `${cost.idleMsPerSecond.toFixed(1)} ms/s`,
      `${cost.fewestConnections}`
    ])
  }
  const head = [
    'peers',
    'delivered',
    'a message, all',
    'one peer',
    'idle peer',
    'fewest connections'
  ]
  return tableOf(head, rows)
}

const seconds = ({ p50, p95 }: Quantiles): string =>
  `${(p50 / 1000).toFixed(2)} / ${(p95 / 1000).toFixed(2)}`

async function latency(): Promise<string> {
  const rows: string[][] = []
  for (const peers of crowds) {
    const units = Number(values.units)
    const run = { peers, units, coordinators: 2, batches: 2, withinMs: WITHIN_MS, say }
    const outcome = await runPeers(run)
    say(JSON.stringify(outcome))
    rows.push([
      `${peers}`,
      `${outcome.verified} of ${units}`,
      `${outcome.seconds.toFixed(0)}`,
      seconds(outcome.latencies.announceToLease),
      seconds(outcome.latencies.commitToVerdict),
      `${outcome.fewestConnections[1]}`
    ])
  }
  const head = ['peers', 'units final', 's', 'announce → lease p50 / p95, s']
  return tableOf([...head, 'commit → verdict p50 / p95, s', 'fewest connections'], rows)
}

async function cost(): Promise<string> {
  const size = {
    units: Number(values.chains),
    days: Number(values.days),
    unitParticles: UNIT_PARTICLES
  }
  const made = await measureCost(size, say)
  say(JSON.stringify(made))
  if (!made.isSame) throw new Error('mesh and simulate differ')
  const work = 2 * made.simulateSeconds
  const row = (what: string, part: number): string[] => [
    what,
    part.toFixed(1),
    percent(part / work)
  ]
  const { kernel, audit, cosign, network, assembly } = made.parts
  const table = tableOf(
    ['processor seconds', 's', 'of 2 × simulate'],
    [
      row('2 × `simulate`', work),
      row('kernel, two replicas', kernel),
      row(`audit, ${made.audits} segments`, audit),
      row(`co-sign, ${made.attestations} segments`, cosign),
      row('network: everything else until the last unit is final', network),
      row('products, signatures, publication', assembly),
      row('**mesh**', made.meshSeconds)
    ]
  )
  const steps = made.particleSteps.toExponential(2)
  return `${table}\n\n${made.units} units, ${steps} particle-steps, one product.`
}

const SECTIONS = { rates, gossip, latency, cost }
for (const [name, section] of Object.entries(SECTIONS)) {
  if (!values.only.split(',').includes(name)) continue
  say(`${name} …`)
  const table = await section()
  const load = loadavg()[1]?.toFixed(1)
  const made = circumstances(cpus()[0]?.model ?? 'unknown', cpus().length)
  const text = `${table}\n\n${made}, load ${load}.`
  console.log(text)
  if (!values.dry) writeSection(`mesh-${name}`, text, 'coordinator/README.md')
}
process.exit(0)
