/**
 * What the bench lets run against each other on one unit: the module, the C oracle by every
 * compiler of this machine, plain TypeScript. Times are processor seconds of one thread.
 */
import { join } from 'node:path'
import type { Kernel } from '../../kernel/kernel.ts'
import { compileOracle, findCompilers, runNative, writeUnitFile } from '../../test/oracle/native.ts'
import { runPlain } from '../../test/oracle/plain.ts'
import { runUnit, type Unit } from '../../test/oracle/unit.ts'
import { type Contender, threadMs } from './rounds.ts'

/** Of one particle. */
export const STATE_BYTES = 18

export const stepsOf = ({ setup, clock }: Unit): number =>
  (setup.state.length / STATE_BYTES) * clock.stepCount

/** The module, one thread: packing and stepping, sorting included. */
export const kernelContender = (name: string, kernel: Kernel, unit: Unit): Contender => ({
  name,
  particleSteps: stepsOf(unit),
  round: () => runUnit(kernel, unit, threadMs).seconds
})

export const plainContender = (name: string, unit: Unit): Contender => ({
  name,
  particleSteps: stepsOf(unit),
  round: () => {
    const startMs = threadMs()
    runPlain(unit)
    return (threadMs() - startMs) / 1000
  }
})

/** One contender per compiler; `unit` is written to a file once. */
export async function nativeContenders(unit: Unit, folder: string): Promise<Contender[]> {
  const file = join(folder, 'bench-unit')
  await writeUnitFile(file, unit)
  const contenders: Contender[] = []
  for (const compiler of await findCompilers()) {
    const program = await compileOracle(compiler, folder)
    contenders.push({
      name: `native C, ${compiler}`,
      particleSteps: stepsOf(unit),
      round: async () => (await runNative(program, file)).seconds[0] ?? Number.NaN
    })
  }
  return contenders
}
