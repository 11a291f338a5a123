/**
 * The two keys of a home: the peer key, which is also the libp2p identity (and, for a coordinator,
 * the institution's signing key), and the operator key, which may own many peers.
 */
import { join } from 'node:path'
import { loadOrCreateSecret } from '../../store/key-file.ts'

/** Secret of this process's peer. */
export const peerSecret = (home: string): Promise<Uint8Array> =>
  loadOrCreateSecret(join(home, 'peer.key'))

/** Secret of the operator; copy the file to let several machines compute as one operator. */
export const operatorSecret = (home: string): Promise<Uint8Array> =>
  loadOrCreateSecret(join(home, 'operator.key'))
