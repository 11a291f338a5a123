/** What every kind of node is given and gives back: relay, coordinator and volunteer alike. */
import type { ListenAt } from '../gateway/listen-at.ts'
import type { Caps } from '../worker/effort/caps.ts'
import type { KernelThreads } from '../worker/kernel-threads.ts'

export interface NodeInit {
  readonly home: string
  /** Multiaddrs to listen on; the net's default where absent. */
  readonly listen?: readonly string[]
  /** Multiaddrs told to others instead (forwarded ports). */
  readonly announce?: readonly string[]
  readonly bootstrap: readonly string[]
  /** Called when another command of the user asks the node to stop. */
  readonly onStop: () => void
  /** Called when the process cannot go on: the node is stopped and the error ends the command. */
  readonly onDefect: (error: unknown) => void
}

/** A node that serves. */
export interface RunningNode {
  readonly peerId: string
  readonly addresses: readonly string[]
  stop(): Promise<void>
}

/** A member of a federation: a node that trusts a manifest. */
export interface MemberInit extends NodeInit {
  /** File with the signed federation manifest. */
  readonly federation: string
  /** Hex public key that must have signed it. */
  readonly rootKey?: string | undefined
  readonly threads: number
  /** What the user allows; where absent only the threads are limited. */
  readonly caps?: Caps
  /** Where its blocks are served over HTTP; nowhere where absent. */
  readonly gateway?: ListenAt | undefined
  /** Threads shared with other members of this process, instead of `threads` of its own. */
  readonly kernelThreads?: KernelThreads
}
