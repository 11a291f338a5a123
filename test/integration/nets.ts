/**
 * Nets on loopback for tests: each with its own key and folder, all stopped and removed at the end.
 */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NetInit } from '../../node/net/net.ts'
import { type OpenNet, openNet } from '../../node/net/open-net.ts'

export interface Nets {
  /** A folder removed at the end. */
  dir(): Promise<string>
  open(init?: Partial<NetInit>): Promise<OpenNet>
  /** Runs before the nets stop, last first: stores on top of them. */
  onStop(stop: () => Promise<void>): void
  stop(): Promise<void>
}

export function collectNets(): Nets {
  const nets: OpenNet[] = []
  const dirs: string[] = []
  const stops: (() => Promise<void>)[] = []
  const dir = async () => {
    const made = await mkdtemp(join(tmpdir(), 'driftmesh-test-'))
    dirs.push(made)
    return made
  }
  return {
    dir,
    open: async (init = {}) => {
      const net = await openNet({
        secretKey: randomBytes(32),
        home: init.home ?? (await dir()),
        bootstrap: [],
        role: 'volunteer',
        ...init
      })
      nets.push(net)
      return net
    },
    onStop: (stop) => stops.push(stop),
    stop: async () => {
      for (const stop of stops.reverse()) await stop()
      await Promise.all(nets.map((net) => net.stop()))
      await Promise.all(dirs.map((made) => rm(made, { recursive: true, force: true })))
    }
  }
}
