/**
 * Records everything the host does to the kernel while the units of the determinism matrix run:
 * modules, calls with their results, bytes written between calls, and a digest of the memory after
 * each call that makes output. replay_wasmtime.py replays it in an engine without JavaScript.
 *
 *   node trace-main.ts TRACE
 */
import { createHash } from 'node:crypto'
import { closeSync, openSync, writeSync } from 'node:fs'
import { builtInKernel } from '../../node/worker/kernel-file.ts'

type Call = (...args: (number | bigint)[]) => number | bigint | undefined
interface Engine {
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object) => { exports: Record<string, unknown> }
}

/** After these calls the host reads memory. */
const OUTPUTS = ['storeState', 'countDensity', 'writeTracks', 'writeNodeMetric']
const PAGE = 4096

const [path = ''] = process.argv.slice(2)
const file = openSync(path, 'w')
const say = (event: object): void => {
  writeSync(file, `${JSON.stringify(event)}\n`)
}
/** JSON has no 64-bit integers and no infinities. */
const plain = (value: number | bigint | undefined): unknown =>
  typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value))
    ? { text: String(value) }
    : value

const engine = (globalThis as unknown as { WebAssembly: Engine }).WebAssembly
const { Module, Instance } = engine
const bytesOf = new WeakMap<object, Uint8Array>()
let instances = 0

/** Pages of memory that the host changed since the shadow was made. */
function sayWrites(id: number, memory: Buffer, shadow: Buffer): void {
  for (let at = 0; at < memory.length; at += PAGE) {
    const end = at + PAGE
    const isSame = end <= shadow.length && memory.compare(shadow, at, end, at, end) === 0
    if (!isSame) say({ id, at, write: memory.toString('base64', at, end) })
  }
}

function recorded(id: number, exports: Record<string, unknown>): Record<string, unknown> {
  const { buffer } = exports.memory as { buffer: ArrayBuffer }
  let shadow = Buffer.from(new Uint8Array(buffer).slice())
  const all: Record<string, unknown> = { memory: exports.memory }
  for (const [name, value] of Object.entries(exports)) {
    if (typeof value !== 'function') continue
    all[name] = (...args: (number | bigint)[]) => {
      const now = (): Buffer => Buffer.from((exports.memory as { buffer: ArrayBuffer }).buffer)
      sayWrites(id, now(), shadow)
      const result = (value as Call)(...args)
      shadow = Buffer.from(now())
      const digest = OUTPUTS.includes(name)
        ? { digest: createHash('sha256').update(shadow).digest('hex') }
        : {}
      say({ id, call: name, args: args.map(plain), result: plain(result), ...digest })
      return result
    }
  }
  return all
}

// The kernel's host binding takes the engine from the global when it is first imported.
engine.Module = class {
  constructor(bytes: Uint8Array) {
    const module = new Module(bytes)
    bytesOf.set(module, bytes)
    // biome-ignore lint/correctness/noConstructorReturn: the engine's own object is wanted
    return module
  }
  static imports = (module: object): object[] =>
    (Module as unknown as { imports(module: object): object[] }).imports(module)
} as unknown as Engine['Module']
engine.Instance = class {
  exports: Record<string, unknown>
  constructor(module: object) {
    const id = instances++
    const bytes = Buffer.from(bytesOf.get(module) ?? [])
    say({ id, module: bytes.toString('base64') })
    this.exports = recorded(id, new Instance(module).exports)
  }
}
const { hashAll } = await import('./engine-units.ts')
say({ hash: hashAll(builtInKernel().bytes) })
closeSync(file)
