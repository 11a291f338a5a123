/** Numbers on a picture: glyphs of three by five dots, all that axes and a scale need. */

/** Rows of three bits, top first. */
const GLYPHS: Readonly<Record<string, readonly number[]>> = {
  '0': [7, 5, 5, 5, 7],
  '1': [2, 6, 2, 2, 7],
  '2': [7, 1, 7, 4, 7],
  '3': [7, 1, 7, 1, 7],
  '4': [5, 5, 7, 1, 1],
  '5': [7, 4, 7, 1, 7],
  '6': [7, 4, 7, 5, 7],
  '7': [7, 1, 1, 2, 2],
  '8': [7, 5, 7, 5, 7],
  '9': [7, 5, 7, 1, 7],
  '.': [0, 0, 0, 0, 2],
  ':': [0, 2, 0, 2, 0],
  '-': [0, 0, 7, 0, 0],
  '/': [1, 1, 2, 4, 4],
  N: [5, 7, 7, 7, 5],
  S: [7, 4, 7, 1, 7],
  E: [7, 4, 7, 4, 7],
  W: [5, 5, 7, 7, 5],
  T: [7, 2, 2, 2, 2],
  Z: [7, 1, 2, 4, 7],
  m: [0, 7, 7, 5, 5],
  s: [0, 3, 6, 3, 6]
}
const GLYPH_COLUMNS = 4
const GLYPH_ROWS = 5
/** Pixels per dot: readable without a lens. */
const DOT = 2

export const letteringWidth = (text: string): number => DOT * (GLYPH_COLUMNS * text.length - 1)
export const LETTERING_HEIGHT = DOT * GLYPH_ROWS

/** Calls `ink` for every dark pixel of a text whose upper left corner is (x, y). */
export function letter(
  text: string,
  x: number,
  y: number,
  ink: (x: number, y: number) => void
): void {
  for (const [place, character] of [...text].entries()) {
    const rows = GLYPHS[character] ?? []
    for (const [row, bits] of rows.entries()) {
      for (let column = 0; column < 3; column++) {
        if (((bits >> (2 - column)) & 1) === 0) continue
        for (let dot = 0; dot < DOT * DOT; dot++) {
          const right = DOT * (place * GLYPH_COLUMNS + column) + (dot % DOT)
          ink(x + right, y + DOT * row + Math.floor(dot / DOT))
        }
      }
    }
  }
}
