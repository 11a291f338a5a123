/**
 * Opens the network of one process: libp2p over TCP with our services, wrapped as the `Net` port.
 */
import type { Libp2p } from 'libp2p'
import type { Net, NetInit } from './net.ts'

/** The port and, for the Helia store only, the libp2p host under it. */
export interface OpenNet extends Net {
  readonly libp2p: Libp2p
}

/** @throws MeshError `net/port-busy`, `store/locked` */
export async function openNet(_init: NetInit): Promise<OpenNet> {
  throw new Error('not written yet')
}
