/** A volunteer's governor, with the sensors of this machine where a rule asks for them. */
import { availableParallelism, totalmem } from 'node:os'
import { capsOf, type Machine } from '../../worker/effort/caps.ts'
import { type EffortSettings, type Governor, type GovernorInit, openGovernor } from './governor.ts'
import { readPause } from './pause-file.ts'
import { openSensors, type Sensors } from './sensors.ts'

export const thisMachine = (): Machine => ({
  coreCount: availableParallelism(),
  memoryBytes: totalmem()
})

/** Where nothing is said about effort: all that the threads allow, and no rule. */
export const unlimited = (threads: number): EffortSettings => ({
  effort: 'full',
  caps: capsOf('full', thisMachine(), { threads }),
  schedule: []
})

const ownMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Nothing to be read where no rule needs it. */
const blind: Sensors = async () => ({
  atMs: Date.now(),
  isOnBattery: undefined,
  othersCpuShare: undefined,
  isUserActive: undefined,
  minuteOfWeek: 0
})

export async function openEffort(
  init: Omit<GovernorInit, 'sensors' | 'pause' | 'nowMs'>
): Promise<Governor> {
  const { effort, schedule } = init.settings
  const isFree = effort === 'full' && schedule.length === 0
  return openGovernor({
    ...init,
    sensors: isFree ? blind : openSensors(ownMs),
    pause: await readPause(init.home),
    nowMs: Date.now
  })
}
