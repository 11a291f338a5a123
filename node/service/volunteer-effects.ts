/** Carries out what the volunteer's core asks for; every answer comes back as an event. */
import type { CID } from 'multiformats/cid'
import { equals } from 'uint8arrays/equals'
import { decode, toBlock } from '../../protocol/canonical.ts'
import { openLeaseAnswer } from '../../protocol/inbound.ts'
import { unitResult } from '../../protocol/result.ts'
import { ShapeError } from '../../protocol/shape.ts'
import type { Curve } from '../../protocol/signed.ts'
import { isMeshError, reasonOf } from '../mesh-error.ts'
import type { Net } from '../net/net.ts'
import type { Blocks } from '../store/blocks.ts'
import type { Log } from '../telemetry/log.ts'
import type { KeptStates } from '../worker/kept-states.ts'
import type { ComputeUnit } from '../worker/kernel-pool.ts'
import type { VolunteerEffect } from '../worker/volunteer/effect.ts'
import type { VolunteerEvent } from '../worker/volunteer/event.ts'

/** A coordinator answers at once; one that does not is asked again by the core. */
const ASK_MS = 15_000
/** Inputs also come from peers we are connected to: a source that cannot be dialled is no loss. */
const CONNECT_MS = 5_000
/** Progress only feeds the heartbeat. */
const PROGRESS_MS = 250

/** That it arrived: a frame is never empty. */
const HEARD = Uint8Array.of(1)

type EffectOf<K extends VolunteerEffect['kind']> = Extract<VolunteerEffect, { kind: K }>
type Bare<E> = E extends VolunteerEvent ? Omit<E, 'atMs' | 'entropy'> : never
export type BareVolunteerEvent = Bare<VolunteerEvent>

export interface VolunteerDeps {
  readonly network: string
  readonly curve: Curve
  readonly net: Net
  readonly blocks: Blocks
  readonly compute: ComputeUnit
  /** Nothing more is wanted of this unit: what was kept of its run goes. */
  readonly forget: (unit: CID) => Promise<void>
  /** Blocks of the state that a segment of our result starts from. */
  readonly openState: KeptStates['open']
  readonly log: Log
  readonly post: (event: BareVolunteerEvent) => void
  /** Aborts when the node stops. */
  readonly signal: AbortSignal
}

export interface VolunteerStatus {
  readonly computing: number
  readonly particleStepsDone: number
}

export interface VolunteerEffects {
  /** Starts one effect; never throws. */
  readonly perform: (effect: VolunteerEffect) => void
  readonly status: () => VolunteerStatus
}

/** What owners of our leases say unasked. */
export async function hearDirectives({ network, curve, net, post }: VolunteerDeps): Promise<void> {
  await net.handle('tell', async (frame, from) => {
    const answer = openLeaseAnswer(network, frame, curve)
    if (answer.kind !== 'directive') throw new ShapeError('type', 'is no directive')
    if (!equals(answer.said.signer, from)) throw new ShapeError('signer', 'is not the sender')
    post({ kind: 'told', said: answer.said })
    return HEARD
  })
}

/** Puts the states that segments of our result start from into the store. */
async function openStates(effect: EffectOf<'open'>, deps: VolunteerDeps): Promise<void> {
  const { lease, unit, result: root, segments } = effect
  const { blocks, log, post, signal } = deps
  try {
    const result = decode(unitResult, await blocks.get(root, { signal }))
    for (const segment of segments) {
      const state = await deps.openState(unit, result, segment, signal)
      for (const block of state) await blocks.put(block, { signal })
    }
  } catch (error) {
    if (signal.aborted) return
    log.warn('open.failed', { lease, reason: reasonOf(error) })
  }
  post({ kind: 'opened', lease })
}

export function volunteerEffects(deps: VolunteerDeps): VolunteerEffects {
  const { network, curve, net, blocks, log, post, signal } = deps
  const running = new Map<string, AbortController>()
  /** Units of the leases computed by this process. */
  const units = new Map<string, CID>()
  let particleStepsDone = 0

  const ask = async (effect: EffectOf<'ask'>): Promise<void> => {
    const { exchange, to, addresses, channel, envelope } = effect
    const limit = AbortSignal.any([signal, AbortSignal.timeout(ASK_MS)])
    try {
      const frame = await net.request(to, channel, envelope, { signal: limit, addresses })
      const answer = openLeaseAnswer(network, frame, curve)
      if (!equals(answer.said.signer, to)) throw new ShapeError('signer', 'is not who was asked')
      post({ kind: 'answered', exchange, answer })
    } catch (error) {
      log.debug('ask.unanswered', { channel, reason: reasonOf(error) })
      if (!signal.aborted) post({ kind: 'unanswered', exchange })
    }
  }

  const compute = async ({ lease, unit, sources }: EffectOf<'compute'>): Promise<void> => {
    const abort = new AbortController()
    running.set(lease, abort)
    units.set(lease, toBlock(unit).cid)
    const limit = AbortSignal.any([signal, abort.signal])
    const connectLimit = AbortSignal.any([limit, AbortSignal.timeout(CONNECT_MS)])
    let toldMs = 0
    try {
      await Promise.allSettled(sources.map((s) => net.connect(s.peer, s.addresses, connectLimit)))
      const startMs = performance.now()
      const onProgress = (done: number): void => {
        const nowMs = performance.now()
        if (nowMs - toldMs < PROGRESS_MS) return
        toldMs = nowMs
        post({ kind: 'progress', lease, particleStepsDone: done })
      }
      const { cid, result, blocks: made } = await deps.compute(unit, { signal: limit, onProgress })
      for (const block of made) await blocks.put(block, { signal: limit })
      const wallMs = performance.now() - startMs
      particleStepsDone += result.fuel
      const { traceRoot, fuel, states } = result
      const reached = { result: cid, state: states.at(-1) }
      post({ kind: 'computed', lease, ...reached, traceRoot, fuel, wallMs })
    } catch (error) {
      if (limit.aborted) return
      log.warn('compute.failed', { lease, reason: reasonOf(error) })
      const isMissing = isMeshError(error, 'net/block-missing', 'net/unreachable')
      post({ kind: 'compute-failed', lease, reason: isMissing ? 'inputs-missing' : 'failed' })
    } finally {
      running.delete(lease)
    }
  }

  /** The lease is over. */
  const forget = async (lease: string): Promise<void> => {
    const unit = units.get(lease)
    units.delete(lease)
    if (unit !== undefined) await deps.forget(unit)
  }

  const start = async (effect: VolunteerEffect): Promise<void> => {
    switch (effect.kind) {
      case 'persist':
        return
      case 'forget':
        return forget(effect.lease)
      case 'ask':
        return ask(effect)
      case 'compute':
        return compute(effect)
      case 'open':
        return openStates(effect, deps)
      case 'cancel':
        running.get(effect.lease)?.abort()
        return forget(effect.lease)
      case 'wake':
        return void setTimeout(() => post({ kind: 'tick' }), effect.afterMs).unref()
      case 'note':
        return log.info(effect.name, effect.fields)
    }
  }

  return {
    perform: (effect) => {
      start(effect).catch((error: unknown) =>
        log.error('effect.failed', { effect: effect.kind, reason: reasonOf(error) })
      )
    },
    status: () => ({ computing: running.size, particleStepsDone })
  }
}
