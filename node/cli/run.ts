/**
 * Runs one command line to its exit code: parses, maps every kind of error to one clear line, and
 * turns the first Ctrl-C into an abort that lets the command end cleanly (a second one forces).
 */
import { inspect } from 'node:util'
import { CommanderError } from 'commander'
import { EXIT_CODES, isMeshError, MeshError } from '../mesh-error.ts'
import { buildProgram } from './program.ts'
import { guardStreams, openTerminal } from './terminal.ts'

/** Exit code of our own bug (DESIGN §4). */
const EXIT_DEFECT = 70
/** A command that is done but whose handles hang ends after this time all the same. */
const LINGER_MS = 2000

const isAbort = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError')

/** One error as the lines a person sees, and the exit code. */
function explain(error: unknown, isVerbose: boolean, wasInterrupted: boolean): [string, number] {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  if (wasInterrupted) return ['driftmesh: interrupted', EXIT_CODES['cli/interrupted']]
  if (error instanceof CommanderError)
    return ['', error.exitCode === 0 ? 0 : EXIT_CODES['cli/usage']]
  if (isMeshError(error)) {
    const cause = error.cause === undefined ? '' : `\ncause: ${inspect(error.cause)}`
    return [isVerbose ? `${error.code} ${stack}${cause}` : error.message, EXIT_CODES[error.code]]
  }
  if (isAbort(error)) return [`driftmesh: gave up waiting (${String(error)})`, 6]
  return [`driftmesh: this is a bug, please report it: ${stack}`, EXIT_DEFECT]
}

/** @returns the exit code; never throws */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  const interrupt = new AbortController()
  const onSignal = (): void => {
    if (interrupt.signal.aborted) process.exit(EXIT_CODES['cli/interrupted'])
    interrupt.abort(new MeshError('cli/interrupted', 'driftmesh: interrupted'))
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  guardStreams()
  const terminal = openTerminal()
  const isVerbose = args.includes('-v') || args.includes('--verbose')
  let code = 0
  try {
    const program = buildProgram({ terminal, signal: interrupt.signal })
    const isVersion = args.length === 1 && /^(-V|--version)$/.test(args[0] ?? '')
    await program.parseAsync(isVersion ? ['version'] : [...args], { from: 'user' })
  } catch (error) {
    const [text, exitCode] = explain(error, isVerbose, interrupt.signal.aborted)
    if (text !== '') terminal.say(text)
    code = exitCode
  }
  terminal.endProgress()
  setTimeout(() => process.exit(code), LINGER_MS).unref()
  return code
}
