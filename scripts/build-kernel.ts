/**
 * Builds kernel/kernel.wasm from kernel/assembly with the pinned AssemblyScript compiler and writes
 * its CID beside it. `--check` builds in memory and fails when the bytes are not the committed
 * ones: the same source must always give the same kernel.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import asc from 'assemblyscript/asc'
import { equals } from 'uint8arrays/equals'
import { rawCid } from '../protocol/canonical.ts'

const ROOT = new URL('../', import.meta.url)
const WASM = new URL('kernel/kernel.wasm', ROOT)
const CID_FILE = new URL('kernel/kernel.cid', ROOT)

/** Every option that decides bytes; relaxed SIMD is not among the features. */
const OPTIONS = [
  ...['-O3', '--converge', '--noAssert', '--runtime', 'stub', '--enable', 'simd'],
  // 16,384 pages = 1 GiB; a unit's own limit lowers it when the module is loaded.
  ...['--maximumMemory', '16384', '--zeroFilledMemory', '--use', 'abort='],
  ...['--disableWarning', '112']
]

async function build(): Promise<Uint8Array> {
  let bytes: Uint8Array | undefined
  const { error, stderr } = await asc.main(
    ['kernel/assembly/index.ts', '--outFile', 'kernel.wasm', ...OPTIONS],
    {
      readFile: (name: string) => {
        try {
          return readFileSync(new URL(name, ROOT), 'utf8')
        } catch {
          return null
        }
      },
      writeFile: (_name: string, contents: Uint8Array | string) => {
        if (typeof contents !== 'string') bytes = contents
      },
      listFiles: () => []
    }
  )
  if (error !== null || bytes === undefined) throw new Error(`asc failed\n${stderr.toString()}`)
  return bytes
}

const bytes = await build()
const cid = rawCid(bytes).toString()
if (process.argv.includes('--check')) {
  const isSame =
    equals(new Uint8Array(readFileSync(WASM)), bytes) &&
    readFileSync(CID_FILE, 'utf8').trim() === cid
  console.log(isSame ? `kernel.wasm is ${cid}` : `kernel.wasm is stale: the source gives ${cid}`)
  process.exitCode = isSame ? 0 : 1
} else {
  writeFileSync(WASM, bytes)
  writeFileSync(CID_FILE, `${cid}\n`)
  console.log(`kernel.wasm ${bytes.length} bytes ${cid}`)
}
