/**
 * One body of every statement, filled with values that show its form. A change of a shape does not
 * compile here before its sample, and so its vector, has changed too.
 */
import { cborCid, toBlock, toRawBlock } from '../../protocol/canonical.ts'
import { DEFAULT_TIMERS } from '../../protocol/federation.ts'
import type { StatementKind, StatementOf } from '../../protocol/message.ts'
import { keyringOf } from '../../protocol/signed.ts'
import { smallPlan } from '../fixtures/plans/small-plan.ts'

export const NETWORK = 'vectors'
/** Secret keys of the vectors: 32 times one byte. */
export const SECRETS = { root: 1, coordinator: 2, witness: 3, operator: 4, peer: 5 } as const
const keyring = (name: keyof typeof SECRETS) =>
  keyringOf(new Uint8Array(32).fill(SECRETS[name]), NETWORK)

const key = (name: keyof typeof SECRETS): Uint8Array => keyring(name).key
const hash = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)
const link = (text: string) => toBlock({ kind: 'example', text }).cid
const raw = (text: string) => toRawBlock(new TextEncoder().encode(text)).cid

const AT_MS = 1_764_000_000_000
const plan = toBlock(smallPlan()).cid
const slot = { plan, member: 0, block: 1, window: 2 }
const holder = { peer: key('coordinator'), addresses: ['/ip4/192.0.2.1/tcp/4001'] }
const lease = hash(0x11)
const unit = link('work unit')
const who = { operator: key('operator'), peer: key('peer') }

