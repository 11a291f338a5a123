/**
 * Gives what went wrong below a name a reader knows: a file of the folder, a unit, an input. Block
 * stores only know CIDs.
 */
import { ShapeError } from '../../../protocol/shape.ts'
import { isMeshError, MeshError } from '../../mesh-error.ts'

/**
 * Runs `read`, naming `what` in its failures.
 * @throws MeshError net/block-missing, or verify/mismatch also for bytes of the wrong shape
 */
export async function naming<T>(what: string, read: () => Promise<T> | T): Promise<T> {
  try {
    return await read()
  } catch (cause) {
    if (isMeshError(cause, 'net/block-missing', 'verify/mismatch')) {
      const detail = { ...cause.detail, what: cause.detail.what ?? what }
      throw new MeshError(cause.code, `${what}: ${cause.message}`, {
        cause,
        detail,
        retryable: cause.retryable
      })
    }
    if (cause instanceof ShapeError) {
      throw new MeshError('verify/mismatch', `${what}: ${cause.message}`, {
        cause,
        detail: { what }
      })
    }
    throw cause
  }
}
