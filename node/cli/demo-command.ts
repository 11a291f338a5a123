/** `demo`: the whole mesh on this machine, told in a few lines. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type DemoOutcome, demonstrate } from '../demo/demo.ts'
import { homeFolder } from '../service/home.ts'
import { untilAborted } from '../service/parent.ts'
import type { Context } from './program.ts'
import { progressLine } from './progress-line.ts'
import type { Terminal } from './terminal.ts'

interface Flags {
  readonly data?: string
  readonly volunteers: number
  readonly coordinators: number
  readonly particles: number
  readonly once?: boolean
  readonly home?: string
  readonly json?: boolean
}

function summaryOf(outcome: DemoOutcome, dir: string) {
  const { status, check, mesh } = outcome
  return {
    forecast: outcome.forecast,
    product: check.product,
    plan: status.plan,
    rootKey: mesh.rootKey,
    bootstrap: mesh.bootstrap,
    units: status.units,
    replicas: status.replicas,
    operatorsPerUnitMin: status.operatorsPerUnitMin,
    unitsByOperator: status.computedBy,
    faults: status.faults.map(({ member, block, window, operator, reason }) => ({
      unit: `${member}/${block}/${window}`,
      operator,
      fault: reason
    })),
    seconds: Number(outcome.seconds.toFixed(2)),
    particleSteps: status.particleStepsTotal,
    selfCheck: check,
    forecastFile: outcome.forecastFile,
    folder: join(dir, 'forecast')
  }
}

function tell(summary: ReturnType<typeof summaryOf>, terminal: Terminal): void {
  const { units, selfCheck } = summary
  const operators = Object.entries(summary.unitsByOperator)
  terminal.answer('')
  terminal.answer(`forecast   ${summary.forecast}`)
  terminal.answer(`product    ${summary.product}`)
  terminal.answer(
    `ledger     ${units.verified} of ${units.total} units verified, ${units.failed} failed; ` +
      `${summary.replicas} replicas, at least ${summary.operatorsPerUnitMin} operators each`
  )
  for (const [operator, count] of operators) {
    terminal.answer(`operator   ${operator.slice(0, 16)}  ${count} results agreed`)
  }
  for (const { unit, operator, fault } of summary.faults) {
    terminal.answer(`fault      ${operator.slice(0, 16)}  ${fault} on unit ${unit}`)
  }
  terminal.answer(`time       ${summary.seconds} s for ${summary.particleSteps} particle-steps`)
  terminal.answer(
    `self-check a fresh peer found ${selfCheck.signatures} signatures, ${selfCheck.files} files ` +
      `right, and ran ${selfCheck.reexecuted.length} units again bit for bit`
  )
  terminal.answer(`look at    ${summary.folder}`)
  terminal.answer(`           driftmesh simulate ${summary.forecastFile}   (same product CID)`)
}

const stamp = (): string => new Date().toISOString().replace(/[:.]/g, '-')

export async function runDemo(flags: Flags, { terminal, signal }: Context): Promise<void> {
  const dir = join(homeFolder(flags.home, process.env), `demo-${stamp()}-${process.pid}`)
  const outcome = await demonstrate({
    dir,
    ...(flags.data === undefined ? {} : { data: flags.data }),
    coordinatorCount: flags.coordinators,
    volunteerCount: flags.volunteers,
    particleCount: flags.particles,
    signal,
    say: (line) => terminal.say(line),
    onProgress: (status, peers, seconds) => terminal.progress(progressLine(status, peers, seconds))
  })
  try {
    const summary = summaryOf(outcome, dir)
    if (flags.json) terminal.json(summary)
    else tell(summary, terminal)
    if (process.stdout.isTTY && !flags.once) {
      terminal.say('')
      terminal.say(
        `serving; in another terminal: driftmesh verify ${outcome.forecast} --all ` +
          `--root-key ${outcome.mesh.rootKey} --bootstrap ${outcome.mesh.bootstrap}`
      )
      terminal.say('Ctrl-C ends the mesh')
      await untilAborted(signal)
    }
  } finally {
    await outcome.mesh.stop()
    await rm(outcome.mesh.dir, { recursive: true, force: true })
  }
}
