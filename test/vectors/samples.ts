/**
 * One body of every statement, filled with values that show its form. A change of a shape does not
 * compile here before its sample, and so its vector, has changed too.
 */
import { cborCid, toBlock } from '../../protocol/canonical.ts'
import { DEFAULT_TIMERS } from '../../protocol/federation.ts'
import type { StatementKind, StatementOf } from '../../protocol/message.ts'
import {
  AT_MS,
  binding,
  bindingEnvelope,
  commit,
  cosignature,
  forecast,
  hash,
  headOf,
  holder,
  key,
  keyring,
  lease,
  link,
  NETWORK,
  plan,
  raw,
  reveal,
  revealEnvelope,
  type SECRETS,
  silence,
  slot,
  unit,
  verdict,
  verdictEnvelope,
  who,
  witnessing
} from './parts.ts'

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
      roots: [new Uint8Array(32)],
      rootsNeeded: 1,
      admissionBits: 0,
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
  receipt: {
    signer: 'coordinator',
    body: {
      kind: 'receipt',
      ...who,
      slot,
      unit,
      fuel: 14_400,
      verdict: cborCid(verdictEnvelope),
      atMs: AT_MS
    }
  },
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
      revision: 0,
      unit,
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
  'garbage-proof': {
    signer: 'coordinator',
    body: {
      kind: 'garbage-proof',
      binding: bindingEnvelope,
      reveal: revealEnvelope,
      block: new Uint8Array([0xa0])
    }
  },
  'log-request': { signer: 'witness', body: { kind: 'log-request', from: 10, to: 20 } },
  'log-entries': {
    signer: 'coordinator',
    body: { kind: 'log-entries', from: 10, before: hash(0x88), entries: [new Uint8Array([0xa0])] }
  }
}
