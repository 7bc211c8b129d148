/** The cost of models for the TypeScript compiler, and so for an editor. */
import { type CompilerCost, compile } from '../compiler.js'
import { electrodbSource } from '../sources/electrodb.js'
import { partitaSource } from '../sources/partita.js'
import { plainSource } from '../sources/plain.js'
import type { Source } from '../sources/source.js'
import { toolboxSource } from '../sources/toolbox.js'
import { figure, printTable } from '../table.js'

const SOURCES = [partitaSource, plainSource, electrodbSource, toolboxSource]
const MODELS = [1, 20, 100]
/** The budgets. */
const INSTANTIATIONS_A_MODEL = 1000
const SECONDS_OF_CHECKING = 1
const SHARE_OF_ELECTRODB = 1 / 3

export async function measureTypes(): Promise<void> {
  const head = [
    'library',
    ...MODELS.map(models => `${models} model${models > 1 ? 's' : ''}`),
    'a model more',
    `check of ${MODELS[0]}`,
    `check of ${MODELS.at(-1)}`,
  ]
  const rows: string[][] = []
  let ours: readonly CompilerCost[] = []
  let plain = 0
  let electrodb = 0
  for (const source of SOURCES) {
    const costs = await costsOf(source)
    if (source === partitaSource) ours = costs
    if (source === plainSource) plain = costs.at(-1)?.check ?? 0
    if (source === electrodbSource) electrodb = costs.at(-1)?.check ?? 0
    rows.push([
      source.library,
      ...costs.map(({ instantiations }) => figure(instantiations)),
      figure(oneMore(costs)),
      ...[costs[0], costs.at(-1)].map(cost => `${figure(cost?.check ?? 0)} s`),
    ])
  }
  printTable(
    'Instantiations by the TypeScript compiler, of models with get, create, update and query',
    [head, ...rows],
    true,
  )
  const check = ours.at(-1)?.check ?? 0
  printTable(
    'Types: budgets',
    [
      ['of partita', 'found', 'bar', ''],
      ['instantiations a model', figure(oneMore(ours)), ...verdict(oneMore(ours), INSTANTIATIONS_A_MODEL)],
      [`check of ${MODELS.at(-1)} models`, `${figure(check)} s`, ...verdict(check, SECONDS_OF_CHECKING)],
      ['the same, of types written by hand', `${figure(check / plain)} x`, '', ''],
      ["the same, of ElectroDB's", `${figure(check / electrodb)} x`, ...verdict(check / electrodb, SHARE_OF_ELECTRODB)],
    ],
    true,
  )
}

async function costsOf({ library, definitions, uses }: Source): Promise<CompilerCost[]> {
  const costs: CompilerCost[] = []
  for (const models of MODELS) {
    costs.push(await compile(`${library}-${models}`, `${definitions(models)}\n${uses?.(models) ?? ''}\n`))
  }
  return costs
}

/** The difference between the two largest programs, without the fixed cost of a library. */
function oneMore(costs: readonly CompilerCost[]): number {
  const [few = 0, many = 0] = MODELS.slice(-2)
  const [less = 0, more = 0] = costs.slice(-2).map(({ instantiations }) => instantiations)
  return (more - less) / (many - few)
}

function verdict(found: number, bar: number): [string, string] {
  return [`<= ${figure(bar)}`, found <= bar ? 'met' : 'MISSED']
}
