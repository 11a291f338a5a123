/**
 * Hostile volunteers as programs of their own that speak the real protocol. `wrong` fabricates a
 * consistent result; `leak` is honest but shows its commits and reveals to a friend; `copy`
 * computes nothing and says what its friend said.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import * as dagCbor from '@ipld/dag-cbor'
import { lifetime, sayReady, untilAborted } from '../../node/service/parent.ts'
import { openVolunteer, type VolunteerInit } from '../../node/service/volunteer.ts'
import type { ComputedUnit, ComputeUnit } from '../../node/worker/kernel-pool.ts'
import { toBlock, toRawBlock } from '../../protocol/canonical.ts'
import type { Commit, Reveal } from '../../protocol/message/result.ts'
import { STATE_PARTICLE_BYTES } from '../../protocol/result.ts'
import type { Keyring } from '../../protocol/signed.ts'
import { traceRootOf } from '../../protocol/trace.ts'
import { type WorkUnit, workUnit } from '../../protocol/work-unit.ts'

/** A friend that has not committed after this time does not have the unit. */
const FRIEND_MS = 20_000
const POLL_MS = 50

type Tamper = NonNullable<VolunteerInit['tamper']>

/**
 * Another last state, another trace, every hash consistent: a lie that only re-running shows. Each
 * liar has a lie of its own; liars that agree are another attack, which quorum alone cannot stop.
 */
function fabricate(honest: ComputedUnit): ComputedUnit {
  const { result } = honest
  const chunk = toRawBlock(new Uint8Array(randomBytes(STATE_PARTICLE_BYTES)))
  const particles = { firstParticle: 0, particleCount: 1, particleBytes: STATE_PARTICLE_BYTES }
  const state = toBlock({ kind: 'state', ...particles, chunks: [chunk.cid] })
  const states = [...result.states.slice(0, -1), state.cid]
  const lie = { ...result, states, traceRoot: traceRootOf({ ...result, states }) }
  const root = toBlock(lie)
  return { cid: root.cid, result: lie, blocks: [root, state, chunk, ...honest.blocks] }
}

const wrong: Tamper = {
  compute: (compute) => async (unit, options) => fabricate(await compute(unit, options)),
  keyring: (keyring) => keyring
}

const shownFile = (dir: string, kind: 'commit' | 'reveal', unit: string): string =>
  join(dir, `${kind}-${unit}`)

function show(dir: string, kind: 'commit' | 'reveal', body: Commit | Reveal): void {
  mkdirSync(dir, { recursive: true })
  const file = shownFile(dir, kind, body.unit.toString())
  writeFileSync(`${file}.tmp`, dagCbor.encode(body))
  renameSync(`${file}.tmp`, file)
}

function shown<T>(dir: string, kind: 'commit' | 'reveal', unit: string): T | undefined {
  const file = shownFile(dir, kind, unit)
  return existsSync(file) ? dagCbor.decode<T>(readFileSync(file)) : undefined
}

const leak = (dir: string): Tamper => ({
  compute: (compute) => compute,
  keyring: (keyring) => ({
    key: keyring.key,
    sign: (kind, body) => {
      if (body.kind === 'commit' || body.kind === 'reveal') show(dir, body.kind, body)
      return keyring.sign(kind, body)
    }
  })
})

/** Waits for the friend's commit instead of computing; what it returns only fills the form. */
const waitForFriend =
  (dir: string, compute: ComputeUnit): ComputeUnit =>
  async (unit: WorkUnit, options) => {
    const cid = toBlock(workUnit(unit)).cid.toString()
    const endMs = performance.now() + FRIEND_MS
    while (shown(dir, 'commit', cid) === undefined && performance.now() < endMs) {
      await sleep(POLL_MS, undefined, { ...(options?.signal ? { signal: options.signal } : {}) })
    }
    return fabricate(await compute(unit, options))
  }

const copyKeyring = (dir: string, keyring: Keyring): Keyring => ({
  key: keyring.key,
  sign: (kind, body) => {
    if (body.kind === 'commit') {
      const friend = shown<Commit>(dir, 'commit', body.unit.toString())
      return keyring.sign(kind, { ...body, digest: friend?.digest ?? body.digest } as typeof body)
    }
    if (body.kind === 'reveal') {
      const friend = shown<Reveal>(dir, 'reveal', body.unit.toString())
      if (friend === undefined) return keyring.sign(kind, body)
      const { result, traceRoot, fuel, salt } = friend
      return keyring.sign(kind, { ...body, result, traceRoot, fuel, salt } as typeof body)
    }
    return keyring.sign(kind, body)
  }
})

const copy = (dir: string): Tamper => ({
  compute: (compute) => waitForFriend(dir, compute),
  keyring: (keyring) => copyKeyring(dir, keyring)
})

const { values } = parseArgs({
  args: process.argv.slice(2),
  strict: false,
  allowPositionals: true,
  options: {
    home: { type: 'string' },
    federation: { type: 'string' },
    bootstrap: { type: 'string' },
    behaviour: { type: 'string' },
    shared: { type: 'string' }
  }
})
const text = (value: string | boolean | undefined): string => String(value ?? '')
const tampers = { wrong, leak: leak(text(values.shared)), copy: copy(text(values.shared)) }
const life = lifetime(new AbortController().signal)
process.once('SIGTERM', life.stop)
const node = await openVolunteer({
  home: text(values.home),
  federation: text(values.federation),
  bootstrap: [text(values.bootstrap)],
  threads: 1,
  onStop: life.stop,
  onDefect: life.stop,
  tamper: tampers[values.behaviour as keyof typeof tampers]
})
sayReady({ peerId: node.peerId, addresses: [...node.addresses] })
await untilAborted(life.signal)
await node.stop()
process.exit(0)
