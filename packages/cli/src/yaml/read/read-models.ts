/** Reads files of models into one {@link ModelSet}, and reports every mistake in them with a code frame. */

import { ShapeCheck } from '../grammar/check.js'
import { FILE } from '../grammar/grammar.js'
import type { CollectionDescription, ModelSet, SourceFile } from '../model-set.js'
import { suggestion } from '../nearest.js'
import { parseYaml } from '../parse.js'
import { BadModels, type ModelProblem, type ReportProblem } from '../problem.js'
import { entriesOf, type MapEntry, member, type TreeNode, textOf } from '../tree.js'
import { fileNames } from './file-names.js'
import { readYamlFiles } from './files.js'
import { type ModelDraft, readModel } from './model.js'
import { textsByName } from './options.js'
import { withRelations } from './relations.js'

/** Each is compared with each. */
const MOST_MODELS = 1000

/** Options of {@link readModels}. */
export interface ReadModelsOptions {
  /** Names of types that the program's own functions make, such as `SlugField`. */
  readonly customTypes?: ReadonlySet<string>
}

/**
 * Reads a YAML file, or a folder of them.
 * @throws BadInput if a file cannot be read. BadModels listing the mistakes.
 */
export function readModels(path: string, options: ReadModelsOptions = {}): ModelSet {
  return modelsOf(readYamlFiles(path), options)
}

/** As {@link readModels}, of texts. @throws BadModels listing the mistakes. */
export function modelsOf(files: readonly SourceFile[], { customTypes = new Set() }: ReadModelsOptions = {}): ModelSet {
  const problems: ModelProblem[] = []
  const report: ReportProblem = (at, message) => problems.push({ at, message })
  const stopIfWrong = (): void => {
    if (problems.length > 0) throw new BadModels(problems, files)
  }
  const trees = files.flatMap((file, i) => parseYaml(file.text, i, report) ?? [])
  stopIfWrong()
  const shapes = new ShapeCheck(report, customTypes)
  for (const tree of trees) shapes.check(tree, FILE, '')
  stopIfWrong()
  const entries = distinct(trees, 'models', report)
  if (entries.length > MOST_MODELS)
    report((entries[MOST_MODELS] as MapEntry).at, `more than ${MOST_MODELS} models are not allowed`)
  stopIfWrong()
  const drafts = entries.map(entry => readModel(entry, customTypes, report))
  if (drafts.length === 0) report({ file: 0, start: 0, end: 0 }, 'there are no models; write them below models:')
  const collections = distinct(trees, 'collections', report).map(collectionOf)
  checkPrefixes(drafts, report)
  checkIndexes(drafts, report)
  checkTargets(drafts, collections, report)
  stopIfWrong()
  const related = withRelations(drafts, report)
  stopIfWrong()
  const names = fileNames(related.map(({ name }) => name))
  const models = related.map(model => ({ ...model, fileName: names.get(model.name) as string }))
  return { files, models, collections, tenancy: tenancyOf(trees, report, stopIfWrong) }
}

/** The entries of a part of all files. A name that two files have is a mistake: neither wins silently. */
function distinct(trees: readonly TreeNode[], part: string, report: ReportProblem): MapEntry[] {
  const names = new Set<string>()
  const entries = trees.flatMap(tree => entriesOf(member(tree, part)))
  for (const { name, at } of entries) {
    if (names.has(name)) report(at, `${name} is also in another file; rename or remove one`)
    names.add(name)
  }
  return entries
}

function collectionOf({ name, at, value }: MapEntry): CollectionDescription {
  const on = member(value, 'on')
  return {
    name,
    pk: textOf(member(value, 'pk')) ?? '',
    on: on?.kind === 'scalar' ? (typeof on.value === 'number' ? `gsi${on.value}` : String(on.value)) : undefined,
    one: textsByName(member(value, 'one')),
    optional: textsByName(member(value, 'optional')),
    many: textsByName(member(value, 'many')),
    description: textOf(member(value, 'description')),
    at,
  }
}

/** Two models of one prefix would mix their rows in index partitions that list all rows of a model. */
function checkPrefixes(models: readonly ModelDraft[], report: ReportProblem): void {
  const owners = new Map<string, string>()
  for (const { name, prefix, key, at } of models) {
    if (key.partitionKey === undefined) continue
    const other = owners.get(prefix)
    if (other !== undefined) report(at, `${name} has the modelPrefix ${prefix}, like ${other}; choose another`)
    owners.set(prefix, name)
  }
}

function checkIndexes(models: readonly ModelDraft[], report: ReportProblem): void {
  for (const { indexes } of models) {
    const taken = new Map<string, string>()
    for (const { name, on, at } of indexes) {
      const other = taken.get(on)
      if (other !== undefined && on !== 'key')
        report(at, `${name} is on ${on}, like ${other}; choose another physical index`)
      taken.set(on, name)
    }
  }
}

/** Models that fields, relations and collections refer to must exist. */
function checkTargets(
  models: readonly ModelDraft[],
  collections: readonly CollectionDescription[],
  report: ReportProblem,
): void {
  const names = models.map(({ name }) => name)
  const check = (at: ModelDraft['at'], owner: string, target: string | undefined): void => {
    if (target === undefined || names.includes(target)) return
    report(at, `${owner} refers to the model ${target}, which does not exist; ${suggestion(target, names)}`)
  }
  for (const model of models) {
    for (const field of model.fields) check(field.at, field.name, field.target)
    for (const relation of model.relations) {
      check(relation.at, relation.name, relation.target)
      check(relation.at, relation.name, relation.via)
    }
  }
  for (const { name, at, one, optional, many } of collections) {
    for (const target of Object.values({ ...one, ...optional, ...many })) check(at, name, target)
  }
}

function tenancyOf(trees: readonly TreeNode[], report: ReportProblem, stopIfWrong: () => void): ModelSet['tenancy'] {
  const given = trees.flatMap(tree => member(tree, 'tenancy') ?? [])
  const values = new Set(given.map(node => textOf(node)))
  const last = given.at(-1)
  if (values.size > 1 && last) report(last.at, 'tenancy differs between the files')
  stopIfWrong()
  return last && (textOf(last) as ModelSet['tenancy'])
}
