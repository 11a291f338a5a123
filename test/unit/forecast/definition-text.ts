/**
 * A small valid forecast file whose spec can be changed key by key, for tests of the planner.
 */
import { type ForecastDefinition, parseForecast } from '../../../node/forecast/definition.ts'

const SPEC: Readonly<Record<string, string>> = {
  start: '2020-01-01T00:00:00Z',
  duration: 'PT24H',
  forcing: '[{ role: current, source: a.nc }]',
  seeding: '[{ kind: points, at: [[10.5, 40.5]], particles: 1000, class: submerged }]'
}

/** Text of the file; a key of `changes` replaces or adds a line of its spec. */
export function forecastText(changes: Readonly<Record<string, string>> = {}): string {
  const lines = Object.entries({ ...SPEC, ...changes }).map(([key, value]) => `  ${key}: ${value}`)
  return ['apiVersion: driftmesh/v1', 'kind: Forecast', 'spec:', ...lines, ''].join('\n')
}

export const definitionOf = (changes: Readonly<Record<string, string>> = {}): ForecastDefinition =>
  parseForecast(forecastText(changes), 'f.yaml')
