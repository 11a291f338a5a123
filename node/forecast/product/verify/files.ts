/**
 * Checks every byte of the folder: the product is assembled again from the unit results, the rest
 * again from what was signed, and each file fetched must be the one that came out.
 */
import type { CID } from 'multiformats/cid'
import type { Kernel } from '../../../../kernel/kernel.ts'
import type { Block } from '../../../../protocol/canonical.ts'
import type { Blocks } from '../../../store/blocks.ts'
import { assembleProduct, type SettledSlot } from '../assemble.ts'
import type { OpenedForecast } from '../evidence/evidence.ts'
import { writeForecastFolder } from '../evidence/manifest.ts'
import { mismatch } from '../evidence/verdict-evidence.ts'
import { type WalkedFile, walkFolder } from '../folder/unixfs.ts'
import { naming } from '../naming.ts'
import { readAhead } from '../results.ts'

const RAW_CODE = 0x55

export interface FilesInput {
  readonly cid: CID
  readonly forecast: OpenedForecast
  readonly slots: readonly SettledSlot[]
  readonly blocks: Blocks
  readonly kernel: Pick<Kernel, 'rowAreasKm2'>
  readonly signal?: AbortSignal | undefined
  readonly onFile?: (done: number, total: number) => void
  readonly onSegment?: (done: number, total: number) => void
}

/**
 * What the reader makes again goes here, never into its own store, where it would hide what is
 * missing or wrong. Of the product only the folders are kept: its data is compared by CID.
 */
function scratch(behind: Blocks): { product: Blocks; whole: Blocks } {
  const held = new Map<string, Uint8Array>()
  const keeping = (keeps: (block: Block) => boolean): Blocks => ({
    put: async (block) => {
      if (keeps(block)) held.set(block.cid.toString(), block.bytes)
    },
    get: async (cid, options) => held.get(cid.toString()) ?? behind.get(cid, options),
    has: async (cid) => held.has(cid.toString())
  })
  return { product: keeping(({ cid }) => cid.code !== RAW_CODE), whole: keeping(() => true) }
}

const isExtra = (path: string): boolean =>
  path === 'forecast.json' || path.startsWith('provenance/')

function compare(files: readonly WalkedFile[], expected: ReadonlyMap<string, CID>): void {
  const found = new Map(files.map((file) => [file.path, file.cid]))
  for (const { cid, path } of files) {
    const wanted = expected.get(path)
    if (wanted === undefined) throw mismatch(path, 'is not part of the forecast')
    if (!wanted.equals(cid)) throw mismatch(path, 'differs', cid, wanted)
  }
  const folders = new Set([...found.keys()].flatMap((path) => parentsOf(path)))
  for (const path of expected.keys()) {
    if (!found.has(path) && !folders.has(path)) throw mismatch(path, 'is not in the folder')
  }
}

const parentsOf = (path: string): string[] => {
  const names = path.split('/')
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join('/'))
}

/** Files of the forecast folder, each compared and read; their number. */
export async function checkFiles(input: FilesInput): Promise<number> {
  const { blocks, cid, forecast, kernel, signal, slots } = input
  const { product, whole } = scratch(blocks)
  const shared = signal === undefined ? {} : { signal }
  const onProgress = input.onSegment === undefined ? {} : { onProgress: input.onSegment }
  const assembled = await assembleProduct({
    plan: forecast.plan,
    slots,
    blocks: product,
    kernel,
    ...shared,
    ...onProgress
  })
  const files: WalkedFile[] = []
  for await (const file of walkFolder(cid, blocks, signal)) files.push(file)
  compare(
    files.filter(({ path }) => !isExtra(path)),
    assembled.files
  )
  const folder = await writeForecastFolder(forecast, assembled, whole, signal)
  compare(
    files.filter(({ path }) => isExtra(path)),
    folder.files
  )
  if (!folder.forecast.equals(cid)) {
    throw mismatch('forecast folder', 'is not the one its parts give', cid, folder.forecast)
  }
  let done = 0
  const read = (file: WalkedFile) =>
    naming(file.path, async () => {
      for await (const _ of file.content()) signal?.throwIfAborted()
    })
  for await (const _ of readAhead(files, read)) {
    done += 1
    input.onFile?.(done, files.length)
  }
  return files.length
}
