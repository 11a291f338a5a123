/** The commands of a volunteer: start with its caps, pause, resume, finish, contributions. */
import { type Command, Option } from 'commander'
import { EFFORTS } from '../../worker/effort/caps.ts'
import { withConfig } from '../config/config-file.ts'
import { gatewayFlag, metricsFlag, setting, withNet } from '../node-flags.ts'
import { type Context, examples, homeFlag, jsonFlag, whole } from '../program.ts'
import { bytesOf, bytesPerSecondOf, reading, spanMsOf } from './quantity.ts'

const size = reading(bytesOf, '2GB')
const rate = reading(bytesPerSecondOf, '200kB/s')

const EFFORT_HELP =
  'quiet: one core half the time, not while you type; normal: half the cores, one while you ' +
  'type, pauses on battery and for other programs; full: all cores, never pauses by itself'

function withEffort(command: Command): Command {
  return command
    .addOption(setting('--effort <level>', EFFORT_HELP).choices(EFFORTS).default('normal'))
    .addOption(setting('--threads <n>', 'units at the same time', whole(1, 1024)))
    .addOption(setting('--duty <percent>', 'share of the time each works', whole(1, 100)))
    .addOption(setting('--memory <size>', 'memory of units and their states', size))
    .addOption(setting('--disk <size>', 'inputs kept on disk, the longest unused go', size))
    .addOption(setting('--download <rate>', 'most bytes per second received', rate))
    .addOption(setting('--upload <rate>', 'most bytes per second sent', rate))
    .addOption(setting('--connections <n>', 'peers connected at most', whole(4, 1000)))
}

function addStart(program: Command, context: Context): void {
  const start = withEffort(withNet(program.command('start')))
  examples(
    start,
    'driftmesh start --federation federation.cbor --bootstrap /ip4/192.0.2.1/tcp/4001/p2p/PEER',
    'driftmesh start --effort quiet --upload 100kB/s',
    'driftmesh start --effort full --memory 8GB'
  )
    .description('run a volunteer node: computes work units for the mesh')
    .addOption(
      setting('--offline <hours>', 'out of reach for so long: leases last that', whole(1, 8))
    )
    .addOption(gatewayFlag())
    .addOption(metricsFlag())
    .action(async (_flags, command: Command) => {
      const { startVolunteer } = await import('../node-command.ts')
      await startVolunteer(await withConfig(command), context)
    })
}

/** Adds them to the program. */
export function addVolunteerCommands(program: Command, context: Context): void {
  addStart(program, context)
  examples(program.command('pause'), 'driftmesh pause --for 2h', 'driftmesh pause')
    .description('compute nothing for a while; what is computed so far is kept')
    .addOption(
      new Option('--for <time>', 'for so long (default: until resume)').argParser(
        reading(spanMsOf, '30m, 2h or 1d')
      )
    )
    .addOption(homeFlag())
    .action(async (flags) => {
      const { pauseNode } = await import('./volunteer-command.ts')
      await pauseNode(flags, context)
    })
  examples(program.command('resume'), 'driftmesh resume')
    .description('end a pause, also the one after failures')
    .addOption(homeFlag())
    .action(async (flags) => {
      const { resumeNode } = await import('./volunteer-command.ts')
      await resumeNode(flags, context)
    })
  examples(program.command('finish'), 'driftmesh finish')
    .description('take on nothing new, and stop when what is under way is decided')
    .addOption(homeFlag())
    .action(async (flags) => {
      const { finishNode } = await import('./volunteer-command.ts')
      await finishNode(flags, context)
    })
  addContributions(program, context)
}

function addContributions(program: Command, context: Context): void {
  const contributions = program
    .command('contributions')
    .description('what this operator has contributed, by signed receipts')
  examples(
    contributions
      .command('show', { isDefault: true })
      .description('sum them up, or write a certificate that others can check'),
    'driftmesh contributions',
    'driftmesh contributions --certificate mine.json'
  )
    .option('--certificate <file>', 'write the receipts as a certificate')
    .option('--federation <file>', 'manifest, to read the records of a node that does not run')
    .addOption(homeFlag())
    .addOption(jsonFlag())
    .action(async (flags) => {
      const { showContributions } = await import('./volunteer-command.ts')
      await showContributions(flags, context)
    })
  examples(
    contributions.command('verify <file>'),
    'driftmesh contributions verify mine.json --root-key HEX'
  )
    .description('check a certificate, without a network')
    .option('--root-key <hex>', 'the root key that its federation must be signed by')
    .addOption(jsonFlag())
    .action(async (file, flags) => {
      const { checkCertificate } = await import('./volunteer-command.ts')
      await checkCertificate(file, flags, context)
    })
}
