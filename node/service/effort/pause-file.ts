/** The user's pause, kept over a restart: a paused volunteer must not start by itself. */
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { writeAtomically } from '../home.ts'

const pauseShape = z.object({ untilMs: z.number().optional() })
export type Pause = z.infer<typeof pauseShape>

const pathOf = (home: string): string => join(home, 'pause.json')

export async function readPause(home: string): Promise<Pause | undefined> {
  try {
    return pauseShape.parse(JSON.parse(await readFile(pathOf(home), 'utf8')))
  } catch {
    return undefined
  }
}

export const writePause = (home: string, pause: Pause | undefined): Promise<void> =>
  pause === undefined
    ? rm(pathOf(home), { force: true })
    : writeAtomically(pathOf(home), JSON.stringify(pause))
