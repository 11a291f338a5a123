/**
 * What a command may print: the answer on stdout, messages and progress on stderr, so that output
 * can be piped. Progress redraws one line on a terminal and prints nothing that a log would choke
 * on elsewhere.
 */

/** Seconds between progress lines where stderr is no terminal. */
const PLAIN_PROGRESS_SECONDS = 5
/** Shortest time between two redraws on a terminal; faster is only flicker. */
const REDRAW_MS = 100

export interface Terminal {
  readonly isInteractive: boolean
  /** How a map on stdout is drawn: in colours on a terminal unless NO_COLOR is set. */
  readonly mapStyle: { readonly hasColours: boolean; readonly columns: number }
  /** One line of the answer, to stdout. */
  answer(line: string): void
  /** The answer as one JSON document, to stdout. */
  json(value: unknown): void
  /** One line for the person, to stderr. */
  say(line: string): void
  /** The state of a long job; replaces the previous one on a terminal. */
  progress(line: string): void
  /** Ends the progress line. */
  endProgress(): void
}

/**
 * A reader that left (`| head`) wants no more: end in silence. An answer that cannot be written is
 * a failure. Messages are not worth ending for.
 */
export function guardStreams(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    process.stderr.write(`cannot write the answer: ${error.message}\n`)
    process.exit(1)
  })
  process.stderr.on('error', () => {})
}

/** Columns of a file or pipe. */
const PLAIN_COLUMNS = 80

export function openTerminal(): Terminal {
  const isInteractive = process.stderr.isTTY === true
  // Off a terminal a short job prints no progress at all.
  let lastMs = isInteractive ? Number.NEGATIVE_INFINITY : performance.now()
  let isOpen = false
  const endProgress = (): void => {
    if (isOpen) process.stderr.write('\n')
    isOpen = false
  }
  const hasColours = process.stdout.isTTY === true && (process.env.NO_COLOR ?? '') === ''
  return {
    isInteractive,
    mapStyle: { hasColours, columns: process.stdout.columns ?? PLAIN_COLUMNS },
    answer: (line) => {
      endProgress()
      process.stdout.write(`${line}\n`)
    },
    json: (value) => {
      endProgress()
      process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
    },
    say: (line) => {
      endProgress()
      process.stderr.write(`${line}\n`)
    },
    progress: (line) => {
      const waitMs = isInteractive ? REDRAW_MS : PLAIN_PROGRESS_SECONDS * 1000
      const nowMs = performance.now()
      if (nowMs - lastMs < waitMs) return
      lastMs = nowMs
      isOpen = isInteractive
      process.stderr.write(isInteractive ? `\r\u001b[2K${line}` : `${line}\n`)
    },
    endProgress
  }
}

/** 1234567 as "1.2 M", for progress lines. */
export function shortCount(value: number): string {
  if (value >= 1e9) return `${(value / 1e9).toFixed(1)} G`
  if (value >= 1e6) return `${(value / 1e6).toFixed(1)} M`
  if (value >= 1e3) return `${(value / 1e3).toFixed(1)} k`
  return value.toFixed(0)
}

/** Before this share is done the mean rate is mostly that of starting up. */
const ETA_SHARE_MIN = 0.02

/** Remaining seconds of a job at its mean rate so far; undefined while too little is done. */
export function etaSeconds(
  done: number,
  total: number,
  elapsedSeconds: number
): number | undefined {
  if (done <= 0 || done < ETA_SHARE_MIN * total) return undefined
  return Math.max(0, Math.round(((total - done) / done) * elapsedSeconds))
}
