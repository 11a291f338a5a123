/** `verify` and `get`: a reader who trusts nobody but the federation's root key. */
import { access } from 'node:fs/promises'
import { CID } from 'multiformats/cid'
import { loadKernel } from '../../kernel/kernel.ts'
import { exportFolder } from '../forecast/product/folder.ts'
import { type VerifyScope, verifyForecast } from '../forecast/product/verify.ts'
import { MeshError } from '../mesh-error.ts'
import { parseKey } from '../service/public-key.ts'
import { openReader } from '../service/reader.ts'
import { builtInKernel } from '../worker/kernel-file.ts'
import { openKernelPool } from '../worker/kernel-pool.ts'
import type { Context } from './program.ts'
import { progressPrinter } from './simulate-command.ts'

interface ReaderFlags {
  readonly bootstrap?: readonly string[]
  readonly from?: string
  readonly timeout: number
}

interface VerifyFlags extends ReaderFlags {
  readonly rootKey: string
  readonly all?: boolean
  readonly sample?: string
  readonly unit?: string
  readonly out?: string
  readonly threads: number
  readonly json?: boolean
}

/** Share of the units that `verify` re-runs when it is not told. */
const SAMPLE_DEFAULT = '2%'

function parseCid(text: string): CID {
  try {
    return CID.parse(text)
  } catch (cause) {
    throw new MeshError('cli/usage', `${text} is not a CID`, { cause })
  }
}

function scopeOf(flags: VerifyFlags): VerifyScope {
  if (flags.all) return { kind: 'all' }
  if (flags.unit !== undefined) return { kind: 'unit', id: flags.unit }
  const text = flags.sample ?? SAMPLE_DEFAULT
  const percent = Number(text.replace(/%$/, ''))
  if (percent > 0 && percent <= 100) return { kind: 'sample', fraction: percent / 100 }
  throw new MeshError('cli/usage', `--sample ${text} must be a share such as 2%`)
}

async function refuseExisting(dir: string): Promise<void> {
  const taken = await access(dir).then(
    () => true,
    () => false
  )
  if (taken) throw new MeshError('cli/usage', `${dir} exists: name a new folder`)
}

const readerInit = (flags: ReaderFlags, signal: AbortSignal) => ({
  bootstrap: flags.bootstrap ?? [],
  signal: AbortSignal.any([signal, AbortSignal.timeout(flags.timeout * 1000)]),
  ...(flags.from === undefined ? {} : { from: flags.from })
})

export async function verifyCommand(
  text: string,
  flags: VerifyFlags,
  { terminal, signal }: Context
): Promise<void> {
  const cid = parseCid(text)
  const rootKey = parseKey(flags.rootKey)
  const scope = scopeOf(flags)
  if (flags.out !== undefined) await refuseExisting(flags.out)
  const init = readerInit(flags, signal)
  const builtIn = builtInKernel()
  const reader = await openReader(init)
  const pool = openKernelPool({ threads: flags.threads, blocks: reader.blocks })
  try {
    const report = await verifyForecast({
      cid,
      blocks: reader.blocks,
      rootKey,
      kernel: loadKernel(builtIn.bytes),
      compute: pool.compute,
      scope,
      signal: init.signal,
      onProgress: progressPrinter(terminal)
    })
    if (flags.out !== undefined) {
      await exportFolder(cid, reader.blocks, flags.out, { signal: init.signal })
    }
    if (flags.json) {
      terminal.json(report)
      return
    }
    terminal.answer(`verified ${report.forecast}`)
    terminal.answer(
      `${report.signatures} signatures of ${report.coordinators.length} coordinators and ` +
        `${report.operators.length} operators, ${report.units} units, ${report.files} files agree`
    )
    terminal.answer(`${report.reexecuted.length} units run again here, bit for bit the same`)
    if (report.singleSource) terminal.answer('single-source: one coordinator alone signed this')
    if (report.gaps.length > 0) terminal.answer(`gaps: ${report.gaps.join(', ')}`)
  } finally {
    await pool.stop()
    await reader[Symbol.asyncDispose]()
  }
}

export async function getCommand(
  text: string,
  dir: string,
  flags: ReaderFlags,
  { terminal, signal }: Context
): Promise<void> {
  const cid = parseCid(text)
  await refuseExisting(dir)
  const init = readerInit(flags, signal)
  const reader = await openReader(init)
  try {
    await exportFolder(cid, reader.blocks, dir, {
      signal: init.signal,
      onProgress: (files) => terminal.progress(`${files} files`)
    })
  } finally {
    await reader[Symbol.asyncDispose]()
  }
  terminal.answer(`written to ${dir}`)
}
