/**
 * Secret keys on disk: 32 raw bytes, mode 0600, written whole or not at all.
 */

/**
 * The secret in a file, made there on first use.
 * @throws MeshError `store/failed` when the file is not a secret of 32 bytes or cannot be written
 */
export async function loadOrCreateSecret(_file: string): Promise<Uint8Array> {
  throw new Error('not written yet')
}
