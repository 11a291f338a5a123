/** `verify` and `get`: a reader who trusts nobody but the federation's root key. */
import type { CID } from 'multiformats/cid'
import { loadKernel } from '../../../kernel/kernel.ts'
import { checkFolderTarget } from '../../forecast/output-target.ts'
import { exportFolder } from '../../forecast/product/folder/folder.ts'
import {
  type VerifyReport,
  type VerifyScope,
  verifyForecast
} from '../../forecast/product/verify/verify.ts'
import { MeshError } from '../../mesh-error.ts'
import { isProof, verifyProof } from '../../proof/verify-proof.ts'
import { parseKey } from '../../service/identity/public-key.ts'
import type { Blocks } from '../../store/blocks.ts'
import { builtInKernel } from '../../worker/kernel-file.ts'
import { type ComputeUnit, openKernelPool } from '../../worker/kernel-pool.ts'
import type { Context } from '../program.ts'
import { progressPrinter } from '../simulate-command.ts'
import type { Terminal } from '../terminal.ts'
import { parseCid, type ReaderFlags, withReader } from './reader-flags.ts'

interface VerifyFlags extends ReaderFlags {
  readonly rootKey?: string
  /** Name of the mesh, for proofs. */
  readonly network?: string
  readonly all?: boolean
  readonly sample?: string
  readonly unit?: string
  readonly out?: string
  readonly threads: number
  readonly json?: boolean
}

/** Share of the units that `verify` re-runs when it is not told. */
const SAMPLE_DEFAULT = '2%'

function scopeOf(flags: VerifyFlags): VerifyScope {
  if (flags.all) return { kind: 'all' }
  if (flags.unit !== undefined) {
    if (/^\d+\/\d+\/\d+$/.test(flags.unit)) return { kind: 'unit', id: flags.unit }
    const message = `--unit ${flags.unit} must be member/block/window, for example 0/3/0`
    throw new MeshError('cli/usage', message)
  }
  const text = flags.sample ?? SAMPLE_DEFAULT
  const percent = Number(text.replace(/%$/, ''))
  if (percent > 0 && percent <= 100) return { kind: 'sample', fraction: percent / 100 }
  throw new MeshError('cli/usage', `--sample ${text} must be a share such as 2%`)
}

function tell(report: VerifyReport, terminal: Terminal): void {
  terminal.answer(`verified ${report.forecast}`)
  terminal.answer(
    `${report.signatures} signatures of ${report.coordinators.length} coordinators and ` +
      `${report.operators.length} operators, ${report.units} units, ${report.files} files agree`
  )
  terminal.answer(`${report.reexecuted.length} units run again here, bit for bit the same`)
  if (report.singleSource) terminal.answer('single-source: one coordinator alone signed this')
  if (report.gaps.length > 0) terminal.answer(`gaps: ${report.gaps.join(', ')}`)
}

export async function verifyCommand(
  text: string,
  flags: VerifyFlags,
  { terminal, signal: stop }: Context
): Promise<void> {
  const cid = parseCid(text)
  const scope = scopeOf(flags)
  if (flags.out !== undefined) await checkFolderTarget(flags.out, '--out')
  await withReader(cid, flags, stop, async (blocks, signal) => {
    const pool = openKernelPool({ threads: flags.threads, blocks })
    const { compute } = pool
    try {
      const task = { cid, blocks, compute, signal }
      if (isProof(await blocks.get(cid, { signal }))) await proofAnswer(task, flags, terminal)
      else await forecastAnswer({ ...task, scope }, flags, terminal)
    } finally {
      await pool.stop()
    }
  })
}

interface Task {
  readonly cid: CID
  readonly blocks: Blocks
  readonly compute: ComputeUnit
  readonly signal: AbortSignal
}

async function forecastAnswer(
  task: Task & { readonly scope: VerifyScope },
  { rootKey, out, json }: VerifyFlags,
  terminal: Terminal
): Promise<void> {
  if (rootKey === undefined) {
    throw new MeshError('cli/usage', 'a forecast is verified against --root-key <hex>')
  }
  const kernel = loadKernel(builtInKernel().bytes)
  const onProgress = progressPrinter(terminal)
  const report = await verifyForecast({ ...task, rootKey: parseKey(rootKey), kernel, onProgress })
  if (out !== undefined) await exportFolder(task.cid, task.blocks, out, { signal: task.signal })
  if (json) terminal.json(report)
  else tell(report, terminal)
}

async function proofAnswer(
  task: Task,
  { network, json }: VerifyFlags,
  terminal: Terminal
): Promise<void> {
  if (network === undefined) {
    throw new MeshError('cli/usage', 'a proof is verified within its mesh: --network <name>')
  }
  const report = await verifyProof({ ...task, network })
  if (json) terminal.json(report)
  else terminal.answer(`proven of ${report.accused}: ${report.finding}`)
}

export async function getCommand(
  text: string,
  dir: string,
  flags: ReaderFlags,
  { terminal, signal: stop }: Context
): Promise<void> {
  const cid = parseCid(text)
  await checkFolderTarget(dir, 'DIR')
  const onProgress = (files: number): void => terminal.progress(`${files} files`)
  await withReader(cid, flags, stop, (blocks, signal) =>
    exportFolder(cid, blocks, dir, { signal, onProgress })
  )
  terminal.answer(`written to ${dir}`)
}
