/**
 * Which modules may run: no imports, no relaxed SIMD (found by walking instructions, not bytes),
 * one private memory, this layout.
 */
import assert from 'node:assert/strict'
import { type FaultCode, KernelFault } from '../../../kernel/fault.ts'
import { loadKernel } from '../../../kernel/kernel.ts'
import { checkedModule } from '../../../kernel/module-check.ts'
import { builtInKernel } from '../../../node/worker/kernel-file.ts'
import { type HostileOptions, hostileKernel } from './hostile-kernel.ts'

const refuses = (wasm: Uint8Array, code: FaultCode, message: RegExp, pages = 100): void => {
  assert.throws(
    () => loadKernel(wasm, { memoryPagesMax: pages }),
    (error) => error instanceof KernelFault && error.code === code && message.test(error.message)
  )
}

describe('kernel module check', () => {
  it('the built-in kernel passes and has no imports', () => {
    const { bytes } = builtInKernel()
    assert.ok(WebAssemblyModule.imports(new WebAssemblyModule(bytes)).length === 0)
    assert.ok(loadKernel(bytes))
  })

  const cases: readonly [string, HostileOptions, FaultCode, RegExp][] = [
    ['an import', { imports: true }, 'module', /import/],
    ['relaxed SIMD', { body: 'relaxed' }, 'module', /relaxed SIMD/],
    ['shared memory', { memoryFlags: 3 }, 'module', /shared/],
    ['64-bit memory', { memoryFlags: 5 }, 'module', /64-bit/],
    ['too many first pages', { pages: 101 }, 'memory', /101 pages/]
  ]
  for (const [what, options, code, message] of cases) {
    it(`refuses ${what}`, () => refuses(hostileKernel(options), code, message))
  }

  it('does not mistake the bytes of a constant for an instruction', () => {
    assert.ok(loadKernel(hostileKernel({ body: 'constant' })))
    assert.ok(loadKernel(hostileKernel()))
  })

  it('refuses a module cut anywhere', () => {
    const { bytes } = builtInKernel()
    for (let length = 8; length < bytes.length; length += 997) {
      refuses(bytes.subarray(0, length), 'module', /./, 16_384)
    }
  })

  it('refuses another layout', () => {
    refuses(hostileKernel({ body: 'grow' }), 'module', /layout 100/)
  })

  it('lowers the maximum of memory and changes nothing else', () => {
    const { bytes } = builtInKernel()
    const lowered = checkedModule(bytes, 20)
    assert.ok(Math.abs(lowered.length - bytes.length) <= 2)
    const same = checkedModule(bytes, 16_384)
    assert.deepEqual(same, new Uint8Array(bytes))
  })
})

/** The engine's module class; TypeScript knows it only with the types of a browser. */
const WebAssemblyModule = (
  globalThis as unknown as {
    WebAssembly: { Module: { new (bytes: Uint8Array): object; imports(module: object): object[] } }
  }
).WebAssembly.Module
