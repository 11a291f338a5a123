/** Flags that several kinds of node have; each can also be set in the environment. */
import { type Command, Option } from 'commander'
import { collect, homeFlag } from './program.ts'

/** `--root-key` as DRIFTMESH_ROOT_KEY. */
const variableOf = (flags: string): string => {
  const [, name = ''] = /--([a-z-]+)/.exec(flags) ?? []
  return `DRIFTMESH_${name.toUpperCase().replaceAll('-', '_')}`
}

/** A flag that may also stand in the environment or the config file. */
export function setting<T>(flags: string, text: string, read?: (value: string) => T): Option {
  const option = new Option(flags, text).env(variableOf(flags))
  return read === undefined ? option : option.argParser(read)
}

/** Several addresses: the flag again and again, or separated by commas. */
const addresses = (value: string, previous?: string[]): string[] =>
  value.split(',').reduce((all, each) => collect(each.trim(), all), previous ?? [])

const ADDRESSES: [string, string][] = [
  ['--listen <addr>', 'multiaddr to listen on (repeatable)'],
  ['--announce <addr>', 'multiaddr to tell others instead (forwarded port)'],
  ['--bootstrap <addr>', 'multiaddr of any peer of the mesh (repeatable)']
]

/** Home, addresses and the federation. */
export function withNet(command: Command): Command {
  command.addOption(homeFlag())
  for (const [flags, text] of ADDRESSES) command.addOption(setting(flags, text, addresses))
  return command
    .addOption(setting('--federation <file>', 'signed federation manifest of the mesh'))
    .addOption(setting('--root-key <hex>', 'refuse a manifest that this key did not sign'))
}

export const gatewayFlag = (): Option =>
  setting(
    '--gateway <address>',
    'where its blocks are served over HTTP (default: 127.0.0.1:8642 or a free port), or off'
  )

export const metricsFlag = (): Option =>
  setting('--metrics <address>', 'where /livez, /readyz and /metrics are served, as 127.0.0.1:9464')
