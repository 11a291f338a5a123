/**
 * Makes products and forecast folders for a coordinator, each product once: assembling for the
 * check and for the publication is the same work.
 */
import type { CID } from 'multiformats/cid'
import type { CoordinatorEffect } from '../../coordinator/effect.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import type { Federation } from '../../protocol/federation.ts'
import type { Authentic } from '../../protocol/signed.ts'
import { type AssembledProduct, assembleProduct } from '../forecast/product/assemble.ts'
import { buildForecastFolder } from '../forecast/product/evidence/manifest.ts'
import type { Net } from '../net/net.ts'
import type { Blocks } from '../store/blocks.ts'

/** Providing walks the DHT; on a small mesh it takes a second. */
const PROVIDE_MS = 60_000
/** Assembled products kept for their publication; each is small beside its blocks. */
const ASSEMBLED_MAX = 16

type Assemble = Extract<CoordinatorEffect, { kind: 'assemble' }>
type Publish = Extract<CoordinatorEffect, { kind: 'publish' }>

export interface PublisherDeps {
  readonly federation: Authentic<Federation>
  readonly net: Net
  readonly blocks: Blocks
  readonly kernel: Kernel
  readonly signal: AbortSignal
}

export interface Publisher {
  /** The product of these results, in our store. */
  assemble(effect: Assemble | Publish): Promise<AssembledProduct>
  /** The forecast folder, in our store and provided on the DHT. @returns its CID */
  publish(effect: Publish): Promise<CID>
}

/** Names a set of results of a plan: what a product is a function of. */
const keyOf = ({ plan, settled }: Assemble | Publish): string =>
  [plan, ...settled.map(({ result }) => result)].join()

export function publisherOf({ federation, net, blocks, kernel, signal }: PublisherDeps): Publisher {
  const assembled = new Map<string, Promise<AssembledProduct>>()
  const assemble = (effect: Assemble | Publish): Promise<AssembledProduct> => {
    const key = keyOf(effect)
    const known = assembled.get(key)
    if (known !== undefined) return known
    const { body: plan, settled: slots } = effect
    const made = assembleProduct({ plan, slots, blocks, kernel, signal })
    assembled.set(key, made)
    made.catch(() => assembled.delete(key))
    const oldest = assembled.keys().next()
    if (assembled.size > ASSEMBLED_MAX && !oldest.done) assembled.delete(oldest.value)
    return made
  }
  return {
    assemble,
    publish: async (effect) => {
      const { forecast: body, cosignatures, verdicts, attestations } = effect
      const { forecast } = await buildForecastFolder({
        plan: await blocks.get(effect.plan, { signal }),
        body,
        cosignatures,
        verdicts,
        attestations,
        federation: federation.envelope,
        assembled: await assemble(effect),
        blocks,
        signal
      })
      const limit = AbortSignal.any([signal, AbortSignal.timeout(PROVIDE_MS)])
      for (const cid of [forecast, effect.plan]) await net.provide(cid, limit)
      return forecast
    }
  }
}
