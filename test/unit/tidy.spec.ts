/**
 * The code about itself: the dependency law, the budgets and the bans of the house. Where a rule
 * makes the code worse, the exception stands here by name with its reason.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EXIT_CODES } from '../../node/mesh-error.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const ROOMS = ['node', 'kernel', 'coordinator', 'protocol', 'scripts', 'test'] as const
type Room = (typeof ROOMS)[number]

/** Which rooms a room may import (DESIGN §3); scripts and tests are leaves and know each other. */
const LAW: Record<Room, readonly Room[]> = {
  protocol: ['protocol'],
  kernel: ['kernel'],
  coordinator: ['coordinator', 'protocol'],
  node: ['node', 'coordinator', 'kernel', 'protocol'],
  scripts: ['scripts', 'test', 'node', 'coordinator', 'kernel', 'protocol'],
  test: ['test', 'scripts', 'node', 'coordinator', 'kernel', 'protocol']
}
/** npm packages of protocol/ and coordinator/ (DESIGN §3); kernel/ has none. */
const PURE_PACKAGES = ['multiformats', '@ipld/dag-cbor', '@noble/', 'uint8arrays']
/** The kernel's own source is one assembly; its generated code is not ours to cut. */
const EXEMPT = ['kernel/assembly/', 'test/fixtures/']

interface Source {
  readonly path: string
  readonly room: Room
  readonly text: string
  readonly lines: readonly string[]
}

const walk = (dir: string): string[] =>
  readdirSync(dir, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? walk(join(dir, entry.name)) : [join(dir, entry.name)]
  )

const sources: Source[] = ROOMS.flatMap((room) =>
  walk(join(ROOT, room))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => {
      const text = readFileSync(file, 'utf8')
      return { path: relative(ROOT, file), room, text, lines: text.split('\n') }
    })
).filter(({ path }) => !EXEMPT.some((prefix) => path.startsWith(prefix)))

const importsOf = ({ text }: Source): string[] =>
  [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '')

/** Every broken rule at once, so that one run tells all. */
const none = (offences: string[]): void => assert.deepEqual(offences, [])

/** Code without comments and string contents, for bans of words. */
const codeOf = (text: string): string =>
  text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\/\/.*$/gm, '')
    .replace(/'(?:[^'\\\n]|\\.)*'/g, "''")

const isPure = ({ room, path }: Source): boolean =>
  room === 'protocol' ||
  room === 'coordinator' ||
  room === 'kernel' ||
  path.startsWith('node/worker/volunteer/')

describe('tidy: the dependency law', () => {
  it('imports go one way: protocol <- coordinator <- node, kernel <- node', () => {
    none(
      sources.flatMap((source) =>
        importsOf(source)
          .filter((target) => target.startsWith('.'))
          .map((target) => relative(ROOT, resolve(ROOT, dirname(source.path), target)))
          .filter((target) => !LAW[source.room].includes(target.split('/')[0] as Room))
          .map((target) => `${source.path} imports ${target}`)
      )
    )
  })

  it('pure rooms import no host and only the named packages', () => {
    none(
      sources.filter(isPure).flatMap((source) =>
        importsOf(source)
          .filter((target) => !target.startsWith('.'))
          .filter(
            (target) => source.room === 'kernel' || !PURE_PACKAGES.some((p) => target.startsWith(p))
          )
          .map((target) => `${source.path} imports ${target}`)
      )
    )
  })

  it('pure rooms know no clock, no entropy, no timers, no host', () => {
    const host = 'Date\\.now|new Date\\(\\)|performance|Math\\.random|crypto|process|console'
    const later = 'setTimeout|setInterval|queueMicrotask|Promise|async|await|fetch(?=\\()'
    const banned = new RegExp(`\\b(${host}|${later})(?!\\w)`)
    none(
      sources
        .filter(isPure)
        .filter(({ text }) => banned.test(codeOf(text)))
        .map(({ path, text }) => `${path} uses ${banned.exec(codeOf(text))?.[0]}`)
    )
  })

  it("the host's maths library is on no path to a CID", () => {
    const rooms = ['node/forcing/', 'node/forecast/', 'node/worker/']
    const functions = 'a?sin|a?cos|a?tan|atan2|exp|expm1|log|log2|log10|log1p|pow|hypot|cbrt'
    // A power of two by a literal is exact everywhere; any other power is the host's pow.
    const banned = new RegExp(`\\bMath\\.(${functions}|sinh|cosh|tanh)\\b|(?<!\\b2 )\\*\\* `)
    none(
      sources
        .filter((source) => isPure(source) || rooms.some((room) => source.path.startsWith(room)))
        // A comparison with drifters ends in a report, never in a CID.
        .filter(({ path }) => !path.startsWith('node/forecast/skill/'))
        .filter(({ text }) => banned.test(codeOf(text)))
        .map(({ path, text }) => `${path} uses ${banned.exec(codeOf(text))?.[0]}`)
    )
  })
})

describe('tidy: budgets and form', () => {
  it('Node 22 can parse it: no using declarations in what runs there', () => {
    none(
      sources
        .filter(({ room }) => room !== 'test')
        .filter(({ text }) => /^\s*(await )?using \w+ =/m.test(codeOf(text)))
        .map(({ path }) => path)
    )
  })

  it('files have at most 300 lines, half of them at most 100, lines at most 100 columns', () => {
    const own = sources.filter(({ room }) => room !== 'test')
    none(
      sources
        .filter(({ lines }) => lines.length > 301)
        .map((s) => `${s.path}: ${s.lines.length} lines`)
    )
    none(
      sources.flatMap(({ path, lines }) =>
        lines.flatMap((line, index) => (line.length > 100 ? [`${path}:${index + 1}`] : []))
      )
    )
    const sizes = own.map(({ lines }) => lines.length).sort((a, b) => a - b)
    const median = sizes[Math.floor(sizes.length / 2)] ?? 0
    assert.ok(median <= 100, `the median file has ${median} lines`)
  })

  it('folders have at most 20 files', () => {
    const counts = new Map<string, number>()
    for (const { path } of sources) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1)
    none([...counts].filter(([, count]) => count > 20).map(([dir, count]) => `${dir}: ${count}`))
  })

  it('every file opens with its paragraph', () => {
    none(sources.filter(({ text }) => !/^(#!.*\n)?\/\*\*/.test(text)).map(({ path }) => path))
  })

  it('files are kebab-case nouns; no barrels, no utils', () => {
    none(
      sources
        .map(({ path }) => path)
        .filter((path) => {
          const name = path.split('/').at(-1) ?? ''
          return !/^[a-z0-9.-]+\.ts$/.test(name) || /^(index|utils?|helpers?)\.ts$/.test(name)
        })
    )
  })
})

describe('tidy: what the documents say', () => {
  it('the error table of node/README.md lists every code with its exit code, and no other', () => {
    const text = readFileSync(join(ROOT, 'node/README.md'), 'utf8')
    const rows = [...text.matchAll(/^\| `([a-z-]+\/[a-z-]+)` \| (\d+) \|/gm)]
    const table = Object.fromEntries(rows.map((row) => [row[1], Number(row[2])]))
    assert.deepEqual(table, { ...EXIT_CODES })
  })

  it('every room has its README, and it records decisions', () => {
    const rooms = [
      'kernel',
      'coordinator',
      'protocol',
      'node',
      'node/forcing',
      'node/forecast',
      'node/data'
    ]
    none(
      rooms.filter((room) => {
        const file = join(ROOT, room, 'README.md')
        return !readFileSync(file, 'utf8').includes('Decisions')
      })
    )
  })
})
