/**
 * The table of commands: names, flags, help and examples. Each command's code is loaded only when
 * it runs, so that help and status answer at once.
 */
import { Command, InvalidArgumentError, Option } from 'commander'
import { addDataCommands } from './data/data-program.ts'
import { addForecastCommands } from './forecast-program.ts'
import { addFederationCommands, addNodeCommands } from './node-program.ts'
import type { Terminal } from './terminal.ts'

export interface Context {
  readonly terminal: Terminal
  /** Aborts on the first Ctrl-C. */
  readonly signal: AbortSignal
}

/** Lines of examples under a command's help. */
export const examples = (command: Command, ...lines: string[]): Command =>
  command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`)

/** A whole number in [min, max], else a usage error. */
export const whole =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text)
    if (Number.isSafeInteger(value) && value >= min && value <= max) return value
    throw new InvalidArgumentError(`must be a whole number from ${min} to ${max}.`)
  }

/** Several of a repeatable flag. */
export const collect = (value: string, previous: string[] = []): string[] => [...previous, value]

export const jsonFlag = (): Option => new Option('--json', 'print the answer as JSON')
export const homeFlag = (): Option =>
  new Option('--home <dir>', 'folder of the node (default: DRIFTMESH_HOME, then the XDG folder)')

const EXAMPLES = `
Examples:
  driftmesh demo                                the whole mesh on this machine
  driftmesh demo --data my-ocean-files/ --once  the same on your NetCDF files
  driftmesh data inspect my-ocean-files/*.nc    what is in the files, and what is understood
  driftmesh data fetch --help                   currents, wind and waves from public servers
  driftmesh forecast init my-ocean-files/       write a forecast file from them
  driftmesh simulate forecast.yaml --out out/   the same forecast without a network
  driftmesh skill forecast.yaml --drifters drifters.csv --restart PT24H
  driftmesh verify CID --all --bootstrap ADDR --root-key HEX

Exit codes: 0 ok, 1 failure, 2 usage, 3 invalid forecast or config, 4 node unreachable,
5 verification mismatch, 6 network or inputs gone, 70 defect, 130 interrupted.`

/** The program; parsing throws CommanderError instead of ending the process. */
export function buildProgram(context: Context): Command {
  const program = new Command('driftmesh')
    .description('A peer-to-peer mesh that forecasts where plastic drifts in the ocean.')
    .option('-v, --verbose', 'show the stack of an error')
    .addHelpText('after', EXAMPLES)
    .configureHelp({ showGlobalOptions: true })
  const demo = program
    .command('demo')
    .description('run the whole mesh on this machine: relay, coordinators, volunteers, forecast')
    .option('--data <dir>', 'folder with NetCDF files of currents (and wind, waves)')
    .option('--volunteers <n>', 'volunteer processes', whole(2, 64), 3)
    .option('--coordinators <n>', 'coordinator processes', whole(1, 8), 2)
    .option('--particles <n>', 'particles', whole(12, 10_000_000), 100_000)
    .option('--once', 'end after the self-check (the default without a terminal)')
    .addOption(homeFlag())
    .addOption(jsonFlag())
    .action(async (flags) => {
      const { runDemo } = await import('./demo-command.ts')
      await runDemo(flags, context)
    })
  examples(
    demo,
    'driftmesh demo --once                          ends after the self-check',
    'driftmesh demo --once --data my-ocean-files/   on your NetCDF files',
    'driftmesh demo --particles 10000 --coordinators 1 --volunteers 2'
  )
  program
    .command('version')
    .description('print the version')
    .action(async () => {
      const { printVersion } = await import('./version-command.ts')
      await printVersion(context)
    })
  addForecastCommands(program, context)
  addDataCommands(program, context)
  addNodeCommands(program, context)
  addFederationCommands(program, context)
  applyToAll(program, (command) => command.exitOverride().showSuggestionAfterError(true))
  return program
}

function applyToAll(command: Command, change: (command: Command) => void): void {
  change(command)
  for (const child of command.commands) applyToAll(child, change)
}
