/** Sections of the bench: each runs its contenders in alternating rounds and returns table rows. */
import { KernelFault } from '../../kernel/fault.ts'
import { type Kernel, loadKernel } from '../../kernel/kernel.ts'
import { builtInKernel } from '../../node/worker/kernel-file.ts'
import { type EddyOptions, eddyUnit } from '../../test/oracle/eddies.ts'
import { PythonModel, placesOfState, writeModelFiles } from '../../test/oracle/python-models.ts'
import { runUnit } from '../../test/oracle/unit.ts'
import {
  kernelContender,
  nativeContenders,
  plainContender,
  STATE_BYTES,
  stepsOf
} from './contenders.ts'
import { alternate, type Contender, medianOf, type Rated, shown } from './rounds.ts'
import { openWorkers } from './workers.ts'

/** What is measured, millions of particle-steps per second, a ratio and what it is of. */
export type Row = readonly [what: string, rate: string, ratio: string]

export interface BenchContext {
  readonly kernel: Kernel
  readonly rounds: number
  readonly folder: string
  readonly say: (line: string) => void
}

/** A model day of ten-minute steps for 10⁵ particles on 256 × 256 nodes. */
export const DENSE: EddyOptions = {
  columns: 256,
  rows: 256,
  spacing: 1 / 16,
  particles: 100_000,
  steps: 144,
  stepSeconds: 600,
  windages: 'each'
}

const rateOf = (rated: readonly Rated[], name: string): number =>
  rated.find((each) => each.name === name)?.rate ?? Number.NaN
const times = (ratio: number): string => `${shown(ratio)} ×`

/** The module against native C and plain TypeScript, and what windage costs. */
export async function baselines({ kernel, rounds, folder }: BenchContext): Promise<Row[]> {
  const unit = eddyUnit(kernel, DENSE)
  const native = await nativeContenders(unit, folder)
  const variants: Record<string, Partial<EddyOptions>> = {
    'kernel, one windage class': { windages: 1 },
    'kernel, current alone': { windages: 0 },
    'kernel, windage each, K = 1 m²/s': { diffusivity: 1 }
  }
  const rated = await alternate(
    [
      kernelContender('kernel, windage each', kernel, unit),
      ...Object.entries(variants).map(([name, options]) =>
        kernelContender(name, kernel, eddyUnit(kernel, { ...DENSE, ...options }))
      ),
      ...native,
      plainContender('plain TypeScript, f64', unit)
    ],
    rounds
  )
  const own = rateOf(rated, 'kernel, windage each')
  return rated.map(({ name, rate }) => [
    name,
    shown(rate),
    name.startsWith('kernel') ? '' : `kernel ${times(own / rate)}`
  ])
}

export async function windageClasses({ kernel, rounds }: BenchContext): Promise<Row[]> {
  const rated = await alternate(
    [1, 2, 3, 6, 12, 24].map((windages) => {
      const unit = eddyUnit(kernel, { ...DENSE, windages })
      return kernelContender(`${windages} windage class${windages > 1 ? 'es' : ''}`, kernel, unit)
    }),
    rounds
  )
  const first = rated[0]?.rate ?? Number.NaN
  return rated.map(({ name, rate }) => [name, shown(rate), `${times(rate / first)} one class`])
}

/** Bytes of a fresh module's memory while it runs this many particles. */
function memoryBytes(particles: number): number {
  const kernel = loadKernel(builtInKernel().bytes)
  const unit = eddyUnit(kernel, { ...DENSE, particles, steps: 1 })
  return runUnit(kernel, unit, () => 0).run.state().buffer.byteLength
}

export async function sizes({ kernel, rounds, say }: BenchContext): Promise<Row[]> {
  const contenders: Contender[] = []
  const refused: Row[] = []
  for (const particles of [1e5, 1e6, 1e7]) {
    const name = `10${'⁵⁶⁷'[Math.log10(particles) - 5]} particles, 48 steps`
    try {
      memoryBytes(particles)
      const unit = eddyUnit(kernel, { ...DENSE, particles, steps: 48 })
      contenders.push(kernelContender(name, kernel, unit))
    } catch (error) {
      if (!(error instanceof KernelFault)) throw error
      refused.push([name, '–', `refused: ${error.message}`])
    }
  }
  const rated = await alternate(contenders, Math.min(3, rounds))
  const million = rateOf(rated, '10⁶ particles, 48 steps')
  const perParticle = (memoryBytes(2e6) - memoryBytes(1e6)) / 1e6
  say(`module memory per particle: ${perParticle.toFixed(1)} bytes`)
  return [
    ...rated.map(({ name, rate }): Row => [name, shown(rate), `${times(rate / million)} of 10⁶`]),
    ...refused,
    ['state per particle, stored and sent', '', `${STATE_BYTES} bytes`],
    ['module memory per particle', '', `${perParticle.toFixed(1)} bytes`]
  ]
}

