/** The commands about forecasts and data: simulate, forecast, data, verify, get. */
import { availableParallelism } from 'node:os'
import type { Command } from 'commander'
import { type Context, collect, homeFlag, jsonFlag, whole } from './program.ts'

const threadsDefault = Math.max(1, availableParallelism())

const withReader = (command: Command): Command =>
  command
    .option('--bootstrap <addr>', 'multiaddr of any peer of the mesh (repeatable)', collect)
    .option('--from <dir>', 'read from the block folder of a node that is not running')
    .option('--timeout <seconds>', 'give up after this time', whole(1, 86_400), 600)

function addForecastGroup(program: Command, context: Context): void {
  const forecast = program.command('forecast').description('write, check and run forecast files')
  forecast
    .command('init <dir>')
    .description('write a forecast file from a folder of data files')
    .option('--particles <n>', 'particles', whole(1, 100_000_000), 100_000)
    .option('--days <n>', 'longest forecast in days', whole(1, 366), 3)
    .option('--out <file>', 'where to write it', 'forecast.yaml')
    .action(async (dir, flags) => {
      const { initCommand } = await import('./forecast-command.ts')
      await initCommand(dir, flags, context)
    })
  forecast
    .command('validate <file>')
    .description('check a forecast file without reading its data')
    .addOption(jsonFlag())
    .action(async (file, flags) => {
      const { validateCommand } = await import('./forecast-command.ts')
      await validateCommand(file, flags, context)
    })
  forecast
    .command('plan <file>')
    .description('read the data and show the plan: steps, units, work, what feeds what')
    .addOption(jsonFlag())
    .action(async (file, flags) => {
      const { planCommand } = await import('./forecast-command.ts')
      await planCommand(file, flags, context)
    })
  forecast
    .command('submit <file>')
    .description('give a forecast file to the running coordinator')
    .option('--wait', 'wait until the forecast is published')
    .addOption(homeFlag())
    .addOption(jsonFlag())
    .action(async (file, flags) => {
      const { submitCommand } = await import('./submit-command.ts')
      await submitCommand(file, flags, context)
    })
  forecast
    .command('list')
    .description('forecasts that the running coordinator knows')
    .addOption(homeFlag())
    .addOption(jsonFlag())
    .action(async (flags) => {
      const { listCommand } = await import('./submit-command.ts')
      await listCommand(flags, context)
    })
  forecast
    .command('status <plan>')
    .description('progress of one forecast, by its plan CID')
    .addOption(homeFlag())
    .addOption(jsonFlag())
    .action(async (plan, flags) => {
      const { statusCommand } = await import('./submit-command.ts')
      await statusCommand(plan, flags, context)
    })
}

function addReaders(program: Command, context: Context): void {
  withReader(program.command('verify <cid>'))
    .description('check a forecast: signatures, verdicts, every byte, and results by re-running')
    .requiredOption('--root-key <hex>', 'the root key of the federation (64 hex digits)')
    .option('--all', 're-run every unit')
    .option('--sample <percent>', 're-run a random share of the units, e.g. 2%')
    .option('--unit <id>', 're-run one unit, member/block/window')
    .option('--out <dir>', 'also write the verified folder here')
    .option('--threads <n>', 'kernel threads', whole(1, 1024), threadsDefault)
    .addOption(jsonFlag())
    .action(async (cid, flags) => {
      const { verifyCommand } = await import('./verify-command.ts')
      await verifyCommand(cid, flags, context)
    })
  withReader(program.command('get <cid> <dir>'))
    .description('fetch a forecast folder from the mesh into a new folder')
    .action(async (cid, dir, flags) => {
      const { getCommand } = await import('./verify-command.ts')
      await getCommand(cid, dir, flags, context)
    })
}

/** Adds them to the program. */
export function addForecastCommands(program: Command, context: Context): void {
  program
    .command('simulate <file>')
    .description('run a forecast file without a network: same kernel, same product CID')
    .option('--out <dir>', 'write the product folder here')
    .option('--tracks <csv>', 'write the sampled tracks to this CSV file')
    .option('--threads <n>', 'kernel threads', whole(1, 1024), threadsDefault)
    .addOption(jsonFlag())
    .action(async (file, flags) => {
      const { simulateCommand } = await import('./simulate-command.ts')
      await simulateCommand(file, flags, context)
    })
  program
    .command('skill <file>')
    .description('compare a forecast with real drifters: Liu–Weisberg skill and separations')
    .requiredOption('--drifters <file>', 'CSV or PANGAEA table of drifters (repeatable)', collect)
    .option('--restart <duration>', 'set out again from each drifter this often, e.g. PT24H')
    .option('--class <name>', 'class of the particles (default: that of the first seeding)')
    .option('--threads <n>', 'kernel threads', whole(1, 1024), threadsDefault)
    .addOption(jsonFlag())
    .action(async (file, flags) => {
      const { skillCommand } = await import('./skill-command.ts')
      await skillCommand(file, flags, context)
    })
  const data = program.command('data').description('look at ocean model files')
  data
    .command('inspect <files...>')
    .description('what is in the files and what is understood: axes, units, roles, warnings')
    .addOption(jsonFlag())
    .action(async (files, flags) => {
      const { inspectCommand } = await import('./simulate-command.ts')
      await inspectCommand(files, flags, context)
    })
  addForecastGroup(program, context)
  addReaders(program, context)
}
