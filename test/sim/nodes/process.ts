/**
 * A simulated process with a disk: what a step stores is flushed a little later and only then is
 * the rest of the step done. It is killed at any effect; what was not flushed is gone.
 */
import type { World } from '../world/world.ts'

interface Step<Entry, Effect> {
  readonly entries: readonly Entry[]
  readonly effects: readonly Effect[]
}

export abstract class Process<Entry, Effect> {
  readonly name: string
  /** What a restart finds. */
  readonly disk: Entry[] = []
  isUp = true
  crashes = 0
  protected readonly world: World
  #life = 0
  #unflushed: Step<Entry, Effect>[] = []

  constructor(world: World, name: string) {
    this.world = world
    this.name = name
  }

  /** Everything in memory is gone; build it again from `disk` and say that we started. */
  protected abstract restart(): void
  protected abstract tick(): void
  protected abstract perform(effect: Effect): void
  /** Called for entries once they are on disk. */
  protected abstract stored(entries: readonly Entry[]): void
  protected abstract forget(): void

  /** Is all that was stored on disk? */
  get isFlushed(): boolean {
    return this.#unflushed.length === 0
  }

  /** What this process believes the time to be. */
  get clockMs(): number {
    return this.world.clockOf(this.name)
  }

  /** Stores the entries of a step, then does its effects. */
  protected commit(entries: readonly Entry[], effects: readonly Effect[]) {
    if (this.#unflushed.length === 0) {
      const { flushMsMax } = this.world.options.faults
      if (flushMsMax === 0 || entries.length === 0) return this.#carryOut({ entries, effects })
      this.later(this.world.random.between(0, flushMsMax), () => this.#flush())
    }
    this.#unflushed.push({ entries, effects })
  }

  #flush(): void {
    const steps = this.#unflushed
    this.#unflushed = []
    const life = this.#life
    for (const step of steps) {
      if (life !== this.#life) return
      this.#carryOut(step)
    }
  }

  #carryOut({ entries, effects }: Step<Entry, Effect>) {
    const { random, options } = this.world
    const isFatal = random.isBelow(options.faults.crash)
    const cut = isFatal ? random.below(effects.length + 2) : effects.length + 1
    // A process that dies in its write leaves a torn batch: recovery drops it whole.
    if (cut === 0 && entries.length > 0) return this.crash()
    if (entries.length > 0) {
      this.disk.push(...entries)
      this.stored(entries)
    }
    for (const effect of effects.slice(0, Math.max(0, cut - 1))) this.perform(effect)
    if (isFatal) this.crash()
  }

  crash(): void {
    const { random, options } = this.world
    this.end()
    this.crashes += 1
    this.world.note(this.name, 'is killed')
    const life = this.#life
    this.world.after(random.between(100, options.faults.downMsMax), () => {
      if (life === this.#life) this.begin()
    })
  }

  /** Gone, for now or for ever. */
  end(): void {
    this.isUp = false
    this.#life += 1
    this.#unflushed = []
    this.forget()
  }

  /** Up (again). */
  begin(): void {
    this.isUp = true
    this.restart()
    this.#tickOn()
  }

  protected abstract get tickEveryMs(): number

  #tickOn(): void {
    const everyMs = this.tickEveryMs
    const next = (): void => {
      this.tick()
      this.later(everyMs, next)
    }
    this.later(everyMs, next)
  }

  /** Later, if this life of the process still lasts. */
  protected later(delayMs: number, run: () => void): void {
    const life = this.#life
    this.world.after(delayMs, () => {
      if (this.isUp && life === this.#life) run()
    })
  }

  /** Asks a coordinator; the answer comes only if this life still lasts. */
  protected request(
    to: string,
    frame: Uint8Array,
    done: (answer: Uint8Array | undefined) => void
  ): void {
    const life = this.#life
    this.world.network.request(this.name, to, frame, (answer) => {
      if (this.isUp && life === this.#life) done(answer)
    })
  }
}
