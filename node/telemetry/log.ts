/**
 * The log of a node: one event name and fields per line, JSON, in the home folder. Nothing that a
 * peer wrote appears above debug, and secrets never appear.
 */
import { join } from 'node:path'
import { pino } from 'pino'

export type LogFields = Readonly<Record<string, unknown>>

export interface Log {
  debug(event: string, fields?: LogFields): void
  info(event: string, fields?: LogFields): void
  warn(event: string, fields?: LogFields): void
  error(event: string, fields?: LogFields): void
}

/** Writes to `node.log` in the home; DRIFTMESH_LOG=debug shows what peers say. */
export function openLog(home: string, env: NodeJS.ProcessEnv): Log {
  const destination = pino.destination({ dest: join(home, 'node.log'), append: true, sync: true })
  const base = pino({ level: env.DRIFTMESH_LOG ?? 'info', base: { pid: process.pid } }, destination)
  const write =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (event: string, fields: LogFields = {}): void =>
      base[level](fields, event)
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}
