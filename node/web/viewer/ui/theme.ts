/** Colours of the map's ground; those of the panels are in the style sheet. */
import type { MapColours } from '../map/map-view.ts'

export const coloursOf = (isDark: boolean): MapColours =>
  isDark
    ? {
        sea: '#0e1a24',
        land: '#26323c',
        coast: '#8798a5',
        lines: '#33454f',
        track: '#ffb3c1',
        mark: '#ffffff'
      }
    : {
        sea: '#eef4f8',
        land: '#d5d2c8',
        coast: '#5d6a73',
        lines: '#c3d0d8',
        track: '#a3003c',
        mark: '#000000'
      }
