/** Prints the class of a model as a module. */
import type { ModelDescription, ModelSet } from '../../yaml/model-set.js'
import { docComment, propertyName, textLiteral } from '../print/literal.js'
import { type CodeStyle, identifierOf } from '../print/scope.js'
import { methodsOf, type NamedMethod, type NamelessMethod } from './methods.js'

const RUNTIME = 'partita/active-record'
/** Types of the runtime that modules in TypeScript import. A model with such a name has another identifier. */
const TYPES = ['ActivePage', 'ActiveQueryOptions', 'ActiveSortCondition', 'ObjectNotFound']

/** What the module of a class needs from the others. */
export interface ClassSurroundings {
  readonly set: ModelSet
  readonly style: CodeStyle
  /** Module that exports `models`, as the module imports it, without extension. */
  readonly modelsModule: string
  /** Receives methods that have no free name. */
  readonly nameless: (method: NamelessMethod) => void
}

/** The code of a module that exports the class of a model under the model's name. */
export function classCode(model: ModelDescription, around: ClassSurroundings): string {
  const { set, style, modelsModule, nameless } = around
  const identifier = classIdentifier(model.name, set)
  const methods = methodsOf(model, set, nameless)
  const printer = new ClassPrinter(model, set, style)
  const body = methods.map(method => printer.method(method)).join('\n\n')
  const doc = docComment(model.description ?? `Rows of the model ${model.name}.`)
  const options = optionsCode(model, set)
  const declaration = `class ${identifier} extends activeRecord(models, ${textLiteral(model.name)}${options}) {\n${body}\n}`
  const values = [
    [RUNTIME, ['activeRecord', 'registerModel']],
    [`${modelsModule}${style.importExtension}`, ['models']],
  ] as const
  const others = printer.classes.filter(name => name !== model.name)
  const imports = others.map(name => printer.importOf(name)).join('\n')
  const isSame = identifier === model.name
  if (style.language === 'js' && style.moduleSystem === 'commonjs') {
    const required = values.map(([from, names]) => `const { ${names.join(', ')} } = require(${textLiteral(from)})`)
    const exported = isSame ? model.name : `${propertyName(model.name)}: ${identifier}`
    // Classes that refer to each other load each other: each exports its own before it requires another.
    return `${required.join('\n')}\n\n${doc}${declaration}\n\nregisterModel(${identifier})\n\nmodule.exports = { ${exported} }\n${imports && `\n${imports}\n`}`
  }
  const types = style.language === 'ts' ? printer.types.map(name => `type ${name}`) : []
  const runtime = [...types, 'activeRecord', 'registerModel'].sort(byName)
  const beside = [
    `import { models } from ${textLiteral(`${modelsModule}${style.importExtension}`)}`,
    ...others.map(name => printer.importOf(name)),
  ]
  const head = [`import { ${runtime.join(', ')} } from ${textLiteral(RUNTIME)}`, ...beside.sort(byModule)].join('\n')
  const tail = isSame ? '' : `\nexport { ${identifier} as ${model.name} }\n`
  return `${head}\n\n${doc}${isSame ? 'export ' : ''}${declaration}\n\nregisterModel(${identifier})\n${tail}`
}

/** As Biome sorts imported names: letter by letter, without regard to case, and of one letter the capital first. */
function byName(a: string, b: string): number {
  const [left, right] = [a, b].map(name => name.replace(/^type /, '')) as [string, string]
  const at = [...left].findIndex((letter, i) => letter !== right[i])
  const [one = '', other = ''] = at < 0 ? [] : [left[at], right[at]]
  const [low, high] = [one.toLowerCase(), other.toLowerCase()]
  return low === high ? (one < other ? -1 : 1) : low < high ? -1 : 1
}

function byModule(a: string, b: string): number {
  const [left, right] = [a, b].map(line => line.slice(line.lastIndexOf(' from '))) as [string, string]
  return left < right ? -1 : 1
}

/** The identifier of a class in all generated modules. */
function classIdentifier(name: string, { models }: ModelSet): string {
  const names = new Set(models.map(it => it.name))
  let identifier = identifierOf(name, names)
  while (TYPES.includes(identifier) || (identifier !== name && names.has(identifier))) identifier = `${identifier}Model`
  return identifier
}

/** Names of the key of the table that queries take, and whether every call needs a tenant. */
function optionsCode({ indexes }: ModelDescription, { tenancy }: ModelSet): string {
  const keyNames = indexes.filter(({ on }) => on === 'key').map(({ name }) => textLiteral(name))
  const members = [
    ...(keyNames.length === 0 ? [] : [`keyNames: [${keyNames.join(', ')}]`]),
    ...(tenancy === undefined ? [] : [`tenancy: ${textLiteral(tenancy)}`]),
  ]
  return members.length === 0 ? '' : `, { ${members.join(', ')} }`
}

/** Prints the methods of one class, and collects what they use. */
class ClassPrinter {
  readonly #model: ModelDescription
  readonly #set: ModelSet
  readonly #style: CodeStyle
  readonly #classes = new Set<string>()
  readonly #types = new Set<string>()

  constructor(model: ModelDescription, set: ModelSet, style: CodeStyle) {
    this.#model = model
    this.#set = set
    this.#style = style
  }

