/** The commands about data: inspect, fetch, import, list, show, checksum, rm. */
import type { Command } from 'commander'
import { type Context, examples, homeFlag, jsonFlag } from '../program.ts'

function addCatalogue(data: Command, context: Context): void {
  examples(
    data.command('import <files...>'),
    'driftmesh data import my-ocean-files/ --name elba-currents --attribution "Copernicus Marine"',
    'driftmesh data import currents/*.nc --name currents --license CC-BY-4.0'
  )
    .description('put files that are here into the catalogue; they stay where they are')
    .option('--name <name>', 'name of the set (default: made from the first file)')
    .option('--title <text>', 'what it is')
    .option('--attribution <text>', 'who must be named in forecasts made with it')
    .option('--license <spdx>', 'licence of the data, e.g. CC-BY-4.0')
    .option('--replace', 'replace a set of that name')
    .addOption(homeFlag())
    .addOption(jsonFlag())
    .action(async (files, flags) => {
      const { importCommand } = await import('./catalogue-commands.ts')
      await importCommand(files, flags, context)
    })
  examples(data.command('list'), 'driftmesh data list --json')
    .description('the sets of the catalogue')
    .addOption(homeFlag())
    .addOption(jsonFlag())
    .action(async (flags) => {
      const { listDataCommand } = await import('./catalogue-commands.ts')
      await listDataCommand(flags, context)
    })
  examples(data.command('show <name>'), 'driftmesh data show elba-currents')
    .description('where a set comes from, what was asked, its files and their digests')
    .addOption(homeFlag())
    .addOption(jsonFlag())
    .action(async (name, flags) => {
      const { showDataCommand } = await import('./catalogue-commands.ts')
      await showDataCommand(name, flags, context)
    })
  examples(data.command('rm <name>'), 'driftmesh data rm elba-currents')
    .description('take a set out of the catalogue, with the files that fetch put into the home')
    .addOption(homeFlag())
    .addOption(jsonFlag())
    .action(async (name, flags) => {
      const { removeDataCommand } = await import('./catalogue-commands.ts')
      await removeDataCommand(name, flags, context)
    })
}

/** Adds them to the program. */
export function addDataCommands(program: Command, context: Context): void {
  const data = program.command('data').description('look at, fetch and keep ocean model files')
  examples(
    data.command('inspect <files...>'),
    'driftmesh data inspect currents.nc wind.nc',
    'driftmesh data inspect my-ocean-files/         every data file of a folder',
    'driftmesh data inspect my-ocean-files/ --png map.png'
  )
    .description('what is in the files and what is understood: axes, units, roles, a map, warnings')
    .option('--png <file>', 'write the map of speed to this PNG file')
    .addOption(jsonFlag())
    .action(async (files, flags) => {
      const { inspectCommand } = await import('../inspect-command.ts')
      await inspectCommand(files, flags, context)
    })
  addCatalogue(data, context)
  examples(
    data.command('checksum [files...]'),
    'driftmesh data checksum currents.nc',
    'driftmesh data checksum --check SHA256SUMS'
  )
    .description('SHA-256 and CID of files, or check them against a list of sha256sum')
    .option('--check <list>', 'a list of digests; names are relative to it')
    .addOption(homeFlag())
    .addOption(jsonFlag())
    .action(async (files, flags) => {
      const { checksumCommand } = await import('./checksum-command.ts')
      await checksumCommand(files, flags, context)
    })
}
