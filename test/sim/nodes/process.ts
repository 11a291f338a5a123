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
  /** Steps of the flush under way that are still to be written. */
  #writing: Step<Entry, Effect>[] = []

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
    this.#writing = this.#unflushed
    this.#unflushed = []
    // A process that dies meanwhile has nothing left to write.
    for (;;) {
      const step = this.#writing.shift()
      if (step === undefined) return
      this.#carryOut(step)
    }
  }

  #carryOut({ entries, effects }: Step<Entry, Effect>) {
    const { random, options } = this.world
    const isFatal = random.isBelow(options.faults.crash)
    const cut = isFatal ? random.below(effects.length + 2) : effects.length + 1
    if (cut === 0 && entries.length > 0) {
      // Torn in the middle: recovery drops the batch whole, and nothing later can be there.
      this.#lose()
      return this.crash()
    }
    this.#write(entries)
    for (const effect of effects.slice(0, Math.max(0, cut - 1))) this.perform(effect)
    if (isFatal) this.crash()
  }

  #write(entries: readonly Entry[]): void {
    if (entries.length === 0) return
    this.disk.push(...entries)
    this.stored(entries)
  }

  #lose(): void {
    this.#unflushed = []
    this.#writing = []
  }

  /** Writes that nobody waits for any more: some may reach the disk, up to one that is torn. */
  #tear(lost: readonly Step<Entry, Effect>[]): void {
    const { random, options } = this.world
    if (lost.length === 0 || !random.isBelow(options.faults.torn)) return
    const whole = random.below(lost.length + 1)
    for (const { entries } of lost.slice(0, whole)) this.#write(entries)
  }

  crash(): void {
    const { random, options } = this.world
    const lost = [...this.#writing, ...this.#unflushed]
    this.end()
    this.#tear(lost)
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
    this.#lose()
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
