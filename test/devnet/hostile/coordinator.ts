/**
 * A coordinator that says two things: of each of its verdicts it also signs another one, which
 * blames somebody, and shows it to the others a moment later.
 */
import { parseArgs } from 'node:util'
import type { Net } from '../../../node/net/net.ts'
import { openCoordinator } from '../../../node/service/coordinator.ts'
import { readFederation } from '../../../node/service/federation-file.ts'
import { lifetime, sayReady, untilAborted } from '../../../node/service/parent.ts'
import type { Verdict } from '../../../protocol/message/result.ts'
import type { Keyring } from '../../../protocol/signed.ts'

/** The other verdict comes when the first one is known. */
const LATER_MS = 1_000
const ANSWER_MS = 10_000

const { values } = parseArgs({
  args: process.argv.slice(2),
  strict: false,
  allowPositionals: true,
  options: {
    home: { type: 'string' },
    federation: { type: 'string' },
    bootstrap: { type: 'string' }
  }
})
const text = (value: string | boolean | undefined): string => String(value ?? '')
const federation = await readFederation(text(values.federation))

/** Shows a verdict to every other coordinator; what they answer does not matter to it. */
function show(verdict: Uint8Array, keyring: Keyring, net: Net): void {
  const notice = keyring.sign('verdict-notice', { kind: 'verdict-notice', verdict })
  for (const { key } of federation.body.coordinators) {
    if (Buffer.compare(key, keyring.key) === 0) continue
    const signal = AbortSignal.timeout(ANSWER_MS)
    net.request(key, 'cosign', notice, { signal }).catch(() => undefined)
  }
}

const tamper = (keyring: Keyring, net: Net): Keyring => ({
  key: keyring.key,
  sign: (kind, body) => {
    if (body.kind === 'verdict') {
      const verdict = body as unknown as Verdict
      const blamed = { operator: keyring.key, peer: keyring.key, fault: 'no-reveal' as const }
      const other = { ...verdict, faulty: [...verdict.faulty, blamed] }
      const envelope = keyring.sign('verdict', other)
      setTimeout(() => show(envelope, keyring, net), LATER_MS)
    }
    return keyring.sign(kind, body)
  }
})

const life = lifetime(new AbortController().signal)
process.once('SIGTERM', life.stop)
const node = await openCoordinator({
  home: text(values.home),
  federation: text(values.federation),
  bootstrap: [text(values.bootstrap)],
  threads: 1,
  onStop: life.stop,
  onDefect: life.stop,
  tamper
})
sayReady({ peerId: node.peerId, addresses: [...node.addresses] })
await untilAborted(life.signal)
await node.stop()
process.exit(0)