const binding = { kind: 'binding' as const, ...who, expiresAtMs: AT_MS + 86_400_000 }
const bindingEnvelope = keyring('operator').sign('binding', binding)
const reveal = {
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
const revealEnvelope = keyring('peer').sign('reveal', reveal)
const witnessing = {
  kind: 'witnessing' as const,
  lease,
  unit,
  ...who,
  digest: hash(0x44),
  owner: key('coordinator'),
  atMs: AT_MS,
  nonce: hash(0x55)
}
const witnessEnvelope = keyring('witness').sign('witnessing', witnessing)
const commit = {
  kind: 'commit' as const,
  lease,
  unit,
  attempt: 1,
  ...who,
  digest: hash(0x44),
  atMs: AT_MS,
  witness: witnessEnvelope
}

const verdict = {
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
const verdictEnvelope = keyring('coordinator').sign('verdict', verdict)

const forecast = {
  kind: 'forecast' as const,
  plan,
  federation: link('federation'),
  product: link('product'),
  units: link('units'),
  gaps: [slot],
  version: 1
}
const cosignature = {
  kind: 'cosignature' as const,
  forecast: toBlock(forecast).cid,
  coordinator: key('coordinator'),
  recomputed: [slot]
}
const headOf = (byte: number) => ({
  kind: 'head' as const,
  coordinator: key('coordinator'),
  length: 1_000,
  head: hash(byte),
  atMs: AT_MS
})
const silence = {
  kind: 'silence' as const,
  plan,
  coordinator: key('coordinator'),
  atMs: AT_MS
}

interface Sample<K extends StatementKind> {
  readonly signer: keyof typeof SECRETS
  readonly body: StatementOf<K>
}

export const samples: { readonly [K in StatementKind]: Sample<K> } = {
  federation: {
    signer: 'root',
    body: {
      kind: 'federation',
      network: NETWORK,
      epoch: 1,
      coordinators: [
        { key: key('coordinator'), institution: 'Institute A', addresses: holder.addresses },
        { key: key('witness'), institution: 'Institute B', addresses: [] }
      ],
      signaturesNeeded: 2,
      kernels: [raw('kernel')],
      timers: DEFAULT_TIMERS,
      timeScale: 1.5
    }
  },
  binding: { signer: 'operator', body: binding },
  admission: {
    signer: 'operator',
    body: { kind: 'admission', operator: key('operator'), epoch: 1, nonce: hash(0x66) }
  },
  vouch: {
    signer: 'coordinator',
    body: { kind: 'vouch', operator: key('operator'), expiresAtMs: AT_MS }
  },
  announcement: {
    signer: 'coordinator',
    body: {
      kind: 'announcement',
      plan,
      openCount: 24,
      kernel: raw('kernel'),
      forcing: link('forcing'),
      unitFuelMax: 14_400,
      memoryPagesMax: 800,
      priority: -3,
      deadlineAtMs: AT_MS + 21_600_000,
      atMs: AT_MS,
      nonce: 7
    }
  },
  'lease-request': {
    signer: 'peer',
    body: {
      kind: 'lease-request',
      request: hash(0x77),
      binding: bindingEnvelope,
      coreCount: 4,
      memoryPagesMax: 16_384,
      particleStepsPerSecond: 50_000_000,
      kernels: [raw('kernel')],
      cached: [link('forcing')],
      atMs: AT_MS
    }
  },
  'lease-grant': {
    signer: 'coordinator',
    body: {
      kind: 'lease-grant',
      request: hash(0x77),
      lease,
      slot,
      attempt: 1,
      term: 0,
      unit: new Uint8Array([0xa0]),
      ...who,
      grantedAtMs: AT_MS,
      expiresAtMs: AT_MS + 900_000,
      heartbeatMs: 30_000,
      sources: [holder],
      witnesses: [{ peer: key('witness'), addresses: [] }]
    }
  },
  refusal: {
    signer: 'coordinator',
    body: { kind: 'refusal', reason: 'nothing-open', retryAfterMs: 60_000 }
  },
  heartbeat: {
    signer: 'peer',
    body: { kind: 'heartbeat', lease, particleStepsDone: 7_200, atMs: AT_MS }
  },
  directive: {
    signer: 'coordinator',
    body: {
      kind: 'directive',
      lease,
      action: 'reveal',
      expiresAtMs: AT_MS + 900_000,
      retryAfterMs: 30_000,
      open: [3, 17]
    }
  },
  release: { signer: 'peer', body: { kind: 'release', lease, reason: 'finish' } },
  commit: { signer: 'peer', body: commit },
  'witness-request': {
    signer: 'peer',
    body: {
      kind: 'witness-request',
      grant: new Uint8Array([0xa0]),
      digest: hash(0x44),
      atMs: AT_MS
    }
  },
  witnessing: { signer: 'witness', body: witnessing },
  reveal: { signer: 'peer', body: reveal },
  verdict: { signer: 'coordinator', body: verdict },
  'plan-proposal': {
    signer: 'coordinator',
    body: { kind: 'plan-proposal', plan, submittedAtMs: AT_MS, sources: [holder] }
  },
  'verdict-notice': {
    signer: 'coordinator',
    body: { kind: 'verdict-notice', verdict: verdictEnvelope }
  },
  attestation: {
    signer: 'witness',
    body: {
      kind: 'attestation',
      verdict: cborCid(verdictEnvelope),
      slot,
      result: link('result'),
      coordinator: key('witness'),
      segment: 17,
      atMs: AT_MS
    }
  },
  'gap-notice': {
    signer: 'coordinator',
    body: { kind: 'gap-notice', slot, term: 0, reason: 'deadline' }
  },
  forecast: { signer: 'coordinator', body: forecast },
  cosignature: { signer: 'coordinator', body: cosignature },
  'forecast-proposal': {
    signer: 'coordinator',
    body: { kind: 'forecast-proposal', body: toBlock(forecast).bytes }
  },
  acknowledgement: {
    signer: 'witness',
    body: {
      kind: 'acknowledgement',
      of: link('notice'),
      cosignature: keyring('coordinator').sign('cosignature', cosignature)
    }
  },
  publication: {
    signer: 'coordinator',
    body: {
      kind: 'publication',
      forecast: link('folder'),
      product: link('product'),
      plan,
      name: 'elba-2014',
      atMs: AT_MS
    }
  },
  head: { signer: 'coordinator', body: headOf(0x88) },
  silence: { signer: 'witness', body: silence },
  deposition: {
    signer: 'witness',
    body: {
      kind: 'deposition',
      plan,
      coordinator: key('coordinator'),
      silences: [keyring('witness').sign('silence', silence)]
    }
  },
  'equivocation-proof': {
    signer: 'witness',
    body: {
      kind: 'equivocation-proof',
      about: 'head',
      first: keyring('coordinator').sign('head', headOf(0x88)),
      second: keyring('coordinator').sign('head', headOf(0x99))
    }
  },
  'fraud-proof': {
    signer: 'coordinator',
    body: {
      kind: 'fraud-proof',
      unit: new Uint8Array([0xa0]),
      binding: bindingEnvelope,
      reveal: revealEnvelope,
      result: new Uint8Array([0xa0]),
      segment: 17,
      found: { state: link('state'), outputs: [raw('outputs')] }
    }
  },
  'mismatch-proof': {
    signer: 'coordinator',
    body: {
      kind: 'mismatch-proof',
      binding: bindingEnvelope,
      commit: keyring('peer').sign('commit', commit),
      reveal: revealEnvelope
    }
  },
  'log-request': { signer: 'witness', body: { kind: 'log-request', from: 10, to: 20 } },
  'log-entries': {
    signer: 'coordinator',
    body: { kind: 'log-entries', from: 10, before: hash(0x88), entries: [new Uint8Array([0xa0])] }
  }
}
