/**
 * A worker of the bench: one unit in its own instance of the module, once per message;
 * it answers with the processor seconds of its own thread.
 */
import { parentPort } from 'node:worker_threads'
import { loadKernel } from '../../kernel/kernel.ts'
import { builtInKernel } from '../../node/worker/kernel-file.ts'
import { type EddyOptions, eddyUnit } from '../../test/oracle/eddies.ts'
import { runUnit, type Unit } from '../../test/oracle/unit.ts'
import { threadMs } from './rounds.ts'

const kernel = loadKernel(builtInKernel().bytes)
let unit: Unit | undefined
let seconds = 0

parentPort?.on('message', (options: EddyOptions | 'run') => {
  if (options !== 'run') unit = eddyUnit(kernel, options)
  else if (unit !== undefined) seconds = runUnit(kernel, unit, threadMs).seconds
  parentPort?.postMessage(seconds)
})
