/** Volunteers that go away in the middle of a run, and somebody who says their last word again. */
import { toHex } from '../../../protocol/hex.ts'
import { bodyOf } from '../../../protocol/signed.ts'
import type { Population } from '../nodes/population.ts'
import type { World } from '../world/world.ts'

/** How often the last heartbeat of each lease is said again. */
const REPLAY_MS = 20_000

export function replayedAfter(
  { world, population }: { readonly world: World; readonly population: Population },
  {
    count,
    speed,
    goneMs
  }: { readonly count: number; readonly speed: number; readonly goneMs: number }
): void {
  const last = new Map<string, Uint8Array>()
  const tamper = (_keyring: unknown, kind: string, envelope: Uint8Array): Uint8Array => {
    if (kind !== 'heartbeat') return envelope
    last.set(toHex(bodyOf(kind, envelope).lease), envelope)
    return envelope
  }
  const gone = Array.from({ length: count }, () =>
    population.add(() => ({ name: 'replayed', isHonest: true, tamper }), speed)
  )
  world.after(goneMs, function replay() {
    for (const node of gone) if (node.isUp) population.remove(node)
    for (const envelope of last.values()) {
      for (const owner of world.network.listeners.keys()) {
        world.network.request('replayer', owner, envelope, () => undefined)
      }
    }
    world.after(REPLAY_MS, replay)
  })
}
