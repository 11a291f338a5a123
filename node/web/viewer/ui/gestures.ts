/** Moving the map: drag, wheel, two fingers, and the keys of a focused map. */
import { placeAt, type Size, type View } from '../map/projection.ts'

/** A press that moves less than this is a click, not a drag. */
const CLICK_PIXELS = 4
const WHEEL_ZOOM = 0.0015
const KEY_ZOOM = 1.4
/** Share of the view that an arrow key moves. */
const KEY_SHARE = 0.15
const SCALE_MIN = 0.5
const SCALE_MAX = 40_000

export interface Moved {
  readonly view: () => View
  readonly size: () => Size
  /** @param isMoving more follows at once */
  onView(view: View, isMoving: boolean): void
  onClick(x: number, y: number): void
}

const wrapped = (lon: number): number => lon - 360 * Math.round(lon / 360)

export const zoomed = (view: View, factor: number): View => ({
  ...view,
  scale: Math.min(SCALE_MAX, Math.max(SCALE_MIN, view.scale * factor))
})

export const moved = (view: View, right: number, up: number): View => {
  const shrink = Math.max(0.1, Math.cos((view.lat * Math.PI) / 180))
  return {
    ...view,
    lon: wrapped(view.lon + right / view.scale / shrink),
    lat: Math.min(89, Math.max(-89, view.lat + up / view.scale))
  }
}

/** Zooms so that the place under the pointer stays under it. */
function zoomedAt(view: View, size: Size, factor: number, x: number, y: number): View {
  const before = placeAt(view, size, x, y)
  const next = zoomed(view, factor)
  const after = placeAt(next, size, x, y)
  if (before === undefined || after === undefined) return next
  const lat = Math.min(89, Math.max(-89, next.lat + before[1] - after[1]))
  return { ...next, lon: wrapped(next.lon + before[0] - after[0]), lat }
}

function followPointers(element: HTMLElement, map: Moved): void {
  const held = new Map<number, { x: number; y: number }>()
  let travelled = 0
  let restTimer = 0
  const rest = (): void => map.onView(map.view(), false)
  const at = (event: PointerEvent | WheelEvent): [number, number] => {
    const box = element.getBoundingClientRect()
    return [event.clientX - box.left, event.clientY - box.top]
  }
  const apart = (): number => {
    const [a, b] = [...held.values()]
    return a && b ? Math.hypot(a.x - b.x, a.y - b.y) : 0
  }
  element.addEventListener('pointerdown', (event) => {
    const [x, y] = at(event)
    held.set(event.pointerId, { x, y })
    element.setPointerCapture(event.pointerId)
    if (held.size === 1) travelled = 0
  })
  element.addEventListener('pointermove', (event) => {
    const last = held.get(event.pointerId)
    if (last === undefined) return
    const [x, y] = at(event)
    const before = apart()
    held.set(event.pointerId, { x, y })
    travelled += Math.abs(x - last.x) + Math.abs(y - last.y)
    if (travelled < CLICK_PIXELS) return
    const share = held.size > 1 ? 0.5 : 1
    const shifted = moved(map.view(), (last.x - x) * share, (y - last.y) * share)
    const factor = before > 0 ? apart() / before : 1
    map.onView(zoomed(shifted, factor), true)
  })
  const release = (event: PointerEvent): void => {
    if (!held.delete(event.pointerId) || held.size > 0) return
    if (travelled < CLICK_PIXELS && event.type === 'pointerup') map.onClick(...at(event))
    else rest()
  }
  element.addEventListener('pointerup', release)
  element.addEventListener('pointercancel', release)
  element.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault()
      const factor = Math.exp(-event.deltaY * WHEEL_ZOOM)
      map.onView(zoomedAt(map.view(), map.size(), factor, ...at(event)), true)
      clearTimeout(restTimer)
      restTimer = setTimeout(rest, 150)
    },
    { passive: false }
  )
}

function followKeys(element: HTMLElement, map: Moved): void {
  element.addEventListener('keydown', (event) => {
    const { width, height } = map.size()
    const view = map.view()
    const changes: Readonly<Record<string, () => View>> = {
      ArrowLeft: () => moved(view, -width * KEY_SHARE, 0),
      ArrowRight: () => moved(view, width * KEY_SHARE, 0),
      ArrowUp: () => moved(view, 0, height * KEY_SHARE),
      ArrowDown: () => moved(view, 0, -height * KEY_SHARE),
      '+': () => zoomed(view, KEY_ZOOM),
      '=': () => zoomed(view, KEY_ZOOM),
      '-': () => zoomed(view, 1 / KEY_ZOOM)
    }
    const change = changes[event.key]
    if (change !== undefined) map.onView(change(), false)
    else if (event.key === 'Enter') map.onClick(width / 2, height / 2)
    else return
    event.preventDefault()
  })
}

export function followGestures(element: HTMLElement, map: Moved): void {
  followPointers(element, map)
  followKeys(element, map)
}
