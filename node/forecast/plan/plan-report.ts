/**
 * What a plan means before anybody runs it: which variables feed which term and with what values,
 * what it costs in core-hours, bytes and energy, and what of it is already here.
 */
import type { CID } from 'multiformats/cid'
import { slotsOf } from '../../../coordinator/slots.ts'
import type { Block } from '../../../protocol/canonical.ts'
import type { Plan } from '../../../protocol/plan.ts'
import type { IngestedForcing } from '../../forcing/ingest.ts'
import { boxOf } from '../../forcing/meaning/grid.ts'
import { isoTime } from '../../forcing/meaning/time-axis.ts'
import type { Blocks } from '../../store/blocks.ts'
import type { PreparedForecast } from '../prepare.ts'
import { type FieldRange, type FieldRole, fieldRanges } from './field-ranges.ts'

/** A unit in its thread does 0.75 of the 38 million of the bench (kernel/README), rounded down. */
const PARTICLE_STEPS_PER_CORE_SECOND = 25e6
/** A desktop's or server's core at full load with its share of memory and fans. */
const WATTS_PER_CORE = 10

export interface Feed {
  readonly role: FieldRole
  readonly variables: readonly string[]
  readonly terms: readonly string[]
  readonly unit: string
  readonly min: number
  readonly mean: number
  readonly max: number
  readonly first: string
  readonly last: string
  readonly times: number
}

export interface PlanReport {
  readonly plan: string
  readonly forcing: string
  readonly kernel: string
  readonly feeds: readonly Feed[]
  /** Degrees (metres where the metric is flat): west, south, east, north. */
  readonly box: readonly [number, number, number, number]
  readonly nodes: readonly [columns: number, rows: number]
  readonly particles: number
  readonly stepSeconds: number
  readonly steps: number
  /** If everybody stays afloat to the end. */
  readonly particleStepsMax: number
  readonly units: number
  readonly replicas: number
  /** Of all replicas. */
  readonly coreHours: number
  readonly energyWattHours: number
  /** Of the plan and everything that it links. */
  readonly inputBytes: number
  /** Of those, what is already in the blocks of this node. */
  readonly reusedBytes: number
}

const UNITS: Readonly<Record<FieldRole, string>> = {
  current: 'm/s',
  wind: 'm/s',
  stokes: 'm/s',
  diffusivity: 'm²/s',
  wavePeriod: 's'
}

/** Terms of the physics that read a role. */
function termsOf(role: FieldRole, { physics, classes }: Plan): string[] {
  const is = (condition: boolean, term: string): string[] => (condition ? [term] : [])
  const most = Math.max(...classes.map(({ windage }) => windage[1] ?? 0))
  const isMixed = physics.vertical === 'mixed'
  switch (role) {
    case 'current':
      return ['advection', ...is(physics.isWindRelative, 'windage (wind minus current)')]
    case 'wind':
      return [
        ...is(most > 0, `windage of up to ${most}`),
        ...is(physics.stokes === 'parameterised', 'Stokes drift (0.016 of the wind)'),
        ...is(isMixed, 'vertical mixing')
      ]
    case 'stokes':
      return is(physics.stokes === 'field', 'Stokes drift')
    case 'diffusivity':
      return is(physics.diffusivityFrom === 'field', 'horizontal diffusion')
    case 'wavePeriod':
      return is(physics.stokes !== 'none', 'Stokes drift below the surface')
  }
}

const feedOf = (
  role: FieldRole,
  { min, mean, max, startSeconds, endSeconds, timeCount }: FieldRange,
  plan: Plan,
  variables: readonly string[]
): Feed => ({
  role,
  variables,
  terms: termsOf(role, plan),
  unit: UNITS[role],
  ...{ min, mean, max },
  first: isoTime(startSeconds),
  last: isoTime(endSeconds),
  times: timeCount
})

/** Blocks that remember what was put into them, and where it also goes. */
export interface Tally extends Blocks {
  readonly sizes: ReadonlyMap<string, { readonly cid: CID; readonly bytes: number }>
}

