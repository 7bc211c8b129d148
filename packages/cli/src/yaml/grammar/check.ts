/** Checks a tree against a shape, and reports each mistake with its range and the nearest right name. */
import { nearest } from 'partita/store'
import { suggestion } from '../nearest.js'
import type { ReportProblem } from '../problem.js'
import { describeNode, type MapNode, member, type TreeNode, textOf } from '../tree.js'
import type { EitherShape, NumberShape, ObjectShape, Shape, TaggedShape, TextShape, VariantsShape } from './shape.js'

/** Longest text where a shape has no limit of its own. */
const LONGEST_TEXT = 10_000

/** Checks a tree. */
export class ShapeCheck {
  readonly #report: ReportProblem
  readonly #customTypes: ReadonlySet<string>

  /** @param customTypes values of tags that take the shape `others`. */
  constructor(report: ReportProblem, customTypes: ReadonlySet<string>) {
    this.#report = report
    this.#customTypes = customTypes
  }

  /** @param what the part that the node is, for messages: `fields.name.required`. @returns whether it fits. */
  check(node: TreeNode, shape: Shape, what: string): boolean {
    switch (shape.kind) {
      case 'any':
        return true
      case 'named':
        return this.check(node, shape.shape(), what)
      case 'null':
        return isEmpty(node) || this.#wrong(node, what, 'nothing')
      case 'boolean':
        return this.#boolean(node, what)
      case 'number':
        return this.#number(node, shape, what)
      case 'text':
        return this.#text(node, shape, what)
      case 'choice': {
        const given = textOf(node)
        if (given !== undefined && shape.values.includes(given)) return true
        const near = suggestion(given ?? '', shape.values)
        return this.#fail(node, `${what} is ${describeNode(node)}; ${near}`)
      }
      case 'list': {
        if (node.kind !== 'list') return this.#wrong(node, what, 'a list')
        if (node.items.length < (shape.min ?? 0)) return this.#fail(node, `${what} is an empty list`)
        return every(node.items, (item, i) => this.check(item, shape.of, `${what}[${i}]`))
      }
      case 'record':
        if (node.kind !== 'map') return this.#wrong(node, what, 'a map')
        return every(node.entries, ({ name, at, value }) => {
          if (new RegExp(`^(?:${shape.names})$`).test(name)) return this.check(value, shape.of, join(what, name))
          this.#report(at, `${short(name)} cannot be ${shape.nameIs}`)
          return false
        })
      case 'object':
        return this.#object(node, shape, what)
      case 'either':
        return this.check(node, bestShape(node, shape), what)
      case 'variants':
        return this.#variants(node, shape, what)
      case 'tagged':
        return this.#tagged(node, shape, what)
    }
  }

