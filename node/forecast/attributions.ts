/**
 * Who must be named in a forecast: what its file says of each source, and what the catalogue says
 * of the sets that it names. Digests of the data stand in it and no time of fetching: the lines are
 * part of the plan and so of the product's CID.
 */
import { findSet } from '../data/catalogue/catalogue.ts'
import { creditOf, namedSet } from '../data/catalogue/data-set.ts'
import { homeFolder } from '../service/home.ts'
import type { ForecastDefinition } from './definition.ts'

/** @throws MeshError cli/usage, store/failed when a set cannot be read */
export async function attributionsOf(
  { forcing }: Pick<ForecastDefinition, 'forcing'>,
  home: string = homeFolder(undefined, process.env)
): Promise<string[]> {
  const lines = new Set<string>()
  for (const { attribution, source } of forcing) {
    if (attribution !== undefined) lines.add(attribution)
    const name = namedSet(source)
    const set = name === undefined ? undefined : await findSet(home, name)
    if (set !== undefined) lines.add(creditOf(set))
  }
  return [...lines]
}
