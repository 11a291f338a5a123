/**
 * One node of a local mesh as its own operating-system process. The child is tied to us by an IPC
 * channel: it says there when it is ready, and ends by itself when the channel closes, so that no
 * child outlives its parent, however the parent ends.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type ControlClient, openControlClient } from '../api/control-client.ts'
import { MeshError } from '../mesh-error.ts'
import { type Ready, readyShape } from '../service/parent.ts'

/** Longest start of a node on a busy machine with cold caches. */
const START_MS = 60_000
/** A child that ignores a request to stop is killed after this time. */
const STOP_MS = 8_000
/** Last lines of a child's stderr kept to explain a failed start. */
const STDERR_CHARS_MAX = 4000

export interface ChildNode {
  readonly name: string
  readonly home: string
  readonly ready: Ready
  readonly process: ChildProcess
  control(): Promise<ControlClient>
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>
  /** Asks to stop, waits, kills if need be. */
  stop(): Promise<void>
}

export interface ChildInit {
  readonly name: string
  readonly home: string
  /** Arguments of the driftmesh binary. */
  readonly args: readonly string[]
  /** Another program that speaks to its parent in the same way (hostile peers in tests). */
  readonly program?: string
  /** The process runs, ready or not. */
  readonly onStarted?: (pid: number) => void
  readonly signal?: AbortSignal
}

/** The program of this process: the source in a checkout, the bundle where it is one. */
export const binaryPath = (): string =>
  import.meta.url.endsWith('.mjs')
    ? fileURLToPath(new URL('./main.mjs', import.meta.url))
    : fileURLToPath(new URL('../main.ts', import.meta.url))

const hasEnded = (child: ChildProcess): boolean =>
  child.exitCode !== null || child.signalCode !== null

function untilReady(child: ChildProcess, init: ChildInit): Promise<Ready> {
  const { promise, resolve, reject } = Promise.withResolvers<Ready>()
  let stderr = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-STDERR_CHARS_MAX)
  })
  child.on('message', (message) => {
    const parsed = readyShape.safeParse(message)
    if (parsed.success) resolve(parsed.data)
  })
  const fail = (why: string): void =>
    reject(new MeshError('node/unreachable', `${init.name} ${why}${stderr ? `: ${stderr}` : ''}`))
  child.once('exit', (code, signal) => fail(`ended at its start (${code ?? signal})`))
  child.once('error', (error) => fail(`cannot be started (${error.message})`))
  const timer = setTimeout(() => fail(`was not ready after ${START_MS / 1000} s`), START_MS)
  init.signal?.addEventListener('abort', () => reject(init.signal?.reason), { once: true })
  return promise.finally(() => clearTimeout(timer))
}

async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (hasEnded(child)) return
  const gone = once(child, 'exit')
  child.kill(signal)
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  await gone
  clearTimeout(timer)
}

/** Starts a node and resolves when it serves. */
export async function startChildNode(init: ChildInit): Promise<ChildNode> {
  init.signal?.throwIfAborted()
  const program = init.program ?? binaryPath()
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', program, ...init.args, '--home', init.home],
    // Its own process group: Ctrl-C reaches the parent alone, which then stops us in order.
    { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], detached: true }
  )
  if (child.pid !== undefined) init.onStarted?.(child.pid)
  try {
    const ready = await untilReady(child, init)
    return {
      name: init.name,
      home: init.home,
      ready,
      process: child,
      control: () => openControlClient(init.home),
      kill: () => end(child, 'SIGKILL'),
      stop: () => end(child, 'SIGTERM')
    }
  } catch (error) {
    await end(child, 'SIGKILL')
    throw error
  }
}
