/** Prints a model as a module. */
import type {
  IndexDescription,
  ModelDescription,
  RelationDescription,
  UniqueDescription,
} from '../../yaml/model-set.js'
import { fieldsCode } from './field.js'
import { docComment, objectLiteral, plainLiteral, textLiteral } from './literal.js'
import { type CodeStyle, identifierOf, ModuleScope } from './scope.js'

/** Buckets of the iteration index that need not be written. */
const DEFAULT_BUCKETS = 10

/** What a module of a model needs from the others. */
export interface ModelSurroundings {
  readonly style: CodeStyle
  /** Names of all models. */
  readonly names: ReadonlySet<string>
  /** Modules of custom fields by the name of their type, as the module imports them. */
  readonly customFields: ReadonlyMap<string, string>
  /** Module of the model's rules, as the module imports it. */
  readonly rulesModule: string | undefined
}

/** The code of a module that exports the model under its name. */
export function modelCode(
  model: ModelDescription,
  { style, names, customFields, rulesModule }: ModelSurroundings,
): string {
  const identifier = identifierOf(model.name, names)
  const scope = new ModuleScope(style, customFields, new Set([identifier]))
  const members = [
    ['fields', fieldsCode(model.fields, scope)],
    ['key', keyCode(model)],
    ...optional(
      'unique',
      model.unique.map(it => [it.name, uniqueCode(it)] as const),
    ),
    ...optional(
      'indexes',
      model.indexes.flatMap(it => (it.on === 'key' ? [] : [[it.name, indexCode(it, typeName(model))] as const])),
    ),
    ...optional(
      'relations',
      model.relations.map(it => [it.name, relationCode(it, scope)] as const),
    ),
    ...settings(model),
    ...rulesMember(model, scope, rulesModule),
  ] as const
  const definition = `{\n${members.map(([name, code]) => `${name}: ${code},`).join('\n')}\n}`
  const declaration = `const ${identifier} = ${scope.use('model')}(${textLiteral(model.name)}, ${definition})`
  return moduleCode(scope, style, docComment(model.description), declaration, identifier, model.name)
}

/** A module with one declaration, which it exports under a name. */
function moduleCode(
  scope: ModuleScope,
  { language, moduleSystem }: CodeStyle,
  comment: string,
  declaration: string,
  identifier: string,
  name: string,
): string {
  const imports = scope.importCode()
  const isSame = identifier === name
  if (language === 'js' && moduleSystem === 'commonjs') {
    return `${imports}\n\n${comment}${declaration}\n\nmodule.exports = { ${isSame ? name : `${name}: ${identifier}`} }\n`
  }
  if (isSame) return `${imports}\n\n${comment}export ${declaration}\n`
  return `${imports}\n\n${comment}${declaration}\n\nexport { ${identifier} as ${name} }\n`
}

function optional(name: string, members: readonly (readonly [string, string])[]): (readonly [string, string])[] {
  return members.length === 0 ? [] : [[name, objectLiteral(members)]]
}

function typeName({ name, type }: ModelDescription): string {
  return type ?? name
}

/** The short form where it means the same. */
function keyCode(model: ModelDescription): string {
  const { pk, sk, pkFields } = model.key
  const type = typeName(model)
  if (sk !== type)
    return objectLiteral([
      ['pk', textLiteral(pk)],
      ['sk', textLiteral(sk)],
    ])
  const [field] = pkFields
  return field !== undefined && pk === `${type}#{${field}}`
    ? textLiteral(field)
    : objectLiteral([['pk', textLiteral(pk)]])
}

function indexCode({ on, pk, sk, when }: IndexDescription, type: string): string {
  return objectLiteral([
    ['on', textLiteral(on)],
    ['pk', textLiteral(pk)],
    ...(sk === type ? [] : [['sk', textLiteral(sk)] as const]),
    ...(when === undefined ? [] : [['when', plainLiteral(when)] as const]),
  ])
}

function uniqueCode({ fields, lower, trim }: UniqueDescription): string {
  if (!lower && !trim) return plainLiteral(fields)
  return plainLiteral({ fields, ...(lower && { lower }), ...(trim && { trim }) })
}

function relationCode(
  { kind, target, fields, index = 'key', via = '', to }: RelationDescription,
  scope: ModuleScope,
): string {
  if (kind === 'one') return `${scope.use('one')}(${textLiteral(target)}, ${plainLiteral(fields ?? {})})`
  const pairs = typeof fields === 'object' ? fields : undefined
  if (kind === 'many') {
    const more = pairs ? `, ${plainLiteral(pairs)}` : ''
    return `${scope.use('many')}(${textLiteral(target)}, ${textLiteral(index)}${more})`
  }
  const options = { ...(pairs && { fields: pairs }), ...(to !== undefined && { to }) }
  const more = Object.keys(options).length > 0 ? `, ${plainLiteral(options)}` : ''
  return `${scope.use('through')}(${textLiteral(target)}, ${textLiteral(via)}, ${textLiteral(index)}${more})`
}

function settings({ iterable, type, encoding, softDelete, database }: ModelDescription): (readonly [string, string])[] {
  return [
    ...(iterable === DEFAULT_BUCKETS
      ? []
      : [['iterable', plainLiteral(iterable === false ? false : { buckets: iterable })] as const]),
    ...(type === undefined ? [] : [['type', plainLiteral(type)] as const]),
    ...(encoding === undefined ? [] : [['encoding', textLiteral(encoding)] as const]),
    ...(softDelete === undefined ? [] : [['softDelete', plainLiteral(softDelete)] as const]),
    ...(database === undefined ? [] : [['database', textLiteral(database)] as const]),
  ]
}

function rulesMember(
  { rules }: ModelDescription,
  scope: ModuleScope,
  module: string | undefined,
): (readonly [string, string])[] {
  if (!rules) return []
  const members = Object.entries(rules.plain).map(([name, value]): readonly [string, string] => {
    const isInherited = name === 'permissions' && typeof value === 'object' && value !== null && 'inherit' in value
    if (!isInherited) return [name, plainLiteral(value)]
    return [name, `${scope.use('inherit')}(${textLiteral(String(value.inherit))})`]
  })
  if (module === undefined) return [['rules', objectLiteral(members)]]
  const spread = `...${scope.importAll(module, 'rules')}`
  const printed = members.map(([name, code]) => `${name}: ${code}`)
  return [['rules', `{ ${[...printed, spread].join(', ')} }`]]
}
