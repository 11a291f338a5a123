/** Admission of gossip: each reason by an example, and the order of the checks. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { admitAnnouncement, admitPublication } from '../../../protocol/admission.ts'
import { DEFAULT_TIMERS, type Federation } from '../../../protocol/federation.ts'
import { CLOCK_SKEW_MS, GOSSIP_BYTES_MAX } from '../../../protocol/limits.ts'
import type { Publication } from '../../../protocol/message/forecast.ts'
import type { Announcement } from '../../../protocol/message/lease.ts'
import { ed25519, signStatement } from '../../../protocol/signed.ts'
import { KERNEL, smallPlan } from '../../fixtures/plans/small-plan.ts'

const SECRET = new Uint8Array(32).fill(5)
const STRANGER = new Uint8Array(32).fill(6)
const NOW = 1_700_000_000_000
const federation: Federation = {
  kind: 'federation',
  network: 'net',
  epoch: 1,
  coordinators: [{ key: ed25519.publicKeyOf(SECRET), institution: 'one', addresses: [] }],
  signaturesNeeded: 1,
  kernels: [KERNEL],
  roots: [new Uint8Array(32)],
  rootsNeeded: 1,
  admissionBits: 0,
  timers: DEFAULT_TIMERS,
  timeScale: 1
}
const context = { federation, atMs: NOW }
const announcement: Announcement = {
  kind: 'announcement',
  plan: KERNEL,
  openCount: 1,
  kernel: KERNEL,
  forcing: smallPlan().forcing,
  unitFuelMax: 1,
  memoryPagesMax: 1,
  priority: 0,
  deadlineAtMs: NOW + 1000,
  atMs: NOW,
  nonce: 1
}
const publication: Publication = {
  kind: 'publication',
  forecast: KERNEL,
  product: KERNEL,
  plan: KERNEL,
  name: 'a',
  atMs: NOW
}
const sign = (body: Announcement, secret = SECRET, network = 'net'): Uint8Array =>
  signStatement('announcement', network, body, secret)

describe('admission of announcements', () => {
  it('accepts a fresh one from a coordinator', () => {
    const admission = admitAnnouncement(sign(announcement), context)
    assert.equal(admission.action, 'accept')
  })

  const cases: readonly (readonly [string, string, Uint8Array])[] = [
    ['reject', 'oversize', new Uint8Array(GOSSIP_BYTES_MAX + 1)],
    ['reject', 'malformed', Uint8Array.of(1, 2, 3)],
    ['reject', 'malformed', sign({ ...announcement, openCount: -1 })],
    ['reject', 'not-a-coordinator', sign(announcement, STRANGER)],
    ['reject', 'bad-signature', sign(announcement, SECRET, 'another')],
    ['ignore', 'unknown-kind', signStatement('publication', 'net', publication, SECRET)],
    ['ignore', 'stale', sign({ ...announcement, atMs: NOW - CLOCK_SKEW_MS - 1 })],
    ['ignore', 'early', sign({ ...announcement, atMs: NOW + CLOCK_SKEW_MS + 1 })],
    ['ignore', 'past-deadline', sign({ ...announcement, deadlineAtMs: NOW - 1 })],
    ['ignore', 'unknown-kernel', sign({ ...announcement, kernel: smallPlan().forcing })]
  ]
  for (const [index, [action, reason, bytes]] of cases.entries()) {
    it(`${action}s with ${reason} (${index})`, () => {
      assert.deepEqual(admitAnnouncement(bytes, context), { action, reason })
    })
  }

  it('never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        assert.equal(admitAnnouncement(bytes, context).action, 'reject')
      })
    )
  })
})

describe('admission of publications', () => {
  it('accepts one from a coordinator, also days later', () => {
    const bytes = signStatement('publication', 'net', publication, SECRET)
    for (const days of [0, 6]) {
      const admission = admitPublication(bytes, { federation, atMs: NOW + days * 86_400_000 })
      assert.equal(admission.action, 'accept', `${days} days`)
    }
    const old = admitPublication(bytes, { federation, atMs: NOW + 8 * 86_400_000 })
    assert.deepEqual(old, { action: 'ignore', reason: 'stale' })
  })
})
