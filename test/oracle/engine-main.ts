/** Entry of the bundle that other engines run (scripts/determinism.ts): prints the hash. */
// @ts-expect-error: the bundler turns the module into bytes
import wasm from '../../kernel/kernel.wasm'
import { hashAll } from './engine-units.ts'

const engine = globalThis as unknown as {
  print?: (line: string) => void
  document?: { body: { textContent: string } }
}
let line: string
try {
  line = `hash ${hashAll(wasm as Uint8Array)}`
} catch (error) {
  line = `failed ${String(error)} ${error instanceof Error ? error.stack : ''}`
}
if (engine.document !== undefined) engine.document.body.textContent = line
else if (typeof engine.print === 'function') engine.print(line)
else console.log(line)
