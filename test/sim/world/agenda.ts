/** What is to happen when, in virtual time: a binary heap by time, then by order of entry. */
interface Due {
  readonly atMs: number
  readonly order: number
  readonly run: () => void
}

const isBefore = (one: Due | undefined, other: Due | undefined): boolean =>
  one !== undefined &&
  other !== undefined &&
  (one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order))

export class Agenda {
  #heap: Due[] = []
  #order = 0

  push(atMs: number, run: () => void): void {
    this.#order += 1
    const due = { atMs, order: this.#order, run }
    const heap = this.#heap
    heap.push(due)
    let index = heap.length - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!isBefore(due, heap[parent])) break
      heap[index] = heap[parent] as Due
      index = parent
    }
    heap[index] = due
  }

  pop(): Due | undefined {
    const heap = this.#heap
    const [top] = heap
    const last = heap.pop()
    if (top === undefined || last === undefined || heap.length === 0) return top
    let index = 0
    for (;;) {
      let child = index * 2 + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child += 1
      if (!isBefore(heap[child], last)) break
      heap[index] = heap[child] as Due
      index = child
    }
    heap[index] = last
    return top
  }
}
