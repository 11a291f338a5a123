/**
 * Accuracy over thirty days of chaotic eddies, the long form of test/physics/accuracy.spec.ts:
 * writes the table into kernel/README.md. Takes minutes:
 *
 *   node scripts/accuracy.ts [--side 40] [--dry]
 */
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { loadKernel } from '../kernel/kernel.ts'
import { builtInKernel } from '../node/worker/kernel-file.ts'
import { measureAccuracy, spreadOfMetre } from '../test/oracle/accuracy.ts'
import { circumstances, tableOf, writeSection } from './report/readme-table.ts'

const DAYS = 30
const STEPS = [300, 600, 900, 1200, 1800, 3600]

const { values } = parseArgs({
  options: { side: { type: 'string', default: '40' }, dry: { type: 'boolean', default: false } }
})
const side = Number(values.side)
const { bytes, cid } = builtInKernel()
const kernel = loadKernel(bytes)
const metres = (value: number): string => value.toFixed(value < 10 ? 3 : 0)
const rows = measureAccuracy(kernel, side, DAYS, STEPS).map(
  ({ stepSeconds, sameScheme, fineSteps }) => [
    `${stepSeconds} s`,
    ...[sameScheme.median, sameScheme.p99, fineSteps.median, fineSteps.p99].map(metres)
  ]
)
const head = [
  'step',
  'same scheme in f64: median, m',
  '99 %, m',
  'f64 RK4, 600 s: median, m',
  '99 %, m'
]
const chaos = spreadOfMetre(kernel, 20, DAYS)
const made = circumstances(cpus()[0]?.model ?? 'unknown', cpus().length)
const text = [
  tableOf(head, rows),
  '',
  `${side * side} particles, ${DAYS} days, K = 0; neighbours one metre apart end ` +
    `${metres(chaos)} m apart (median). Kernel \`${cid}\`, ${made}.`
].join('\n')
console.log(text)
if (!values.dry) writeSection('accuracy', text)
