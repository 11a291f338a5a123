/**
 * A TCP proxy in front of every node of a mesh, so that a test can part the network. It knows who
 * dialled (the process that owns the other end of the socket, from /proc), and so can cut, delay or
 * throttle the way between two nodes and leave every other way alone.
 */
import { randomInt } from 'node:crypto'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** What a way between two nodes does to what travels on it. */
export interface Way {
  /** Connections are broken off and refused. */
  readonly isCut?: boolean
  /** Every chunk is this late. */
  readonly delayMs?: number
  readonly bytesPerSecond?: number
}

export interface Proxies extends AsyncDisposable {
  /** A proxy for a node: where the node listens, and the port that others are told. */
  open(name: string): Promise<{ readonly listenPort: number; readonly announcePort: number }>
  /** The node's process, once it runs: from then on its dials carry its name. */
  name(name: string, pid: number): void
  /** The way between two nodes, in both directions; asked for every connection and chunk. */
  rule(way: (from: string, to: string) => Way): void
  /** Breaks off (with a reset) what the present rule cuts. */
  enforce(): Promise<void>
  /** Names of the nodes whose connections reached this node's proxy. */
  dialled(name: string): ReadonlySet<string>
}

interface Link {
  from: string
  readonly port: number
  readonly to: string
  readonly ends: readonly [Socket, Socket]
}

/**
 * Ports for nodes that start later: below those that the system gives to whoever dials, so that
 * nobody takes one in the meantime.
 */
const PORTS = { first: 12_000, count: 18_000 }

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer().once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })

async function freePort(): Promise<number> {
  for (;;) {
    const port = PORTS.first + randomInt(PORTS.count)
    if (await isFree(port)) return port
  }
}

/** Inode of the socket whose local port this is (Linux). */
async function inodeOf(port: number): Promise<string | undefined> {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of (await readFile(table, 'utf8').catch(() => '')).split('\n')) {
      const [, local = '', , , , , , , , inode] = line.trim().split(/\s+/)
      if (local.endsWith(`:${hex}`) && inode !== '0') return inode
    }
  }
  return undefined
}

async function holds(pid: number, inode: string): Promise<boolean> {
  const folder = `/proc/${pid}/fd`
  for (const fd of await readdir(folder).catch(() => [])) {
    const target = await readlink(`${folder}/${fd}`).catch(() => '')
    if (target === `socket:[${inode}]`) return true
  }
  return false
}

/** Sends on what arrives, as late and as slowly as the way says. */
function relay(from: Socket, to: Socket, wayNow: () => Way): void {
  let freeAtMs = 0
  let lastAtMs = 0
  let queued = 0
  from.on('data', (chunk: Buffer) => {
    const { delayMs = 0, bytesPerSecond } = wayNow()
    const nowMs = performance.now()
    const sendingMs = bytesPerSecond === undefined ? 0 : (chunk.length / bytesPerSecond) * 1000
    freeAtMs = Math.max(freeAtMs, nowMs) + sendingMs
    const waitMs = freeAtMs - nowMs + delayMs
    if (waitMs < 1 && queued === 0) {
      to.write(chunk)
      return
    }
    queued += 1
    if (sendingMs > 0) from.pause()
    // A timer never overtakes an earlier one: the way may have changed meanwhile.
    lastAtMs = Math.max(lastAtMs, nowMs + waitMs)
    setTimeout(() => {
      queued -= 1
      from.resume()
      if (!to.destroyed) to.write(chunk)
    }, lastAtMs - nowMs)
  })
  from.on('end', () => to.end())
  from.on('error', () => to.destroy())
  from.on('close', () => to.destroy())
}

export function openProxies(): Proxies {
  const pids = new Map<string, number>()
  const servers: Server[] = []
  const links = new Set<Link>()
  const dialled = new Map<string, Set<string>>()
  let way: (from: string, to: string) => Way = () => ({})

  const whoDialled = async (port: number): Promise<string> => {
    const inode = await inodeOf(port)
    if (inode === undefined) return ''
    for (const [name, pid] of pids) if (await holds(pid, inode)) return name
    return ''
  }

  const accept = async (to: string, listenPort: number, socket: Socket): Promise<void> => {
    socket.on('error', () => socket.destroy())
    const port = socket.remotePort ?? 0
    const from = await whoDialled(port)
    const seen = dialled.get(to) ?? new Set()
    dialled.set(to, seen.add(from))
    if (way(from, to).isCut) {
      socket.resetAndDestroy()
      return
    }
    const inner = connect(listenPort, '127.0.0.1')
    const link: Link = { from, port, to, ends: [socket, inner] }
    links.add(link)
    inner.on('close', () => links.delete(link))
    relay(socket, inner, () => way(link.from, to))
    relay(inner, socket, () => way(link.from, to))
    socket.resume()
  }

  return {
    open: async (name) => {
      const listenPort = await freePort()
      const server = createServer({ pauseOnConnect: true }, (socket) => {
        accept(name, listenPort, socket).catch(() => socket.destroy())
      })
      servers.push(server)
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      return { listenPort, announcePort: (server.address() as AddressInfo).port }
    },
    name: (name, pid) => void pids.set(name, pid),
    rule: (next) => {
      way = next
    },
    enforce: async () => {
      for (const link of [...links]) {
        // A node dials while it starts, before its process has a name here.
        if (link.from === '') link.from = await whoDialled(link.port)
        if (way(link.from, link.to).isCut) for (const socket of link.ends) socket.resetAndDestroy()
      }
    },
    dialled: (name) => dialled.get(name) ?? new Set(),
    [Symbol.asyncDispose]: async () => {
      for (const { ends } of links) for (const socket of ends) socket.destroy()
      await Promise.all(servers.map((server) => new Promise((done) => server.close(done))))
    }
  }
}
