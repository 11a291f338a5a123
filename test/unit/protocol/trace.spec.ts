/** Traces of one unit: their root binds every link, and where they part is one segment. */
import assert from 'node:assert/strict'
import { toRawBlock } from '../../../protocol/canonical.ts'
import { toHex } from '../../../protocol/hex.ts'
import { finalState, firstDifference, type Trace, traceRootOf } from '../../../protocol/trace.ts'

const linkOf = (name: string) => toRawBlock(new TextEncoder().encode(name)).cid

const traceOf = (states: readonly string[], outputs: readonly string[][]): Trace => ({
  states: states.map(linkOf),
  segments: outputs.map((names) => names.map(linkOf))
})

const honest = traceOf(['a', 'b', 'c'], [['x'], [], ['y', 'z']])

describe('traces', () => {
  it('end in their last state', () => {
    assert.equal(`${finalState(honest)}`, `${linkOf('c')}`)
    assert.throws(() => finalState(traceOf([], [])), RangeError)
  })

  it('have a root that any changed link changes', () => {
    const others = [
      traceOf(['a', 'b', 'd'], [['x'], [], ['y', 'z']]),
      traceOf(['a', 'b', 'c'], [['x'], ['y'], ['z']]),
      traceOf(['a', 'b', 'c'], [['x'], [], ['z', 'y']]),
      traceOf(['a', 'b'], [['x'], []])
    ]
    const roots = [honest, ...others].map((trace) => toHex(traceRootOf(trace)))
    assert.equal(new Set(roots).size, roots.length)
  })

  it('part in the first segment whose state or outputs differ', () => {
    const cases: [Trace, number | undefined][] = [
      [honest, undefined],
      [traceOf(['a', 'b', 'd'], [['x'], [], ['y', 'z']]), 2],
      [traceOf(['a', 'b', 'c'], [['x'], ['w'], ['y', 'z']]), 1],
      [traceOf(['q', 'b', 'd'], [['x'], [], ['y', 'z']]), 0],
      [traceOf(['a', 'b'], [['x'], []]), 2]
    ]
    for (const [other, index] of cases) {
      assert.equal(firstDifference(honest, other), index)
      assert.equal(firstDifference(other, honest), index)
    }
  })
})
