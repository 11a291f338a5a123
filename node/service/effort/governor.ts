/**
 * Holds a volunteer to what its user allows: reads the sensors, lets the rules decide, and sets the
 * pace of the kernel threads and the slots of the work core. It knows the one reason that status
 * tells.
 */
import { type Caps, type Effort, presetOf } from '../../worker/effort/caps.ts'
import { NO_FAILURES } from '../../worker/effort/failures.ts'
import { heard, NO_NEWS } from '../../worker/effort/news.ts'
import { type Situation, type Why, whyOf } from '../../worker/effort/reason.ts'
import {
  allowance,
  INITIAL_RULES,
  observe,
  type Period,
  rulesOf,
  scheduled
} from '../../worker/effort/rules.ts'
import type { Pace } from '../../worker/kernel-threads.ts'
import type { VolunteerNoteName } from '../../worker/volunteer/effect.ts'
import { type Pause, writePause } from './pause-file.ts'
import type { Sensors } from './sensors.ts'

/** Readings: two that agree turn a rule, which must happen within 2 s. */
const READ_MS = 500

export interface EffortSettings {
  readonly effort: Effort
  readonly caps: Caps
  readonly schedule: readonly Period[]
}

/** What the mesh looks like from here. */
export type Outside = Pick<Situation, 'computing' | 'awaiting' | 'peers' | 'owners'>

export interface GovernorInit {
  readonly home: string
  readonly settings: EffortSettings
  readonly sensors: Sensors
  readonly pause: Pause | undefined
  readonly setPace: (pace: Pace) => void
  /** Units that may be computed at the same time. */
  readonly setSlots: (count: number) => void
  readonly outside: () => Outside
  /** Nothing is under way any more after `finish`. */
  readonly onFinished: () => void
  readonly nowMs: () => number
}

export interface Governor {
  why(): Why
  /** @param forMs undefined: until resumed */
  pause(forMs?: number): Promise<void>
  /** Ends the pause of the user and the one after failures. */
  resume(): Promise<void>
  /** Takes nothing new and ends when what is under way is decided. */
  finish(): void
  /** The work core said something. */
  hear(name: VolunteerNoteName, fields: Readonly<Record<string, unknown>>): void
  /** One reading of the sensors, and what follows from it. */
  look(): Promise<void>
  stop(): void
}

export function openGovernor(init: GovernorInit): Governor {
  const { settings, nowMs, outside } = init
  const { caps } = settings
  let state = INITIAL_RULES
  let pause = init.pause
  let isFinishing = false
  let news = NO_NEWS
  let allowed: Situation['allowed'] = { threads: caps.threads }
  let dutyPercent = caps.dutyPercent
  let last = ''

  const situation = (): Situation => ({
    atMs: nowMs(),
    ...(pause === undefined ? {} : { pause }),
    isFinishing,
    failures: news.failures,
    allowed,
    threads: caps.threads,
    ...outside(),
    ...(news.refusal === undefined ? {} : { refusal: news.refusal }),
    isUnanswered: news.isUnanswered
  })

  /** What follows: whoever is paused computes nothing, whoever finishes takes nothing new. */
  const obey = (): void => {
    const { activity } = whyOf(situation())
    const threads = activity === 'paused' ? 0 : allowed.threads
    const slots = isFinishing ? 0 : threads
    const now = `${threads} ${slots} ${dutyPercent}`
    if (now === last) return
    last = now
    init.setPace({ threads, dutyPerMille: dutyPercent * 10 })
    init.setSlots(slots)
  }

  const look = async (): Promise<void> => {
    const reading = await init.sensors()
    const plain = { ...rulesOf(settings.effort), schedule: settings.schedule }
    const profile = scheduled(plain, reading.minuteOfWeek)
    const isOther = profile !== undefined && profile !== 'off' && profile !== settings.effort
    const rules = isOther ? { ...plain, ...rulesOf(profile) } : plain
    const machine = { coreCount: caps.threads, memoryBytes: caps.memoryBytes }
    const own = isOther ? presetOf(profile, machine) : caps
    dutyPercent = own.dutyPercent
    state = observe(state, reading, rules)
    allowed = allowance(state, reading.minuteOfWeek, rules, Math.min(own.threads, caps.threads))
    if (pause?.untilMs !== undefined && pause.untilMs <= nowMs()) await setPause(undefined)
    obey()
    const { computing, awaiting } = outside()
    if (isFinishing && computing + awaiting === 0) init.onFinished()
  }

  const setPause = async (wanted: Pause | undefined): Promise<void> => {
    pause = wanted
    obey()
    await writePause(init.home, wanted)
  }

  // A sensor that fails once is read again: the rules go on with what they know.
  const timer = setInterval(() => void look().catch(() => undefined), READ_MS)
  obey()
  return {
    why: () => whyOf(situation()),
    pause: (forMs) => setPause(forMs === undefined ? {} : { untilMs: nowMs() + forMs }),
    resume: async () => {
      news = { ...news, failures: NO_FAILURES }
      isFinishing = false
      await setPause(undefined)
    },
    finish: () => {
      isFinishing = true
      obey()
    },
    hear: (name, fields) => {
      news = heard(news, name, fields, nowMs())
      obey()
    },
    look,
    stop: () => clearInterval(timer)
  }
}
