/**
 * Rates of the kernel: against native C, plain TypeScript, Parcels and OpenDrift, by workers, sizes
 * and classes; what a sandbox costs. Every ratio is of alternating rounds in one run. Writes the
 * table into kernel/README.md. A quarter of an hour on an idle machine:
 *
 *   npm run bench [-- --rounds 7] [--only baselines,classes] [--dry]
 *
 * Parcels and OpenDrift run where DRIFTMESH_PARCELS_PYTHON and DRIFTMESH_OPENDRIFT_PYTHON name a
 * Python that has them (test/oracle/*_rate.py say how to get one).
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { loadKernel } from '../kernel/kernel.ts'
import { builtInKernel } from '../node/worker/kernel-file.ts'
import { timeSandbox } from './bench/sandbox.ts'
import {
  type BenchContext,
  baselines,
  models,
  type Row,
  sizes,
  sparse,
  windageClasses,
  workers
} from './bench/sections.ts'
import { circumstances, tableOf, writeSection } from './report/readme-table.ts'

async function sandbox({ rounds }: BenchContext): Promise<Row[]> {
  const measured = await timeSandbox(rounds)
  return measured.map(({ what, ms }) => [what, '', `${ms.toFixed(1)} ms`])
}

const SECTIONS = { baselines, classes: windageClasses, sizes, sparse, workers, models, sandbox }

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    only: { type: 'string', default: Object.keys(SECTIONS).join(',') },
    dry: { type: 'boolean', default: false }
  }
})
const { bytes, cid } = builtInKernel()
const folder = await mkdtemp(join(tmpdir(), 'driftmesh-bench-'))
const context = {
  kernel: loadKernel(bytes),
  rounds: Number(values.rounds),
  folder,
  say: (line: string) => console.error(line)
}
const rows: Row[] = []
try {
  for (const [name, section] of Object.entries(SECTIONS)) {
    if (!values.only.split(',').includes(name)) continue
    console.error(`${name} …`)
    const measured = await section(context)
    for (const row of measured) console.error(`  ${row.join('  ')}`)
    rows.push(...measured)
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}
const table = tableOf(['what', '10⁶ particle-steps/s', 'ratio, time'], rows)
const made = circumstances(cpus()[0]?.model ?? 'unknown', cpus().length)
const load = loadavg()[1]?.toFixed(1)
const text = [
  table,
  '',
  `Medians of ${values.rounds} alternating rounds, RK4, steps of 600 s, 256 × 256 nodes, ` +
    "10⁵ particles and 144 steps unless told otherwise; per second of one thread's processor " +
    'time, packing and sorting included; workers and times on the wall. ' +
    `Kernel \`${cid}\`, ${made}, load ${load}.`
].join('\n')
console.log(text)
if (!values.dry) writeSection('bench', text)
