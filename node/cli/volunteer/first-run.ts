/**
 * What a volunteer is told before the first start: what the machine has, what is used of it, when
 * it rests, what is sent, and how to stop.
 */
import type { Caps, Effort } from '../../worker/effort/caps.ts'
import { byteText } from '../data/byte-text.ts'

export interface FirstRun {
  readonly home: string
  readonly coreCount: number
  readonly machineBytes: number
  readonly effort: Effort
  readonly caps: Caps
  readonly hasSchedule: boolean
}

const REST: Record<Effort, string> = {
  quiet: 'on battery, while other programs need the processor, and while you type',
  normal: 'on battery and while other programs need the processor; one core while you type',
  full: 'never by itself'
}

/** Lines for stderr. */
export function firstRunLines(first: FirstRun): string[] {
  const { caps, effort, home } = first
  const duty = caps.dutyPercent < 100 ? `, each ${caps.dutyPercent} % of the time` : ''
  const schedule = first.hasSchedule ? '; and by your schedule' : ''
  return [
    'This computer helps to forecast where plastic drifts in the ocean. First start here:',
    `  it has      ${first.coreCount} cores, ${byteText(first.machineBytes)} of memory`,
    `  it gives    ${caps.threads} cores at the lowest priority${duty}, ` +
      `${byteText(caps.memoryBytes)} of memory, ${byteText(caps.diskBytes)} of disk, ` +
      `${caps.connections} connections`,
    `  it rests    ${REST[effort]}${schedule}`,
    '  it sends    results of computations, signed with a public key made here; nothing else',
    `  its folder  ${home}`,
    '  you can     driftmesh status | pause --for 2h | resume | finish | stop | contributions',
    '  change it   driftmesh start --effort quiet|normal|full, or driftmesh config'
  ]
}