/** Fewer particles than nodes: packing is what costs. */
export async function sparse({ kernel, rounds }: BenchContext): Promise<Row[]> {
  const rated = await alternate(
    [1e3, 1e4, 1e5, 4e5].map((particles) => {
      const unit = eddyUnit(kernel, { ...DENSE, columns: 512, rows: 512, particles, steps: 36 })
      const perNode = (particles / ((512 * 2) / 3) ** 2).toPrecision(2)
      const name = `512 × 512 nodes, ${perNode} particles per node`
      return kernelContender(name, kernel, unit)
    }),
    rounds
  )
  return rated.map(({ name, rate }) => [name, shown(rate), ''])
}

export async function workers({ rounds }: BenchContext): Promise<Row[]> {
  const bench = await openWorkers([1, 2], DENSE)
  try {
    const rated = await alternate(bench.contenders, rounds)
    const [one, , oneOfProcessor] = rated.map(({ rate }) => rate)
    return rated.map(({ name, rate }, i) => [
      name,
      shown(rate),
      `${times(rate / ((i < 2 ? one : oneOfProcessor) ?? Number.NaN))} one worker`
    ])
  } finally {
    await bench.close()
  }
}

const MODELS = [
  { model: 'parcels', title: 'Parcels', python: 'DRIFTMESH_PARCELS_PYTHON', windages: [0, 0.01] },
  { model: 'opendrift', title: 'OpenDrift', python: 'DRIFTMESH_OPENDRIFT_PYTHON', windages: [0.01] }
] as const

/** Four hours of the dense unit against Parcels and OpenDrift, on one metric and one windage. */
export async function models(context: BenchContext): Promise<Row[]> {
  const { kernel, rounds, folder, say } = context
  const job: EddyOptions = { ...DENSE, windages: 1, steps: 24, metric: 'sphere1852' }
  const unit = eddyUnit(kernel, job)
  const calm = eddyUnit(kernel, { ...job, windages: 0 })
  await writeModelFiles(folder, unit)
  const own = (windage: number): string =>
    windage > 0 ? 'kernel, current and wind, 24 steps' : 'kernel, current alone, 24 steps'
  const contenders: Contender[] = [
    kernelContender(own(0), kernel, calm),
    kernelContender(own(1), kernel, unit)
  ]
  const open: { model: PythonModel; name: string; windage: number }[] = []
  for (const { model, title, python, windages } of MODELS) {
    const opened = await PythonModel.open(model, process.env[python] || 'python3', folder, unit)
    if (opened === undefined) {
      say(`skipped: no ${title} in ${python} (see test/oracle/${model}_rate.py)`)
      continue
    }
    for (const windage of windages) {
      const what = windage > 0 ? 'current and wind' : 'current alone'
      const name = `${title} ${opened.version}, ${what}`
      const round = (): Promise<number> => opened.round(windage)
      contenders.push({ name, particleSteps: stepsOf(unit), round })
      open.push({ model: opened, name, windage })
    }
  }
  const rated = await alternate(contenders, Math.min(5, rounds))
  const end = placesOfState(unit, runUnit(kernel, unit, () => 0).run.state())
  const rows: Row[] = rated.slice(0, 2).map(({ name, rate }) => [name, shown(rate), ''])
  for (const { model, name, windage } of open) {
    const rate = rateOf(rated, name)
    const ratio = `kernel ${times(rateOf(rated, own(windage)) / rate)}`
    const apart = windage > 0 ? `; ends ${apartOf(await model.places(), end)} m from it` : ''
    rows.push([name, shown(rate), ratio + apart])
  }
  for (const { model } of open) model.close()
  return rows
}

/** Median metres between the same particles in two models, on a sphere of 1852·60 m per degree. */
function apartOf(theirs: readonly number[][], own: readonly (readonly number[])[]): string {
  const metres = theirs.map(([lon = 0, lat = 0], i) => {
    const [ownLon = 0, ownLat = 0] = own[i] ?? []
    const east = (lon - ownLon) * Math.cos((lat * Math.PI) / 180)
    return Math.hypot(east, lat - ownLat) * 111_120
  })
  return medianOf(metres).toFixed(1)
}
