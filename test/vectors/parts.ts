/** What the samples are made of: keys, links and the statements that others hold inside. */
import { toBlock, toRawBlock } from '../../protocol/canonical.ts'
import { keyringOf } from '../../protocol/signed.ts'
import { smallPlan } from '../fixtures/plans/small-plan.ts'

export const NETWORK = 'vectors'
/** Secret keys of the vectors: 32 times one byte. */
export const SECRETS = { root: 1, coordinator: 2, witness: 3, operator: 4, peer: 5 } as const
export const keyring = (name: keyof typeof SECRETS) =>
  keyringOf(new Uint8Array(32).fill(SECRETS[name]), NETWORK)

export const key = (name: keyof typeof SECRETS): Uint8Array => keyring(name).key
export const hash = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)
export const link = (text: string) => toBlock({ kind: 'example', text }).cid
export const raw = (text: string) => toRawBlock(new TextEncoder().encode(text)).cid

export const AT_MS = 1_764_000_000_000
export const plan = toBlock(smallPlan()).cid
export const slot = { plan, member: 0, block: 1, window: 2 }
export const holder = { peer: key('coordinator'), addresses: ['/ip4/192.0.2.1/tcp/4001'] }
export const lease = hash(0x11)
export const unit = link('work unit')
export const who = { operator: key('operator'), peer: key('peer') }

export const binding = { kind: 'binding' as const, ...who, expiresAtMs: AT_MS + 86_400_000 }
export const bindingEnvelope = keyring('operator').sign('binding', binding)
export const reveal = {
  kind: 'reveal' as const,
  lease,
  unit,
  attempt: 1,
  ...who,
  result: link('result'),
  traceRoot: hash(0x22),
  fuel: 14_400,
  salt: hash(0x33)
}
export const revealEnvelope = keyring('peer').sign('reveal', reveal)
export const witnessing = {
  kind: 'witnessing' as const,
  lease,
  unit,
  ...who,
  digest: hash(0x44),
  owner: key('coordinator'),
  atMs: AT_MS,
  nonce: hash(0x55)
}
export const witnessEnvelope = keyring('witness').sign('witnessing', witnessing)
export const commit = {
  kind: 'commit' as const,
  lease,
  unit,
  attempt: 1,
  ...who,
  digest: hash(0x44),
  atMs: AT_MS,
  witness: witnessEnvelope
}

export const verdict = {
  kind: 'verdict' as const,
  slot,
  term: 0,
  unit,
  result: link('result'),
  traceRoot: hash(0x22),
  fuel: 14_400,
  agreeing: [
    { ...who, binding: bindingEnvelope, reveal: revealEnvelope, witness: witnessEnvelope }
  ],
  dissenting: [],
  faulty: [{ ...who, fault: 'no-reveal' as const }]
}
export const verdictEnvelope = keyring('coordinator').sign('verdict', verdict)

export const forecast = {
  kind: 'forecast' as const,
  plan,
  federation: link('federation'),
  product: link('product'),
  units: link('units'),
  gaps: [slot],
  version: 1
}
export const cosignature = {
  kind: 'cosignature' as const,
  forecast: toBlock(forecast).cid,
  coordinator: key('coordinator'),
  recomputed: [slot]
}
export const headOf = (byte: number) => ({
  kind: 'head' as const,
  coordinator: key('coordinator'),
  length: 1_000,
  head: hash(byte),
  atMs: AT_MS
})
export const silence = {
  kind: 'silence' as const,
  plan,
  coordinator: key('coordinator'),
  atMs: AT_MS
}
