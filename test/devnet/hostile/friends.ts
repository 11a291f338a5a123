/**
 * `leak` is honest but shows its commits and reveals in a folder; `copy` says what it finds there;
 * `replay` sends, word for word, what its friend signed.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ComputeUnit } from '../../../node/worker/kernel-pool.ts'
import { toBlock } from '../../../protocol/canonical.ts'
import type { Commit, Reveal } from '../../../protocol/message/result.ts'
import type { statement } from '../../../protocol/message.ts'
import type { Infer } from '../../../protocol/shape.ts'
import { bodyOf, type Keyring } from '../../../protocol/signed.ts'
import { type WorkUnit, workUnit } from '../../../protocol/work-unit.ts'
import { fabricate, type Tamper } from './lies.ts'

/** A friend that has not committed after this time does not have the unit. */
const FRIEND_MS = 20_000
const POLL_MS = 50

type Shown = 'commit' | 'reveal'
type Statement = Infer<typeof statement>

const shownFile = (dir: string, kind: Shown, unit: string): string => join(dir, `${kind}-${unit}`)

function show(dir: string, kind: Shown, unit: string, envelope: Uint8Array): void {
  mkdirSync(dir, { recursive: true })
  const file = shownFile(dir, kind, unit)
  writeFileSync(`${file}.${process.pid}`, envelope)
  renameSync(`${file}.${process.pid}`, file)
}

function shown(dir: string, kind: Shown, unit: string): Uint8Array | undefined {
  const file = shownFile(dir, kind, unit)
  return existsSync(file) ? new Uint8Array(readFileSync(file)) : undefined
}

const unitIn = (body: object): string => String((body as Commit | Reveal).unit)

export const leak = (dir: string): Tamper => ({
  compute: (compute) => compute,
  keyring: (keyring) => ({
    key: keyring.key,
    sign: (kind, body) => {
      const envelope = keyring.sign(kind, body)
      if (kind === 'commit' || kind === 'reveal') show(dir, kind, unitIn(body), envelope)
      return envelope
    }
  })
})

/** Waits for the friend's commit; what it computes meanwhile only fills the form. */
const waitForFriend =
  (dir: string, compute: ComputeUnit): ComputeUnit =>
  async (unit: WorkUnit, options) => {
    const cid = toBlock(workUnit(unit)).cid.toString()
    const endMs = performance.now() + FRIEND_MS
    const made = compute(unit, options).then((computed) => fabricate(computed))
    // Awaited below; until then a failure is not unhandled.
    made.catch(() => {})
    while (shown(dir, 'commit', cid) === undefined && performance.now() < endMs) {
      await sleep(POLL_MS, undefined, { ...(options?.signal ? { signal: options.signal } : {}) })
    }
    return await made
  }

/** The digest that a friend committed to for this unit. */
function digestOf(dir: string, unit: string): { digest?: Uint8Array } {
  const envelope = shown(dir, 'commit', unit)
  return envelope === undefined ? {} : { digest: bodyOf('commit', envelope).digest }
}

/**
 * What it says in its own name, with the words of its friend in it. A seal of another digest than
 * its own its own node would not take: what it has sealed is its own, what it commits to is not.
 */
function copied(dir: string, body: Statement): object {
  if (body.kind === 'commit') return digestOf(dir, `${body.unit}`)
  const envelope = body.kind === 'reveal' ? shown(dir, 'reveal', `${body.unit}`) : undefined
  if (envelope === undefined) return {}
  const { result, traceRoot, fuel, salt } = bodyOf('reveal', envelope)
  return { result, traceRoot, fuel, salt }
}

const copying = (dir: string, keyring: Keyring): Keyring => ({
  key: keyring.key,
  sign: (kind, body) => {
    const changes = copied(dir, body as unknown as Statement)
    return keyring.sign(kind, { ...body, ...changes })
  }
})

export const copy = (dir: string): Tamper => ({
  compute: (compute) => waitForFriend(dir, compute),
  keyring: (keyring) => copying(dir, keyring)
})

export const replay = (dir: string): Tamper => ({
  compute: (compute) => waitForFriend(dir, compute),
  keyring: (keyring) => ({
    key: keyring.key,
    sign: (kind, body) =>
      (kind === 'commit' || kind === 'reveal' ? shown(dir, kind, unitIn(body)) : undefined) ??
      keyring.sign(kind, body)
  })
})