export function tallied(blocks: Blocks, keep?: Pick<Blocks, 'put'>): Tally {
  const sizes = new Map<string, { cid: CID; bytes: number }>()
  return {
    sizes,
    put: async (block: Block, options) => {
      sizes.set(block.cid.toString(), { cid: block.cid, bytes: block.bytes.length })
      await blocks.put(block, options)
      await keep?.put(block, options)
    },
    get: (cid, options) => blocks.get(cid, options),
    has: (cid) => blocks.has(cid)
  }
}

/** `held`: the blocks of this machine's node, if it has any. */
export async function reportPlan(
  { block, plan }: PreparedForecast,
  ingested: IngestedForcing,
  tally: Tally,
  held: Pick<Blocks, 'has'> | undefined
): Promise<PlanReport> {
  const ranges = await fieldRanges(ingested, (cid) => tally.get(cid))
  const feeds = Object.entries(ranges).map(([role, range]) =>
    feedOf(
      role as FieldRole,
      range,
      plan,
      (ingested.variables as Partial<Record<string, readonly string[]>>)[role] ?? []
    )
  )
  let [inputBytes, reusedBytes] = [0, 0]
  for (const { cid, bytes } of tally.sizes.values()) {
    inputBytes += bytes
    if (held !== undefined && (await held.has(cid))) reusedBytes += bytes
  }
  const { west, east, south, north } = boxOf(ingested.places)
  const particleStepsMax = plan.particleCount * plan.memberCount * plan.stepCount
  const coreSeconds = (plan.mesh.quorum * particleStepsMax) / PARTICLE_STEPS_PER_CORE_SECOND
  return {
    plan: block.cid.toString(),
    forcing: plan.forcing.toString(),
    kernel: plan.kernel.toString(),
    feeds,
    box: [west, south, east, north],
    nodes: [plan.gridColumns, plan.gridRows],
    particles: plan.particleCount * plan.memberCount,
    stepSeconds: plan.stepSeconds,
    steps: plan.stepCount,
    particleStepsMax,
    units: [...slotsOf(plan)].length,
    replicas: plan.mesh.quorum,
    coreHours: coreSeconds / 3600,
    energyWattHours: (coreSeconds / 3600) * WATTS_PER_CORE,
    inputBytes,
    reusedBytes
  }
}

const number = (value: number): string => String(Number(value.toPrecision(3)))

/** Lines for people. */
export function planLines(report: PlanReport): string[] {
  const { box, nodes, feeds } = report
  const [west, south, east, north] = box.map((degrees) => degrees.toFixed(2))
  const lines = [
    `plan     ${report.plan}`,
    `forcing  ${report.forcing}`,
    `grid     ${nodes.join(' x ')} nodes, ${west}..${east} E ${south}..${north} N`
  ]
  for (const feed of feeds) {
    const names = feed.variables.length === 0 ? '' : ` (${feed.variables.join(', ')})`
    const terms = feed.terms.length === 0 ? 'nothing: not used' : feed.terms.join(', ')
    const { min, mean, max, unit } = feed
    const range = `min ${number(min)}, mean ${number(mean)}, max ${number(max)} ${unit}`
    lines.push(`${feed.role}${names} feeds ${terms}`)
    lines.push(`         ${range}; ${feed.first} to ${feed.last}, ${feed.times} times`)
  }
  const held = report.reusedBytes > 0 ? `, ${size(report.reusedBytes)} of them already here` : ''
  lines.push(
    `work     ${report.units} units of ${report.replicas} replicas, ` +
      `${report.particles} particles ` +
      `x ${report.steps} steps of ${Math.abs(report.stepSeconds)} s`,
    `cost     at most ${number(report.coreHours)} core-hours, ` +
      `about ${number(report.energyWattHours)} Wh`,
    `inputs   ${size(report.inputBytes)}${held}`
  )
  return lines
}

const size = (bytes: number): string =>
  bytes < 1e6 ? `${number(bytes / 1e3)} kB` : `${number(bytes / 1e6)} MB`
