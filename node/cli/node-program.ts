/** The commands that run and watch nodes: start, stop, status, coordinator, relay, federation. */
import type { Command } from 'commander'
import { type Context, collect, homeFlag, jsonFlag, whole } from './program.ts'

const withNet = (command: Command): Command =>
  command
    .addOption(homeFlag())
    .option('--listen <addr>', 'multiaddr to listen on (repeatable)', collect)
    .option('--bootstrap <addr>', 'multiaddr of any peer of the mesh (repeatable)', collect)

function addStarts(program: Command, context: Context): void {
  withNet(program.command('start'))
    .description('run a volunteer node: computes work units for the mesh')
    .requiredOption('--federation <file>', 'signed federation manifest of the mesh')
    .option('--root-key <hex>', 'refuse a manifest that this key did not sign')
    .option('--threads <n>', 'kernel threads', whole(1, 1024), 1)
    .action(async (flags) => {
      const { startVolunteer } = await import('./node-command.ts')
      await startVolunteer(flags, context)
    })
  const coordinator = program.command('coordinator').description('run a coordinator peer')
  withNet(coordinator.command('start'))
    .description('plan, lease, verify and publish forecasts as one institution of a federation')
    .requiredOption('--federation <file>', 'signed federation manifest of the mesh')
    .option('--root-key <hex>', 'refuse a manifest that this key did not sign')
    .option('--threads <n>', 'kernel threads for its own checks', whole(1, 1024), 1)
    .action(async (flags) => {
      const { startCoordinator } = await import('./node-command.ts')
      await startCoordinator(flags, context)
    })
  const relay = program.command('relay').description('run a relay and bootstrap peer')
  withNet(relay.command('start'))
    .description('introduce newcomers and forward for peers that cannot be dialled')
    .option('--federation <file>', 'manifest of the mesh whose gossip it passes on')
    .action(async (flags) => {
      const { startRelay } = await import('./node-command.ts')
      await startRelay(flags, context)
    })
}

/** Adds them to the program. */
export function addNodeCommands(program: Command, context: Context): void {
  addStarts(program, context)
  program
    .command('stop')
    .description('stop the node that runs on this home')
    .addOption(homeFlag())
    .action(async (flags) => {
      const { stopNode } = await import('./node-status-command.ts')
      await stopNode(flags, context)
    })
  program
    .command('status')
    .description('what the node that runs on this home does')
    .addOption(homeFlag())
    .addOption(jsonFlag())
    .action(async (flags) => {
      const { nodeStatus } = await import('./node-status-command.ts')
      await nodeStatus(flags, context)
    })
  const identity = program.command('identity').description('keys of this node')
  identity
    .command('show')
    .description("print this home's public keys, made on first use")
    .addOption(homeFlag())
    .addOption(jsonFlag())
    .action(async (flags) => {
      const { showIdentity } = await import('./identity-command.ts')
      await showIdentity(flags, context)
    })
  const federation = program.command('federation').description('make and read federation manifests')
  federation
    .command('init')
    .description('make a federation manifest signed by a new or given root key')
    .requiredOption('--network <name>', 'name of the mesh')
    .requiredOption('--coordinator <key=institution>', 'hex key and name (repeatable)', collect)
    .option('--root <file>', 'root key file, made if absent', 'federation-root.key')
    .option('--out <file>', 'where to write it', 'federation.cbor')
    .option('--time-scale <n>', 'divide all timers by this (local meshes use 30)', Number, 1)
    .action(async (flags) => {
      const { initFederation } = await import('./identity-command.ts')
      await initFederation(flags, context)
    })
  federation
    .command('show <file>')
    .description('check a manifest and print what it says')
    .addOption(jsonFlag())
    .action(async (file, flags) => {
      const { showFederation } = await import('./identity-command.ts')
      await showFederation(file, flags, context)
    })
}
