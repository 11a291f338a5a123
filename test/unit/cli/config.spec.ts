/** The config file: what may stand in it, where it lies, and what comes before it. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { configPath, readConfig, withConfig } from '../../../node/cli/config/config-file.ts'
import { setting, withNet } from '../../../node/cli/node-flags.ts'
import { whole } from '../../../node/cli/program.ts'
import {
  bytesOf,
  bytesPerSecondOf,
  spanMsOf,
  spanText
} from '../../../node/cli/volunteer/quantity.ts'

const problemsOf = (text: string): string[] => {
  try {
    readConfig(text, 'c.yaml')
    return []
  } catch (error) {
    return (error as Error).message.split('\n')
  }
}

describe('quantities', () => {
  it('sizes, rates and times as people write them', () => {
    const cases: [number | undefined, number | undefined][] = [
      [bytesOf('2 GB'), 2e9],
      [bytesOf('1.5GiB'), 1.5 * 2 ** 30],
      [bytesOf('17'), 17],
      [bytesOf('2 GX'), undefined],
      [bytesOf(''), undefined],
      [bytesPerSecondOf('200 kB/s'), 200_000],
      [spanMsOf('2h'), 7_200_000],
      [spanMsOf('1h30m'), 5_400_000],
      [spanMsOf('2'), undefined],
      [spanMsOf('h'), undefined]
    ]
    for (const [value, expected] of cases) assert.equal(value, expected)
    assert.equal(spanText(3_723_000), '1 h 2 min')
    assert.equal(spanText(90_000_000), '1 d 1 h')
    assert.equal(spanText(400), '1 s')
  })
})

describe('the config file', () => {
  it('reads every kind of setting', () => {
    const text = `effort: quiet
memory: 1.5 GB
upload: 200 kB/s
bootstrap: [/ip4/192.0.2.1/tcp/4001]
schedule:
  - { days: sat-mon, from: "22:00", to: "06:00", effort: full }
`
    const { schedule, ...rest } = readConfig(text, 'c.yaml')
    assert.deepEqual(rest, {
      effort: 'quiet',
      memory: 1.5e9,
      upload: 200_000,
      bootstrap: ['/ip4/192.0.2.1/tcp/4001']
    })
    const day = 24 * 60
    assert.deepEqual(
      schedule?.map(({ fromMinute, toMinute }) => [fromMinute, toMinute]),
      [
        [5 * day + 1320, 6 * day + 360],
        [6 * day + 1320, 360],
        [1320, day + 360]
      ]
    )
    assert.deepEqual(readConfig('', 'c.yaml'), {})
  })

  it('says where and what is wrong', () => {
    assert.deepEqual(problemsOf('effort: quite\n'), [
      'c.yaml:1:9 effort Invalid option: expected one of "quiet"|"normal"|"full"'
    ])
    assert.deepEqual(problemsOf('threads: 2\nshedule: []\n'), [
      'c.yaml:2:1 shedule unknown key; did you mean schedule?'
    ])
    assert.deepEqual(problemsOf('disk: much\n'), ['c.yaml:1:7 disk write it like 2 GB'])
    const period = (days: string, from: string) =>
      problemsOf(`schedule: [{ days: ${days}, from: "${from}", to: "9:00", effort: off }]\n`)
    assert.match(period('mon-foo', '8:00')[0] ?? '', /^c\.yaml:1:20 schedule\[0\]\.days write/)
    assert.match(period('daily', '8:75')[0] ?? '', /schedule\[0\]\.from write a time like/)
    assert.match(problemsOf('a: [')[0] ?? '', /^c\.yaml:\d+:\d+ /)
  })

  it('lies beside the home that is named, else in the XDG folder', () => {
    assert.equal(configPath('/h', {}), '/h/config.yaml')
    assert.equal(configPath(undefined, { DRIFTMESH_HOME: '/e' }), '/e/config.yaml')
    assert.equal(configPath('/h', { DRIFTMESH_CONFIG: '/c.yaml' }), '/c.yaml')
    assert.equal(configPath(undefined, { XDG_CONFIG_HOME: '/x' }), '/x/driftmesh/config.yaml')
  })

  it('comes after flags and environment, before defaults', async () => {
    const home = await mkdtemp(join(tmpdir(), 'driftmesh-config-'))
    const file = 'threads: 5\nrootKey: file\nfederation: file\nbootstrap: [file]\n'
    await writeFile(join(home, 'config.yaml'), file)
    process.env.DRIFTMESH_ROOT_KEY = 'environment'
    try {
      const command = withNet(new Command('start'))
        .addOption(setting('--threads <n>', '', whole(1, 9)).default(1))
        .addOption(setting('--duty <n>', '').default(100))
      command.parse(['--home', home, '--federation', 'flag'], { from: 'user' })
      const { home: _home, ...settings } = await withConfig<Record<string, unknown>>(command)
      assert.deepEqual(settings, {
        threads: 5,
        duty: 100,
        rootKey: 'environment',
        federation: 'flag',
        bootstrap: ['file']
      })
    } finally {
      delete process.env.DRIFTMESH_ROOT_KEY
      await rm(home, { recursive: true, force: true })
    }
  })
})
