/** Makes elements: text is always text, never markup. */

type Attributes = Readonly<Record<string, string | boolean | (() => void)>>

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(name.replace(/^on/, ''), value)
    else if (typeof value === 'boolean') made.toggleAttribute(name, value)
    else made.setAttribute(name, value)
  }
  made.append(...children)
  return made
}

export const button = (label: string, text: string, onclick: () => void): HTMLButtonElement =>
  element('button', { type: 'button', 'aria-label': label, title: label, onclick }, text)

export interface Selected {
  readonly value: string
  readonly text: string
}

/** A labelled list to choose from. */
export function chooser(
  label: string,
  options: readonly Selected[],
  chosen: string,
  onChosen: (value: string) => void
): HTMLLabelElement {
  const select = element('select')
  for (const { value, text } of options)
    select.append(new Option(text, value, false, value === chosen))
  select.addEventListener('change', () => onChosen(select.value))
  return element('label', {}, element('span', {}, label), select)
}
