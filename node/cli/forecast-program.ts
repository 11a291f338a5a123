/** The commands about forecasts: simulate, skill, forecast, verify, get. */
import { availableParallelism } from 'node:os'
import type { Command } from 'commander'
import { type Context, collect, examples, homeFlag, jsonFlag, whole } from './program.ts'

const threadsDefault = Math.max(1, availableParallelism())

const withReader = (command: Command): Command =>
  command
    .option('--bootstrap <addr>', 'multiaddr of any peer of the mesh (repeatable)', collect)
    .option('--from <dir>', 'read from a block folder (blocks/ of a node home) instead')
    .option('--timeout <seconds>', 'give up after this time', whole(1, 86_400), 600)

function addForecastGroup(program: Command, context: Context): void {
  const forecast = program.command('forecast').description('write, check and run forecast files')
  examples(
    forecast.command('init <dir>'),
    'driftmesh forecast init my-ocean-files/',
    'driftmesh forecast init my-ocean-files/ --days 5 --particles 20000 --out week.yaml'
  )
    .description('write a forecast file from a folder of data files')
    .option('--particles <n>', 'particles', whole(1, 100_000_000), 100_000)
    .option('--days <n>', 'longest forecast in days', whole(1, 366), 3)
    .option('--out <file>', 'where to write it', 'forecast.yaml')
    .action(async (dir, flags) => {
      const { initCommand } = await import('./forecast-command.ts')
      await initCommand(dir, flags, context)
    })
  examples(forecast.command('validate <file>'), 'driftmesh forecast validate forecast.yaml')
    .description('check a forecast file without reading its data')
    .addOption(jsonFlag())
    .action(async (file, flags) => {
      const { validateCommand } = await import('./forecast-command.ts')
      await validateCommand(file, flags, context)
    })
  examples(
    forecast.command('plan <file>'),
    'driftmesh forecast plan forecast.yaml',
    'driftmesh forecast plan forecast.yaml --save plan/     the plan and its inputs as blocks'
  )
    .description('read the data and show the plan: what feeds what, units, cost, what is reused')
    .option('--save <dir>', 'keep the plan and its inputs here, as a folder of blocks')
    .addOption(homeFlag())
    .addOption(jsonFlag())
    .action(async (file, flags) => {
      const { planCommand } = await import('./forecast-command.ts')
      await planCommand(file, flags, context)
    })
  examples(forecast.command('submit <file>'), 'driftmesh forecast submit forecast.yaml --wait')
    .description('give a forecast file to the running coordinator')
    .option('--wait', 'wait until the forecast is published')
    .addOption(homeFlag())
    .addOption(jsonFlag())
    .action(async (file, flags) => {
      const { submitCommand } = await import('./submit-command.ts')
      await submitCommand(file, flags, context)
    })
  examples(forecast.command('list'), 'driftmesh forecast list --json')
    .description('forecasts that the running coordinator knows')
    .addOption(homeFlag())
    .addOption(jsonFlag())
    .action(async (flags) => {
      const { listCommand } = await import('./submit-command.ts')
      await listCommand(flags, context)
    })
  examples(
    forecast.command('status <plan>'),
    'driftmesh forecast status bafyrei...     the plan CID that submit printed'
  )
    .description('progress of one forecast, by its plan CID')
    .addOption(homeFlag())
    .addOption(jsonFlag())
    .action(async (plan, flags) => {
      const { statusCommand } = await import('./submit-command.ts')
      await statusCommand(plan, flags, context)
    })
}

function addReaders(program: Command, context: Context): void {
  examples(
    withReader(program.command('verify <cid>')),
    'driftmesh verify CID --all --root-key HEX --bootstrap /ip4/192.0.2.1/tcp/4001/p2p/PEER',
    'driftmesh verify CID --unit 0/3/0 --root-key HEX --from NODE-HOME/blocks',
    'driftmesh verify PROOF-CID --network ocean --from NODE-HOME/blocks'
  )
    .description('check a forecast (signatures, verdicts, every byte, re-running) or a proof')
    .option('--root-key <hex>', 'the root key of the federation (64 hex digits)')
    .option('--network <name>', 'the mesh in which a proof was signed')
    .option('--all', 're-run every unit')
    .option('--sample <percent>', 're-run a random share of the units, e.g. 2%')
    .option('--unit <id>', 're-run one unit, member/block/window')
    .option('--out <dir>', 'also write the verified folder here')
    .option('--threads <n>', 'kernel threads', whole(1, 1024), threadsDefault)
    .addOption(jsonFlag())
    .action(async (cid, flags) => {
      const { verifyCommand } = await import('./read/verify-command.ts')
      await verifyCommand(cid, flags, context)
    })
  examples(
    withReader(program.command('get <cid> <dir>')),
    'driftmesh get CID forecast/ --bootstrap /ip4/192.0.2.1/tcp/4001/p2p/PEER',
    'driftmesh get CID forecast/ --from NODE-HOME/blocks'
  )
    .description('fetch a forecast folder from the mesh into a new folder')
    .action(async (cid, dir, flags) => {
      const { getCommand } = await import('./read/verify-command.ts')
      await getCommand(cid, dir, flags, context)
    })
}

function addOpen(program: Command, context: Context): void {
  examples(
    program.command('open <what>'),
    'driftmesh open CID                      at the gateway of the node that runs here',
    'driftmesh open CID --bootstrap /ip4/192.0.2.1/tcp/4001/p2p/PEER',
    'driftmesh open out/                     a folder that simulate or get wrote'
  )
    .description('say where a browser finds a forecast, and serve it if no node does')
    .option('--bootstrap <addr>', 'multiaddr of any peer of the mesh (repeatable)', collect)
    .option('--from <dir>', 'serve a block folder (blocks/ of a node home)')
    .option('--gateway <address>', 'where to serve it (default: 127.0.0.1:8642 or a free port)')
    .addOption(homeFlag())
    .addOption(jsonFlag())
    .action(async (what, flags) => {
      const { openCommand } = await import('./read/open-command.ts')
      await openCommand(what, flags, context)
    })
}

/** Adds them to the program. */
export function addForecastCommands(program: Command, context: Context): void {
  examples(
    program.command('simulate <file>'),
    'driftmesh simulate forecast.yaml --out out/ --tracks tracks.csv',
    'driftmesh simulate forecast.yaml --json        the product CID and counts, as JSON'
  )
    .description('run a forecast file without a network: same kernel, same product CID')
    .option('--out <dir>', 'write the product folder here')
    .option('--tracks <csv>', 'write the sampled tracks to this CSV file')
    .option('--threads <n>', 'kernel threads', whole(1, 1024), threadsDefault)
    .option('--bootstrap <addr>', 'peer of a mesh for ipfs:// sources (repeatable)', collect)
    .option('--from <dir>', 'block folder for ipfs:// sources')
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
  addForecastGroup(program, context)
  addReaders(program, context)
  addOpen(program, context)
}
