/**
 * Preload (`node --import`) of long simulations: the canonical encoding and SHA-2 come from fast/.
 * Bytes, CIDs and decisions are the same, and fast.spec.ts proves it on whole worlds.
 */
import { registerHooks } from 'node:module'

const own = (file: string): string => new URL(file, import.meta.url).href

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === '@noble/hashes/sha2.js' && !context.parentURL?.includes('/node_modules/')) {
      return { url: own('sha2.ts'), shortCircuit: true }
    }
    const resolved = next(specifier, context)
    return resolved.url.endsWith('/protocol/canonical.ts')
      ? { ...resolved, url: own('canonical.ts') }
      : resolved
  }
})