  /** Names of the models whose classes the methods use. */
  get classes(): string[] {
    return [...this.#classes].sort()
  }

  /** Types of the runtime that the methods use. */
  get types(): string[] {
    return [...this.#types].sort()
  }

  /** The statement that imports the class of another model. */
  importOf(name: string): string {
    const { fileName } = this.#set.models.find(it => it.name === name) as ModelDescription
    const from = textLiteral(`./${fileName}${this.#style.importExtension}`)
    const identifier = classIdentifier(name, this.#set)
    if (this.#style.language === 'js' && this.#style.moduleSystem === 'commonjs') {
      return `const { ${identifier === name ? name : `${propertyName(name)}: ${identifier}`} } = require(${from})`
    }
    return `import { ${identifier === name ? name : `${name} as ${identifier}`} } from ${from}`
  }

  method(method: NamedMethod): string {
    const own = this.#class(this.#model.name)
    switch (method.kind) {
      case 'findBy': {
        const { constraint, fields } = method
        const [field] = fields as [string]
        const value = fields.length === 1 ? this.#fieldType(own, field) : this.#fieldTypes(own, fields)
        return this.#print({
          doc: `Finds the row with ${fields.length === 1 ? 'this value' : 'these values'} of ${constraint}.`,
          isStatic: true,
          name: method.name,
          parameters: [[fields.length === 1 ? 'value' : 'values', value]],
          result: `${own} | ${this.#type('ObjectNotFound')}`,
          code: `${own}.findByUniqueConstraint(${textLiteral(constraint)}, ${fields.length === 1 ? 'value' : 'values'})`,
        })
      }
      case 'query': {
        const { index, field } = method
        return this.#print({
          doc:
            field === undefined
              ? `Queries ${index}: all rows, by its sort key.`
              : `Queries ${index}: the rows with this ${field}.`,
          isStatic: true,
          name: method.name,
          parameters: [
            ...(field === undefined ? [] : [['value', this.#fieldType(own, field)] as const]),
            ...this.#queryParameters(),
          ],
          result: `${this.#type('ActivePage')}<${own}>`,
          code: `${own}.queryByIndex(${textLiteral(index)}, ${field === undefined ? 'undefined' : 'value'}, sort, options)`,
        })
      }
      case 'queryRelated': {
        const { index, model } = method
        const other = this.#class(model)
        return this.#print({
          doc: `Queries ${index} of ${model}: the rows that refer to this one.`,
          isStatic: false,
          name: method.name,
          parameters: this.#queryParameters(),
          result: `${this.#type('ActivePage')}<${other}>`,
          code: `${other}.queryByIndex(${textLiteral(index)}, this.getPrimaryId(), sort, options)`,
        })
      }
      case 'getThrough': {
        const { index, via, to, field } = method
        const [pair, far] = [this.#class(via), this.#class(to)]
        return this.#print({
          doc: `The rows of ${to} that rows of ${via} connect with this one.`,
          isStatic: false,
          name: method.name,
          parameters: [
            this.#queryParameters()[0] as Parameter,
            ['limit?', 'number | null'],
            ['direction?', "'ASC' | 'DESC' | null"],
            ['startKey?', 'string | null'],
          ],
          result: `${this.#type('ActivePage')}<${far}>`,
          code: `${pair}.getRelatedObjectsViaMap(${textLiteral(index)}, this.getPrimaryId(), ${textLiteral(field)}, sort, limit, direction, startKey, ${far})`,
        })
      }
      case 'getRelated': {
        const { field, model } = method
        const other = this.#class(model)
        return this.#print({
          doc: `The row that ${field} refers to, read once; null without one.`,
          isStatic: false,
          name: method.name,
          parameters: [],
          result: `${other} | ${this.#type('ObjectNotFound')} | null`,
          code: `this.getOrLoadRelatedField(${textLiteral(field)}, ${other})`,
        })
      }
    }
  }

  #class(name: string): string {
    this.#classes.add(name)
    return classIdentifier(name, this.#set)
  }

  #type(name: string): string {
    this.#types.add(name)
    return this.#style.language === 'ts' ? name : `import(${textLiteral(RUNTIME)}).${name}`
  }

  #fieldType(own: string, field: string): string {
    return `NonNullable<${own}[${textLiteral(field)}]>`
  }

  #fieldTypes(own: string, fields: readonly string[]): string {
    return `{ ${fields.map(field => `${propertyName(field)}: ${this.#fieldType(own, field)}`).join('; ')} }`
  }

  #queryParameters(): Parameter[] {
    return [
      ['sort?', `${this.#type('ActiveSortCondition')} | null`],
      ['options?', this.#type('ActiveQueryOptions')],
    ]
  }

  #print({ doc, isStatic, name, parameters, result, code }: PrintedMethod): string {
    const prefix = isStatic ? 'static ' : ''
    if (this.#style.language === 'ts') {
      const list = parameters.map(([parameter, type]) => `${parameter}: ${type}`).join(', ')
      return `/** ${doc} */\n${prefix}${name}(${list}): Promise<${result}> {\nreturn ${code}\n}`
    }
    const lines = [
      doc,
      ...parameters.map(([parameter, type]) => {
        const bare = parameter.replace('?', '')
        return `@param {${type}} ${parameter.endsWith('?') ? `[${bare}]` : bare}`
      }),
      `@returns {Promise<${result}>}`,
    ]
    const list = parameters.map(([parameter]) => parameter.replace('?', '')).join(', ')
    return `/**\n${lines.map(line => ` * ${line}`).join('\n')}\n */\n${prefix}${name}(${list}) {\nreturn ${code}\n}`
  }
}

type Parameter = readonly [name: string, type: string]

interface PrintedMethod {
  readonly doc: string
  readonly isStatic: boolean
  readonly name: string
  readonly parameters: readonly Parameter[]
  readonly result: string
  readonly code: string
}
