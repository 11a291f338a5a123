/**
 * Preload (`node --import`) of long simulations: canonical encoding, SHA-2, hex and trace roots
 * come from fast/. Bytes are the same but for trace roots (and what holds them); fast.spec.ts
 * compares the encoder. That whole worlds decide alike was looked at by hand, once.
 */
import { registerHooks } from 'node:module'

const own = (file: string): string => new URL(file, import.meta.url).href

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === '@noble/hashes/sha2.js' && !context.parentURL?.includes('/node_modules/')) {
      return { url: own('sha2.ts'), shortCircuit: true }
    }
    const resolved = next(specifier, context)
    if (context.parentURL?.includes('/sim/fast/')) return resolved
    const fast = /\/protocol\/((?:canonical|hex|trace)\.ts)$/.exec(resolved.url)?.[1]
    return fast === undefined ? resolved : { ...resolved, url: own(fast) }
  }
})
