/**
 * A set of names of which any can be picked in one step: a coordinator draws from 200,000 open
 * slots for every lease and must not copy them. Order follows from the changes alone, so a replay
 * gives the same set.
 */
export class PickSet {
  readonly names: string[] = []
  readonly places = new Map<string, number>()

  get size(): number {
    return this.names.length
  }

  has(name: string): boolean {
    return this.places.has(name)
  }

  at(index: number): string | undefined {
    return this.names[index]
  }

  add(name: string): void {
    if (this.places.has(name)) return
    this.places.set(name, this.names.length)
    this.names.push(name)
  }

  /** The last takes the place of the one that goes. */
  delete(name: string): void {
    const place = this.places.get(name)
    const last = this.names.pop()
    if (place === undefined || last === undefined) {
      if (last !== undefined) this.names.push(last)
      return
    }
    this.places.delete(name)
    if (last === name) return
    this.names[place] = last
    this.places.set(last, place)
  }

  [Symbol.iterator](): IterableIterator<string> {
    return this.names[Symbol.iterator]()
  }
}
