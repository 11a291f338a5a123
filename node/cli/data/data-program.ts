/** The commands about data: inspect, fetch, import, list, show, checksum, rm. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { type Context, collect, examples, homeFlag, jsonFlag, whole } from '../program.ts'

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

/** Bytes of a set unless told otherwise: more is a slip in a box, oftener than a wish. */
const FETCH_BYTES_DEFAULT = 20e9

/** Deeper than any sea. */
const DEPTH_METRES_MAX = 12_000

const metres = (text: string): number => {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (value >= 0 && value <= DEPTH_METRES_MAX) return value
  throw new InvalidArgumentError(`must be metres from 0 to ${DEPTH_METRES_MAX}.`)
}

function addFetch(data: Command, context: Context): void {
  examples(
    data.command('fetch'),
    'driftmesh data presets',
    'driftmesh data fetch --preset gfs-wind --bbox 9,42,11,44 --from 2026-11-25 --to 2026-11-28',
    'driftmesh data fetch --source erddap --dataset https://HOST/erddap/griddap/ID \\',
    '      --variables u,v --bbox 170,-20,-170,-10 --from 2026-11-25 --to 2026-11-28',
    'driftmesh data fetch --source opendap --dataset https://HOST/thredds/dodsC/SET --depth 0 \\',
    '      --bbox 9,42,11,44 --from 2026-11-25T06:00:00Z --to 2026-11-26 --credentials netrc',
    'driftmesh data fetch --source http --dataset https://HOST/currents.nc --sha256 HEX',
    'driftmesh data fetch --source http --list urls.txt --checksums SHA256SUMS --name currents'
  )
    .description('get ocean data from a server into the catalogue; run again to go on')
    .addOption(new Option('--source <kind>').choices(['erddap', 'opendap', 'http']))
    .option('--preset <name>', 'a public server, see `data presets`')
    .option('--dataset <id>', 'id or address of the data set; of http any number', collect)
    .option('--list <file>', 'addresses of files, one a line (http)')
    .option('--server <url>', 'base of the ERDDAP, e.g. https://HOST/erddap')
    .option('--bbox <w,s,e,n>', 'box in degrees; west may be greater, across the date line')
    .option('--from <time>', 'first time, ISO 8601 in UTC')
    .option('--to <time>', 'last time')
    .option('--variables <names>', 'variables, with commas between')
    .option('--depth <metres>', 'nearest level to this', metres, 0)
    .option('--sha256 <hex>', 'digest that the file must have (http)')
    .option('--checksums <list>', 'list of sha256sum, a file or an address (http)')
    .option('--credentials <file>', 'netrc of mode 0600 (default: DRIFTMESH_CREDENTIALS)')
    .option('--max-bytes <n>', 'refuse more than this', whole(1, 1e15), FETCH_BYTES_DEFAULT)
    .option('--out <dir>', 'where the files go (default: below the home)')
    .option('--name <name>', 'name of the set (default: made from the data set)')
    .option('--title <text>', 'what it is')
    .option('--attribution <text>', 'who must be named in forecasts made with it')
    .option('--license <spdx>', 'licence of the data, e.g. CC-BY-4.0')
    .option('--replace', 'fetch again what the catalogue has')
    .addOption(homeFlag())
    .addOption(jsonFlag())
    .action(async (flags) => {
      const { fetchCommand } = await import('./fetch-command.ts')
      await fetchCommand(flags, context)
    })
  examples(data.command('presets'), 'driftmesh data presets --json')
    .description('public servers of currents, wind and waves, with their terms')
    .addOption(jsonFlag())
    .action(async (flags) => {
      const { presetsCommand } = await import('./fetch-command.ts')
      presetsCommand(flags, context)
    })
}

/** Adds them to the program. */
export function addDataCommands(program: Command, context: Context): void {
  const data = program.command('data').description('look at, fetch and keep ocean model files')
  examples(
    data.command('inspect <files...>'),
    'driftmesh data inspect currents.nc wind.nc',
    'driftmesh data inspect my-ocean-files/         every data file of a folder',
    'driftmesh data inspect my-ocean-files/ --png map.png',
    'driftmesh data inspect data:elba-currents      a set of the catalogue'
  )
    .description('what is in the files and what is understood: axes, units, roles, a map, warnings')
    .option('--png <file>', 'write the map of speed to this PNG file')
    .addOption(jsonFlag())
    .action(async (files, flags) => {
      const { inspectCommand } = await import('../inspect-command.ts')
      await inspectCommand(files, flags, context)
    })
  addFetch(data, context)
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
