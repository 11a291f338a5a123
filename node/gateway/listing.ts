/** A folder without an index page as a page of links. Names are data: nothing in them is markup. */

interface Listed {
  readonly name: string
  readonly size: number
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;'
}
const escaped = (text: string): string => text.replace(/[&<>"']/g, (mark) => ENTITIES[mark] ?? '')

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;' +
  'color-scheme:light dark}td{padding:.1rem 1rem .1rem 0}td:last-child{text-align:right}'

/** @param path as shown; the links are relative to a URL that ends with a slash */
export function listingPage(path: string, entries: readonly Listed[]): string {
  const rows = entries.map(({ name, size }) => {
    const link = escaped(`./${encodeURIComponent(name)}`)
    return `<tr><td><a href="${link}">${escaped(name)}</a></td><td>${size}</td></tr>`
  })
  const title = escaped(path)
  return [
    '<!doctype html>',
    `<html lang="en"><meta charset="utf-8"><title>${title}</title><style>${STYLE}</style>`,
    `<h1>${title}</h1>`,
    '<p><a href="../">Up</a></p>',
    '<table><tr><th scope="col">Name</th><th scope="col">Bytes</th></tr>',
    ...rows,
    '</table></html>',
    ''
  ].join('\n')
}
