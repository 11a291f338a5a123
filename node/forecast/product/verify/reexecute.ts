/**
 * Runs units again and compares result CIDs: the one check that needs trust in nobody.
 */
import { randomInt } from 'node:crypto'
import { isMeshError, MeshError } from '../../../mesh-error.ts'
import type { ComputeUnit } from '../../../worker/kernel-pool.ts'
import { mismatch } from '../evidence/verdict-evidence.ts'
import { naming } from '../naming.ts'
import { readAhead, unitName } from '../results.ts'
import type { CheckedUnit } from './units.ts'
import type { VerifyScope } from './verify.ts'

/** Units in the scope; a sample holds at least one, drawn by this machine's own entropy. */
function chosen(units: readonly CheckedUnit[], scope: VerifyScope): readonly CheckedUnit[] {
  if (scope.kind === 'all') return units
  if (scope.kind === 'unit') {
    const named = units.filter(({ slot }) => unitName(slot) === scope.id)
    if (named.length > 0) return named
    throw new MeshError('cli/usage', `the forecast has no unit ${scope.id} (member/block/window)`)
  }
  const left = [...units]
  const sample: CheckedUnit[] = []
  const wanted = Math.max(1, Math.ceil(units.length * scope.fraction))
  while (sample.length < wanted && left.length > 0) {
    sample.push(...left.splice(randomInt(left.length), 1))
  }
  return sample
}

interface ReexecuteOptions {
  readonly signal?: AbortSignal | undefined
  readonly onUnit?: (done: number, total: number) => void
}

async function rerun(
  { slot, unit }: CheckedUnit,
  compute: ComputeUnit,
  signal?: AbortSignal
): Promise<string> {
  const name = `unit ${unitName(slot)}`
  const options = signal === undefined ? {} : { signal }
  const computed = await naming(name, () => compute(unit, options)).catch((cause) => {
    if (!isMeshError(cause, 'kernel/fault')) throw cause
    // The kernel fails the same way everywhere, so nobody can have had this result.
    const message = `${name} cannot be run, so it has no result: ${cause.message}`
    throw new MeshError('verify/mismatch', message, { cause, detail: { what: name } })
  })
  if (!computed.cid.equals(slot.result)) {
    throw mismatch(name, 'gives another result here', slot.result, computed.cid)
  }
  return unitName(slot)
}

/** Names of the units that were run again, all with the result of their verdict. */
export async function reexecute(
  units: readonly CheckedUnit[],
  scope: VerifyScope,
  compute: ComputeUnit,
  options: ReexecuteOptions
): Promise<string[]> {
  const these = chosen(units, scope)
  const names: string[] = []
  const run = (unit: CheckedUnit) => rerun(unit, compute, options.signal)
  for await (const name of readAhead(these, run)) {
    names.push(name)
    options.onUnit?.(names.length, these.length)
  }
  return names
}
