/** The scope of a generated module: what it imports, and names that do not collide. */
import { textLiteral } from './literal.js'

/** The language of generated code and its module system. */
export interface CodeStyle {
  readonly language: 'ts' | 'js'
  readonly moduleSystem: 'esm' | 'commonjs'
  /** Extension of imported generated modules, with its dot; empty for CommonJS, as Node resolves it. */
  readonly importExtension: string
}

/** Names of JavaScript and TypeScript that generated code uses or that linters protect. A model may have such a name. */
const GLOBALS = new Set(
  [
    'AggregateError Array ArrayBuffer Atomics BigInt BigInt64Array BigUint64Array Boolean DataView Date Error EvalError',
    'FinalizationRegistry Float16Array Float32Array Float64Array Function Infinity Int16Array Int32Array Int8Array Intl',
    'Iterator JSON Map Math NaN Number Object Promise Proxy RangeError ReferenceError Reflect RegExp Set',
    'SharedArrayBuffer String Symbol SyntaxError TypeError URIError Uint16Array Uint32Array Uint8Array',
    'Uint8ClampedArray WeakMap WeakRef WeakSet Record Omit Partial Readonly Pick Exclude Extract',
    // Names of the library and of the generated db module.
    'ConnectOptions Database Db Decimal Models Options',
  ].flatMap(line => line.split(' ')),
)

/** The identifier of a model or a collection in generated code: its name, or another one where that has a meaning. */
export function identifierOf(name: string, names: ReadonlySet<string>): string {
  let identifier = name
  while (GLOBALS.has(identifier) || (identifier !== name && names.has(identifier))) {
    identifier = `${identifier}${GLOBALS.has(identifier) ? 'Model' : '_'}`
  }
  return identifier
}

interface Import {
  readonly from: string
  readonly name: string
  readonly as: string
  readonly isType: boolean
}

/** Collects the imports of one module while its code is printed. */
export class ModuleScope {
  readonly #style: CodeStyle
  readonly #imports = new Map<string, Import>()
  readonly #namespaces = new Map<string, string>()
  readonly #customFields: ReadonlyMap<string, string>
  readonly #own: ReadonlySet<string>

  /**
   * @param customFields modules of custom fields by the name of their type.
   * @param own identifiers that the module declares.
   */
  constructor(style: CodeStyle, customFields: ReadonlyMap<string, string>, own: ReadonlySet<string>) {
    this.#style = style
    this.#customFields = customFields
    this.#own = own
  }

  get language(): CodeStyle['language'] {
    return this.#style.language
  }

  /** Imports a function of the library. @returns its name. */
  use(name: string): string {
    return this.import('partita', name)
  }

  /** Imports a type of the library, in TypeScript. @returns its name. */
  useType(name: string): string {
    this.#imports.set(`partita ${name}`, { from: 'partita', name, as: name, isType: true })
    return name
  }

  /** Imports a name from a module. @returns the name in this module. */
  import(from: string, name: string, as = name): string {
    this.#imports.set(`${from} ${name}`, { from, name, as, isType: false })
    return as
  }

  /** Imports all exports of a module as one object. @returns its name. */
  importAll(from: string, as: string): string {
    this.#namespaces.set(from, as)
    return as
  }

  isCustomField(type: string): boolean {
    return this.#customFields.has(type)
  }

  /** Imports the function of a custom field. @returns its name. */
  customField(type: string): string {
    const as = this.#own.has(type) ? `make${type}` : type
    return this.import(this.#customFields.get(type) as string, type, as)
  }

  /** The import statements, packages before files. */
  importCode(): string {
    const modules = new Map<string, Import[]>()
    for (const it of this.#imports.values()) modules.set(it.from, [...(modules.get(it.from) ?? []), it])
    const lines = [
      ...[...modules].map(([from, imports]) => [from, this.#named(from, imports)] as const),
      ...[...this.#namespaces].map(([from, as]) => [from, this.#namespace(from, as)] as const),
    ]
    return lines
      .sort(([a], [b]) => distance(a) - distance(b) || naturally(withoutExtension(a), withoutExtension(b)))
      .map(([, line]) => line)
      .join('\n')
  }

  #named(from: string, imports: readonly Import[]): string {
    const sorted = [...imports].sort((a, b) => naturally(a.name, b.name))
    if (this.#style.moduleSystem === 'commonjs' && this.#style.language === 'js') {
      const names = sorted.map(({ name, as }) => (as === name ? name : `${name}: ${as}`))
      return `const { ${names.join(', ')} } = require(${textLiteral(from)})`
    }
    const types = sorted.every(({ isType }) => isType)
    const names = sorted.map(
      ({ name, as, isType }) => `${isType && !types ? 'type ' : ''}${as === name ? name : `${name} as ${as}`}`,
    )
    return `import ${types ? 'type ' : ''}{ ${names.join(', ')} } from ${textLiteral(from)}`
  }

  #namespace(from: string, as: string): string {
    if (this.#style.moduleSystem === 'commonjs' && this.#style.language === 'js')
      return `const ${as} = require(${textLiteral(from)})`
    return `import * as ${as} from ${textLiteral(from)}`
  }
}

/** Packages come first, then files of folders above, then those beside. */
function distance(from: string): number {
  return from.startsWith('../') ? 1 : from.startsWith('.') ? 2 : 0
}

function withoutExtension(from: string): string {
  return from.replace(/\.[cm]?js$/, '')
}

/** The order of Biome and editors: `A`, `a`, `B`, and numbers by their value. */
function naturally(a: string, b: string): number {
  const [left, right] = [partsOf(a), partsOf(b)]
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const order = compareParts(left[i] as string, right[i] as string)
    if (order !== 0) return order
  }
  return left.length - right.length
}

function partsOf(text: string): string[] {
  return text.match(/\d+|\D/gu) ?? []
}

function compareParts(a: string, b: string): number {
  if (/\d/.test(a) && /\d/.test(b)) return Number(a) - Number(b)
  const [left, right] = [a.toLowerCase(), b.toLowerCase()]
  if (left !== right) return left < right ? -1 : 1
  return a === b ? 0 : a < b ? -1 : 1
}
