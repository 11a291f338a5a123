/**
 * Why a kernel stopped. Faults are loud: a run that meets one has no result. What can happen to a
 * single particle (stranded, outside, missing) is a status, never a fault.
 */

/** The number is the code the module returns. */
export const FAULTS = ['none', 'reach', 'speed', 'fuel', 'memory', 'state', 'module'] as const
export type FaultCode = (typeof FAULTS)[number]

const MESSAGES: Record<FaultCode, string> = {
  none: 'no fault',
  reach: 'a particle left the crop of its unit; replan with a larger crop',
  speed: 'a particle would move more than one cell in a step; replan with a shorter time step',
  fuel: 'the unit needs more particle-steps than its fuel limit',
  memory: 'the unit needs more memory than its limit',
  state: 'the input state is not well-formed',
  module: 'the kernel module may not run here'
}

export class KernelFault extends Error {
  readonly code: FaultCode
  /** Id of the particle that met it, where one did. */
  readonly particle: number | undefined
  constructor(code: FaultCode, detail = '', particle?: number) {
    super(`${MESSAGES[code]}${detail === '' ? '' : ` (${detail})`}`)
    this.name = 'KernelFault'
    this.code = code
    this.particle = particle
  }
}
