/** The commands that run and watch nodes: start, stop, status, coordinator, relay, federation. */
import type { Command } from 'commander'
import { withConfig } from './config/config-file.ts'
import { gatewayFlag, metricsFlag, setting, withNet } from './node-flags.ts'
import { type Context, collect, examples, homeFlag, jsonFlag, whole } from './program.ts'
import { addVolunteerCommands } from './volunteer/volunteer-program.ts'

function addStarts(program: Command, context: Context): void {
  const coordinator = program.command('coordinator').description('run a coordinator peer')
  examples(
    withNet(coordinator.command('start')),
    'driftmesh coordinator start --federation federation.cbor --bootstrap ADDR'
  )
    .description('plan, lease, verify and publish forecasts as one institution of a federation')
    .addOption(setting('--threads <n>', 'kernel threads for its own checks', whole(1, 1024)))
    .addOption(gatewayFlag())
    .addOption(metricsFlag())
    .action(async (_flags, command: Command) => {
      const { startCoordinator } = await import('./node-command.ts')
      await startCoordinator(await withConfig(command), context)
    })
  const relay = program.command('relay').description('run a relay and bootstrap peer')
  examples(withNet(relay.command('start')), 'driftmesh relay start --listen /ip4/0.0.0.0/tcp/4001')
    .description('introduce newcomers and forward for peers that cannot be dialled')
    .addOption(metricsFlag())
    .action(async (_flags, command: Command) => {
      const { startRelay } = await import('./node-command.ts')
      await startRelay(await withConfig(command), context)
    })
}

/** Adds them to the program. */
export function addNodeCommands(program: Command, context: Context): void {
  addVolunteerCommands(program, context)
  addStarts(program, context)
  addConfigCommands(program, context)
  examples(program.command('stop'), 'driftmesh stop')
    .description('stop the node that runs on this home')
    .addOption(homeFlag())
    .action(async (flags) => {
      const { stopNode } = await import('./node-status-command.ts')
      await stopNode(flags, context)
    })
  examples(program.command('drain'), 'driftmesh drain --home /srv/driftmesh')
    .description('let the node finish what is under way and take on nothing new')
    .addOption(homeFlag())
    .action(async (flags) => {
      const { drainNode } = await import('./node-status-command.ts')
      await drainNode(flags, context)
    })
  examples(program.command('status'), 'driftmesh status --json')
    .description('what the node that runs on this home does')
    .addOption(homeFlag())
    .addOption(jsonFlag())
    .action(async (flags) => {
      const { nodeStatus } = await import('./node-status-command.ts')
      await nodeStatus(flags, context)
    })
  const identity = program.command('identity').description('keys of this node')
  examples(identity.command('show'), 'driftmesh identity show --home /srv/driftmesh')
    .description("print this home's public keys, made on first use")
    .addOption(homeFlag())
    .addOption(jsonFlag())
    .action(async (flags) => {
      const { showIdentity } = await import('./identity-command.ts')
      await showIdentity(flags, context)
    })
  examples(
    identity.command('vouch <operator>'),
    'driftmesh identity vouch OPERATOR --federation federation.cbor --home /srv/coordinator'
  )
    .description('let an operator take part without proof of work, signed as a coordinator')
    .requiredOption('--federation <file>', 'signed federation manifest of the mesh')
    .option('--days <n>', 'how long it holds', whole(1, 366), 30)
    .option('--out <file>', 'where to write it', 'vouch.cbor')
    .addOption(homeFlag())
    .action(async (operator, flags) => {
      const { vouchFor } = await import('./identity-command.ts')
      await vouchFor(operator, flags, context)
    })
}

function addConfigCommands(program: Command, context: Context): void {
  const config = program.command('config').description('the config file of this user')
  examples(config.command('validate [file]'), 'driftmesh config validate')
    .description('check it; problems as file:line:col path message')
    .addOption(homeFlag())
    .action(async (file, flags) => {
      const { validateConfig } = await import('./config/config-command.ts')
      await validateConfig(file, flags, context)
    })
  examples(config.command('show'), 'driftmesh config show')
    .description('what it sets, as JSON')
    .addOption(homeFlag())
    .action(async (flags) => {
      const { showConfig } = await import('./config/config-command.ts')
      await showConfig(flags, context)
    })
  examples(config.command('path'), 'driftmesh config path')
    .description('where it lies')
    .addOption(homeFlag())
    .action(async (flags) => {
      const { showPath } = await import('./config/config-command.ts')
      showPath(flags, context)
    })
  examples(config.command('schema'), 'driftmesh config schema > driftmesh.schema.json')
    .description('its JSON Schema, for editors')
    .action(async () => {
      const { showSchema } = await import('./config/config-command.ts')
      showSchema(context)
    })
}

/** Who may coordinate, under the keys of the roots. */
export function addFederationCommands(program: Command, context: Context): void {
  const federation = program.command('federation').description('make and read federation manifests')
  const rootFlag = 'root key file (repeatable)'
  examples(
    federation.command('init'),
    'driftmesh federation init --network ocean --coordinator KEY="Institute A"'
  )
    .description('make a federation manifest signed by new or given root keys')
    .requiredOption('--network <name>', 'name of the mesh')
    .requiredOption('--coordinator <key=institution>', 'hex key and name (repeatable)', collect)
    .option('--root <file>', `${rootFlag}, made if absent (default: federation-root.key)`, collect)
    .option('--root-key <hex>', 'public key of a further root, who signs later', collect)
    .option('--roots-needed <n>', 'signatures a manifest needs', whole(1, 16))
    .option('--out <file>', 'where to write it', 'federation.cbor')
    .option('--time-scale <n>', 'divide all timers by this (local meshes use 30)', Number, 1)
    .action(async (flags) => {
      const { initFederation } = await import('./federation-command.ts')
      await initFederation(flags, context)
    })
  examples(
    federation.command('add <file>'),
    'driftmesh federation add federation.cbor --coordinator KEY="Institute B" --out next.cbor'
  )
    .description('make the manifest of the next epoch, for the roots to sign')
    .option('--coordinator <key=institution>', 'hex key and name (repeatable)', collect)
    .option('--remove <key>', 'hex key of a coordinator that leaves (repeatable)', collect)
    .option('--root <file>', `${rootFlag} to sign it with at once`, collect)
    .requiredOption('--out <file>', 'where to write it')
    .action(async (file, flags) => {
      const { addToFederation } = await import('./federation-command.ts')
      await addToFederation(file, flags, context)
    })
  examples(federation.command('sign <file>'), 'driftmesh federation sign next.cbor --root my.key')
    .description('add the signature of a root key to a manifest')
    .option('--root <file>', `${rootFlag} (default: federation-root.key)`, collect)
    .action(async (file, flags) => {
      const { signFederation } = await import('./federation-command.ts')
      await signFederation(file, flags, context)
    })
  examples(federation.command('show <file>'), 'driftmesh federation show federation.cbor')
    .description('check a manifest and print what it says')
    .addOption(jsonFlag())
    .action(async (file, flags) => {
      const { showFederation } = await import('./federation-command.ts')
      await showFederation(file, flags, context)
    })
}