  #fail(node: TreeNode, message: string): false {
    this.#report(node.at, message)
    return false
  }

  #wrong(node: TreeNode, what: string, wanted: string): false {
    return this.#fail(node, `${what} is ${describeNode(node)}; it takes ${wanted}`)
  }

  #boolean(node: TreeNode, what: string): boolean {
    if (node.kind === 'scalar' && typeof node.value === 'boolean') return true
    const old = /^(?:(yes|on|y)|no|off|n)$/i.exec(textOf(node) ?? '')
    if (old) return this.#fail(node, `${what} is ${describeNode(node)}; write ${old[1] ? 'true' : 'false'}`)
    return this.#wrong(node, what, 'true or false')
  }

  #number(node: TreeNode, { isWhole, min, max }: NumberShape, what: string): boolean {
    const value = node.kind === 'scalar' ? node.value : undefined
    const wanted = isWhole ? 'a whole number' : 'a number'
    const range =
      min === undefined
        ? max === undefined
          ? ''
          : ` up to ${max}`
        : ` from ${min}${max === undefined ? '' : ` to ${max}`}`
    const isFine =
      typeof value === 'number' &&
      (isWhole ? Number.isSafeInteger(value) : Number.isFinite(value)) &&
      value >= (min ?? -Infinity) &&
      value <= (max ?? Infinity)
    return isFine || this.#wrong(node, what, wanted + range)
  }

  #text(node: TreeNode, { pattern, of = 'text', maxLength = LONGEST_TEXT }: TextShape, what: string): boolean {
    const given = textOf(node)
    if (given === undefined) {
      const isQuotable = node.kind === 'scalar' && node.value !== null && pattern === undefined
      return this.#wrong(node, what, isQuotable ? 'text; write it in quotes' : of)
    }
    if (given.length > maxLength)
      return this.#fail(node, `${what} has ${given.length} characters; ${maxLength} are allowed`)
    return pattern === undefined || new RegExp(`^(?:${pattern})$`).test(given) || this.#wrong(node, what, of)
  }

  #object(node: TreeNode, { members, required = [], hints = {} }: ObjectShape, what: string): boolean {
    if (node.kind !== 'map') return this.#wrong(node, what, `a map with ${Object.keys(members).join(', ')}`)
    const isKnown = every(node.entries, ({ name, at, value }) => {
      const shape = Object.hasOwn(members, name) ? members[name] : undefined
      if (shape) return this.check(value, shape, join(what, name))
      const hint = Object.hasOwn(hints, name) ? hints[name] : suggestion(name, Object.keys(members))
      this.#report(at, `${short(name)} is not known in ${what || 'this file'}; ${hint}`)
      return false
    })
    const missing = required.filter(name => !member(node, name))
    // A mistyped name is reported once, and not also as missing.
    const isTypo = (name: string) =>
      node.entries.some(it => !Object.hasOwn(members, it.name) && nearest(it.name, Object.keys(members)) === name)
    for (const name of missing) if (!isTypo(name)) this.#report(headOf(node), `${what || 'the file'} lacks ${name}`)
    return isKnown && missing.length === 0
  }

  #variants(node: TreeNode, { variants }: VariantsShape, what: string): boolean {
    const found = variants.find(({ has }) => member(node, has))
    if (found) return this.check(node, found.shape, what)
    if (node.kind !== 'map') return this.#wrong(node, what, `a map with ${variants.map(({ has }) => has).join(' or ')}`)
    return this.check(node, (variants[0] as (typeof variants)[number]).shape, what)
  }

  #tagged(node: TreeNode, { tag, tagIs, cases, others }: TaggedShape, what: string): boolean {
    if (node.kind !== 'map') return this.#wrong(node, what, `a map with ${tag}`)
    const value = member(node, tag)
    if (!value) return this.#fail({ ...node, at: headOf(node) }, `${what} lacks ${tag}`)
    const name = textOf(value)
    if (name !== undefined && others && this.#customTypes.has(name)) return this.check(node, others, what)
    if (name !== undefined && Object.hasOwn(cases, name)) return this.check(node, cases[name] as ObjectShape, what)
    const near = suggestion(name ?? '', [...Object.keys(cases), ...this.#customTypes])
    return this.#fail(value, `${what}.${tag} is ${describeNode(value)}, which is not ${tagIs}; ${near}`)
  }
}

/** The shape whose kind of value the node has, else the last one, which explains most. */
function bestShape(node: TreeNode, { shapes }: EitherShape): Shape {
  const fitting = shapes.find(shape => takes(shape, node))
  return fitting ?? (shapes.at(-1) as Shape)
}

function takes(shape: Shape, node: TreeNode): boolean {
  switch (shape.kind) {
    case 'named':
      return takes(shape.shape(), node)
    case 'any':
      return true
    case 'either':
      return shape.shapes.some(it => takes(it, node))
    case 'list':
      return node.kind === 'list'
    case 'null':
      return isEmpty(node)
    case 'boolean':
    case 'number':
      return node.kind === 'scalar' && typeof node.value === shape.kind
    case 'text':
    case 'choice':
      return textOf(node) !== undefined
    case 'record':
    case 'object':
    case 'variants':
    case 'tagged':
      return node.kind === 'map'
  }
}

function isEmpty(node: TreeNode): boolean {
  return node.kind === 'scalar' && node.value === null
}

/** The begin of a map, to point at it without underlining all of it. */
function headOf({ entries, at }: MapNode): MapNode['at'] {
  return entries[0]?.at ?? { ...at, end: at.start + 1 }
}

function join(what: string, name: string): string {
  return what === '' ? short(name) : `${what}.${short(name)}`
}

/** A name of the file as part of a message. */
function short(name: string): string {
  return name.length > 60 ? `${name.slice(0, 57)}...` : name
}

/** Unlike the method of arrays, this does not stop at the first failure: all mistakes are reported. */
function every<T>(items: readonly T[], check: (item: T, index: number) => boolean): boolean {
  return items.map((item, i) => check(item, i)).every(Boolean)
}
