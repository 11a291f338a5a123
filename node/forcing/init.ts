/**
 * A first forecast from a folder of data files: roles from the variables, period and seeding from
 * the data. Every choice is deterministic and is told to the user.
 */
export interface InitOptions {
  readonly particles: number
  /** At least this many blocks, so that every volunteer of a demo computes (default 12). */
  readonly blocksMin?: number
  /** At most this long (default 3). */
  readonly days?: number
  readonly signal?: AbortSignal
}

export interface InitializedForecast {
  /** The text of a forecast file, sources as absolute paths. */
  readonly yaml: string
  /** Choices taken, one sentence each, to be printed. */
  readonly notes: readonly string[]
}

/** @throws MeshError forcing/* */
export function initForecast(_dir: string, _options: InitOptions): Promise<InitializedForecast> {
  throw new Error('being written')
}
