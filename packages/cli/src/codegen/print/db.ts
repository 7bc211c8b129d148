/** Prints the modules of all models together: `db`, which connects them, and `collections`. */
import type { CollectionDescription, ModelSet } from '../../yaml/model-set.js'
import { docComment, objectLiteral, propertyName, textLiteral } from './literal.js'
import { type CodeStyle, identifierOf, ModuleScope } from './scope.js'

const NO_COLLECTIONS = 'Readonly<Record<never, never>>'

/** The code of the module that connects the models. @param folder folder of the models, as the module imports it. */
export function dbCode({ models, collections, tenancy }: ModelSet, style: CodeStyle, folder: string): string {
  const names = new Set(models.map(({ name }) => name))
  const scope = new ModuleScope(style, new Map(), new Set())
  const identifiers = models.map(({ name, fileName }) => {
    const identifier = identifierOf(name, names)
    scope.import(`${folder}/${fileName}${style.importExtension}`, name, identifier)
    return [name, identifier] as const
  })
  const hasSets = collections.length > 0
  if (hasSets) scope.import(`./collections${style.importExtension}`, 'collections')
  const list = `{ ${identifiers.map(([name, it]) => (name === it ? name : `${name}: ${it}`)).join(', ')} }`
  const options = [
    'models',
    ...(hasSets ? ['collections'] : []),
    ...(tenancy === undefined ? [] : [`tenancy: ${textLiteral(tenancy)}`]),
    '...options',
  ].join(', ')
  return style.language === 'ts'
    ? tsCode(scope, identifiers, list, options, hasSets)
    : jsCode(scope, style, identifiers, list, options, hasSets)
}

type Identifiers = readonly (readonly [name: string, identifier: string])[]

function tsCode(scope: ModuleScope, identifiers: Identifiers, list: string, options: string, hasSets: boolean): string {
  const sets = hasSets ? 'typeof collections' : NO_COLLECTIONS
  const [connect, connectOptions, database] = [
    scope.use('connect'),
    scope.useType('ConnectOptions'),
    scope.useType('Database'),
  ]
  const members = identifiers.map(([name, identifier]) => `${propertyName(name)}: typeof ${identifier}`)
  return `${scope.importCode()}

/** The models by name. */
export interface Models {
  ${members.join('\n  ')}
}

/** The connected models. */
export type Db = ${database}<Models, ${sets}>

/** Options of {@link connectModels}: those of \`connect\` but the models. */
export type Options = Omit<${connectOptions}<Models, ${sets}>, 'models' | 'collections'>

/** All models. */
export const models: Models = ${list}

/** Connects the models to a store: by default the one that PARTITA_STORE names, else the folder .partita. */
export function connectModels(options: Options = {}): Promise<Db> {
  return ${connect}<Models, ${sets}>({ ${options} })
}
`
}

function jsCode(
  scope: ModuleScope,
  style: CodeStyle,
  identifiers: Identifiers,
  list: string,
  options: string,
  hasSets: boolean,
): string {
  const sets = hasSets ? 'typeof collections' : NO_COLLECTIONS
  const connect = scope.use('connect')
  const members = identifiers.map(([name, identifier]) => `${propertyName(name)}: typeof ${identifier}`)
  const isCommonJs = style.moduleSystem === 'commonjs'
  const keyword = isCommonJs ? '' : 'export '
  return `${scope.importCode()}

/** @typedef {{ ${members.join(', ')} }} Models The models by name. */
/** @typedef {import('partita').Database<Models, ${sets}>} Db The connected models. */
/** @typedef {Omit<import('partita').ConnectOptions<Models, ${sets}>, 'models' | 'collections'>} Options */

/**
 * All models.
 * @type {Models}
 */
${keyword}const models = ${list}

/**
 * Connects the models to a store: by default the one that PARTITA_STORE names, else the folder .partita.
 * @param {Options} [options] those of \`connect\` but the models.
 * @returns {Promise<Db>}
 */
${keyword}function connectModels(options = {}) {
  return ${connect}({ ${options} })
}
${isCommonJs ? '\nmodule.exports = { models, connectModels }\n' : ''}`
}

/** The code of the module of collections. @param folder folder of the models, as the module imports it. */
export function collectionsCode({ models, collections }: ModelSet, style: CodeStyle, folder: string): string {
  const names = new Set(models.map(({ name }) => name))
  const scope = new ModuleScope(style, new Map(), new Set())
  const modelIn = (name: string): string => {
    const fileName = models.find(it => it.name === name)?.fileName ?? ''
    return scope.import(`${folder}/${fileName}${style.importExtension}`, name, identifierOf(name, names))
  }
  const members = collections.map(
    it => `${docComment(it.description)}${propertyName(it.name)}: ${collectionCode(it, scope, modelIn)},`,
  )
  const isCommonJs = style.language === 'js' && style.moduleSystem === 'commonjs'
  const declaration = `${isCommonJs ? '' : 'export '}const collections = {\n${members.join('\n')}\n}\n`
  return `${scope.importCode()}\n\n/** The collections by name. */\n${declaration}${isCommonJs ? '\nmodule.exports = { collections }\n' : ''}`
}

function collectionCode(
  { name, pk, on, one, optional, many }: CollectionDescription,
  scope: ModuleScope,
  modelIn: (name: string) => string,
): string {
  const part = (of: string, parts: Readonly<Record<string, string>>): [string, string][] =>
    Object.keys(parts).length === 0
      ? []
      : [[of, objectLiteral(Object.entries(parts).map(([it, target]) => [it, modelIn(target)]))]]
  const definition = objectLiteral([
    ['pk', textLiteral(pk)],
    ...(on === undefined ? [] : [['on', textLiteral(on)] as const]),
    ...part('one', one),
    ...part('optional', optional),
    ...part('many', many),
  ])
  return `${scope.use('collection')}(${textLiteral(name)}, ${definition})`
}
