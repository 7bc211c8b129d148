/**
 * Parses CRQL, the chained reference query language:
 *
 *     query  = model "." paths | hop { "->" hop } "->" paths
 *     hop    = model "(" target ")" "." path
 *     paths  = target { "," target }
 *     target = [ "@" ] path
 *     path   = key { "." key }
 *     key    = identifier | digits | '"' characters '"'
 *
 * White space may stand between tokens.
 */
import { invalid, type ValidationError, valueText } from '../errors/errors.js'

/** A path in a document: names, and indexes of lists. */
export type QueryPath = readonly (string | number)[]

/** A path from the document itself, or with `@` from the root of the document that it is part of. */
export interface QueryTarget {
  readonly isRoot: boolean
  readonly path: QueryPath
  /** Where it stands in the text. */
  readonly offset: number
}

/** One step of a chain: finds rows of the model whose value at `match` is among the values at the target. */
export interface QueryHop {
  readonly model: string
  /** Undefined for a direct query. */
  readonly target: QueryTarget | undefined
  /** The path that is matched; a direct query matches each of its paths. */
  readonly match: QueryTarget
  readonly offset: number
}

/** A parsed query. */
export type ParsedQuery =
  | { readonly kind: 'direct'; readonly model: string; readonly offset: number; readonly paths: readonly QueryTarget[] }
  | { readonly kind: 'chain'; readonly hops: readonly QueryHop[]; readonly paths: readonly QueryTarget[] }

/** Limits of a query: its characters, its hops, and the names of one path. */
const MAX_QUERY_LENGTH = 20_000
const MAX_HOPS = 100
const MAX_PATH = 32
const MAX_PATHS = 100

/** @throws ValidationError with the line and column of the mistake. */
export function parseQuery(text: unknown): ParsedQuery {
  if (typeof text !== 'string') throw invalid([], `is ${valueText(text)}; a query is a text such as User._id`)
  if (text.length > MAX_QUERY_LENGTH) {
    throw invalid([], `is a query of ${text.length} characters; at most ${MAX_QUERY_LENGTH} are allowed`)
  }
  return new Parser(text).query()
}

/** The error of a mistake at an offset of the text. */
export function queryError(text: string, offset: number, message: string): ValidationError {
  const before = text.slice(0, offset).split('\n')
  const column = [...(before[before.length - 1] as string)].length + 1
  return invalid([], `line ${before.length}, column ${column} of the query: ${message}`)
}

interface Token {
  readonly kind: 'name' | 'digits' | 'quoted' | 'sign' | 'end'
  readonly text: string
  readonly offset: number
}

const TOKEN = /\s*(?:([\p{L}_$][\p{L}\p{N}_$]*)|(\d+)(?![\p{L}_$])|"([^"]*)"|(->|[().,@]))/uy

class Parser {
  readonly #text: string
  #next: Token
  #offset = 0

  constructor(text: string) {
    this.#text = text
    this.#next = this.#read()
  }

  query(): ParsedQuery {
    const { offset } = this.#next
    const model = this.#model()
    if (!this.#isSign('(')) {
      this.#expect('.', `to follow the model ${model}, as in ${model}.path or ${model}(path).path`)
      const paths = this.#paths()
      if (!this.#isEnd()) throw this.#error('nothing can follow the paths of a direct query')
      return { kind: 'direct', model, offset, paths }
    }
    const hops = [this.#hop(model, offset)]
    for (;;) {
      if (this.#isEnd()) throw this.#error('the chain ends without paths; add -> and what to read')
      if (this.#isSign(',')) throw this.#error('only the last step of a chain can name several paths')
      this.#expect('->', 'to continue the chain')
      const start = this.#next
      if (start.kind === 'end') throw this.#error('a hop or the paths to read are missing after ->')
      const target = this.#target()
      if (this.#isSign('(')) {
        const [name] = target.path
        if (target.isRoot || target.path.length > 1 || typeof name !== 'string') {
          throw queryError(this.#text, start.offset, 'a hop begins with the name of a model')
        }
        if (hops.length === MAX_HOPS) throw this.#error(`a chain has at most ${MAX_HOPS} hops`)
        hops.push(this.#hop(name, start.offset))
        continue
      }
      const paths = this.#paths(target)
      if (this.#isSign('->')) throw this.#error('a hop is written Model(path).path; only the last step has bare paths')
      if (!this.#isEnd()) throw this.#error('nothing can follow the paths')
      return { kind: 'chain', hops, paths }
    }
  }

  #hop(model: string, offset: number): QueryHop {
    this.#expect('(', 'before the path at which the hop starts')
    const target = this.#target()
    this.#expect(')', 'after the path at which the hop starts')
    this.#expect('.', `before the path of ${model} that must match`)
    const start = this.#next.offset
    return { model, target, match: { isRoot: false, path: this.#path(), offset: start }, offset }
  }

  #paths(first = this.#target()): QueryTarget[] {
    const paths = [first]
    while (this.#isSign(',')) {
      if (paths.length === MAX_PATHS) throw this.#error(`a query has at most ${MAX_PATHS} paths`)
      this.#take()
      paths.push(this.#target())
    }
    return paths
  }

  #target(): QueryTarget {
    const { offset } = this.#next
    const isRoot = this.#isSign('@')
    if (isRoot) this.#take()
    return { isRoot, path: this.#path(), offset }
  }

  #path(): QueryPath {
    const path = [this.#key()]
    while (this.#isSign('.')) {
      if (path.length === MAX_PATH) throw this.#error(`a path has at most ${MAX_PATH} names`)
      this.#take()
      path.push(this.#key())
    }
    return path
  }

  #key(): string | number {
    const { kind, text } = this.#next
    if (kind === 'name' || kind === 'quoted') return this.#take().text
    if (kind !== 'digits') throw this.#error('the name of a field is missing')
    if (text.length > 6) throw this.#error(`${valueText(text)} is not an index of a list`)
    return Number(this.#take().text)
  }

  #model(): string {
    if (this.#next.kind !== 'name') throw this.#error('a query begins with the name of a model')
    return this.#take().text
  }

  #expect(sign: string, why: string): void {
    if (!this.#isSign(sign)) throw this.#error(`${sign} is missing ${why}`)
    this.#take()
  }

  #isEnd(): boolean {
    return this.#next.kind === 'end'
  }

  #isSign(sign: string): boolean {
    return this.#next.kind === 'sign' && this.#next.text === sign
  }

  #take(): Token {
    const token = this.#next
    this.#next = this.#read()
    return token
  }

  #read(): Token {
    TOKEN.lastIndex = this.#offset
    const found = TOKEN.exec(this.#text)
    if (!found) {
      const rest = this.#text.slice(this.#offset)
      const offset = this.#offset + rest.length - rest.trimStart().length
      if (offset === this.#text.length) return { kind: 'end', text: '', offset }
      const [character] = this.#text.slice(offset)
      throw queryError(this.#text, offset, `${valueText(character)} is not part of a query`)
    }
    const [all, name, digits, quoted, sign] = found
    const start = this.#offset + all.length - all.trimStart().length
    this.#offset = TOKEN.lastIndex
    if (name !== undefined) return { kind: 'name', text: name, offset: start }
    if (digits !== undefined) return { kind: 'digits', text: digits, offset: start }
    if (quoted !== undefined) return { kind: 'quoted', text: quoted, offset: start }
    return { kind: 'sign', text: sign as string, offset: start }
  }

  #error(message: string): ValidationError {
    const found = this.#isEnd() ? 'the query ends here' : `found ${valueText(this.#next.text)}`
    return queryError(this.#text, this.#next.offset, `${message} (${found})`)
  }
}
