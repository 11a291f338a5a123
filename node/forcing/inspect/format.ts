/** An inspection as text for a terminal. */
import type {
  Feed,
  InspectedAxis,
  InspectedFile,
  InspectedRole,
  InspectedVariable,
  Inspection
} from './inspection.ts'

const speed = (value: number): string => value.toFixed(3)

/** Files beyond this many are summed up: what they have in common stands under them. */
const FILES_SHOWN_MAX = 12

export function formatInspection({ files, feeds, warnings }: Inspection): string {
  const parts = files.slice(0, FILES_SHOWN_MAX).map(formatFile)
  if (files.length > FILES_SHOWN_MAX) {
    parts.push(`${files.length - FILES_SHOWN_MAX} more files; --json lists them all\n`)
  }
  if (feeds.length > 0) parts.push(['what feeds what', ...feeds.map(formatFeed), ''].join('\n'))
  if (warnings.length > 0) parts.push(`${warnings.map((each) => `! ${each}`).join('\n')}\n`)
  return parts.join('\n')
}

function formatFeed({ role, variables, fileCount, first, last, timeCount, term }: Feed): string {
  const files = fileCount === 1 ? '1 file' : `${fileCount} files`
  const times = `${first} to ${last}, ${timeCount} times`
  return `  ${role}: ${variables.join(', ')} (${files}, ${times}) -> ${term}`
}

function formatFile({ file, format, roles, otherVariables, warnings }: InspectedFile): string {
  const lines = [`${file}  (${format})`]
  for (const role of roles) lines.push(...formatRole(role))
  if (otherVariables.length > 0) lines.push(`  not used: ${otherVariables.join(', ')}`)
  for (const warning of warnings) lines.push(`  ! ${warning}`)
  return `${lines.join('\n')}\n`
}

function formatRole(inspected: InspectedRole): string[] {
  const { role, u, v, longitudes, latitudes, isPeriodic, times } = inspected
  const axis = ({ name, count, min, max }: InspectedAxis): string =>
    `${name} ${Number(min.toFixed(4))} to ${Number(max.toFixed(4))} (${count})`
  const lines = [`  ${role}`]
  for (const variable of [u, v])
    if (variable !== undefined) lines.push(formatVariable(variable, role === 'seaLevel'))
  const around = isPeriodic ? ', around the globe' : ''
  const name = inspected.gridName === undefined ? '' : `${inspected.gridName}, `
  lines.push(`    grid   ${name}${axis(longitudes)}, ${axis(latitudes)}${around}`)
  lines.push(`    times  ${times.first} to ${times.last} (${times.count})`)
  if (inspected.depthUsedMetres !== undefined) {
    const others =
      inspected.depthsMetres.length > 1 ? ` of ${inspected.depthsMetres.join(', ')}` : ''
    lines.push(`    level  ${inspected.depthUsedMetres} m${others}`)
  }
  return lines
}

function formatVariable(variable: InspectedVariable, isLevel: boolean): string {
  const { name, understoodBy, units, metresPerSecondFactor, statistics, missingShare } = variable
  const factor = metresPerSecondFactor === 1 ? '' : ` × ${metresPerSecondFactor}`
  const values =
    statistics === undefined
      ? 'all missing'
      : `min ${speed(statistics.min)}, mean ${speed(statistics.mean)}, ` +
        `max ${speed(statistics.max)} ${isLevel ? 'm' : 'm/s'}`
  const missing = `${(100 * missingShare).toFixed(1)} % missing`
  return `    ${name} [${units || 'no unit'}${factor}] by ${understoodBy}: ${values}, ${missing}`
}
