/**
 * Where forcing comes from: the files of one role. A forecast names them as a file, a folder or a
 * glob; what they hold is decided by their content, never by their names.
 */
export type ForcingRole = 'current' | 'wind' | 'stokes'

/** The files of one role, in any order, and how the user wants them read. */
export interface ForcingSource {
  readonly role: ForcingRole
  readonly files: readonly string[]
  /** The nearest depth level to this is taken; the surface if absent. */
  readonly depthMetres?: number
  /** Names of the eastward and northward variable, where they are not understood by themselves. */
  readonly map?: { readonly u: string; readonly v: string }
}

/**
 * Files that a file name, folder or glob means, sorted, absolute.
 * @throws MeshError `forcing/unreadable` when there is none
 */
export function expandSource(_pattern: string, _baseDir: string): Promise<string[]> {
  throw new Error('being written')
}
