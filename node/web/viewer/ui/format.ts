/** Numbers, places and times as people read them; times are always UTC. */

export const isoTime = (seconds: number): string =>
  new Date(seconds * 1000).toISOString().replace(/:00\.000Z$/, 'Z')

export const timeText = (seconds: number): string =>
  isoTime(seconds).replace('T', ' ').replace('Z', ' UTC')

export const valueText = (value: number): string =>
  value === 0
    ? '0'
    : Number(value.toPrecision(3)).toLocaleString('en', { maximumFractionDigits: 6 })

export function placeText(lon: number, lat: number): string {
  const east = lon - 360 * Math.round(lon / 360)
  const part = (degrees: number, marks: string): string =>
    `${Math.abs(degrees).toFixed(3)}° ${degrees < 0 ? marks[1] : marks[0]}`
  return `${part(lat, 'NS')}, ${part(east, 'EW')}`
}
