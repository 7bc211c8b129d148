/**
 * Parses YAML 1.2 to a tree. The text is untrusted: its size, depth and number of nodes are bounded, aliases count as often
 * as they are used, and no tag makes an object of a class.
 */
import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type Pair, parseDocument, type Scalar } from 'yaml'
import type { SourceRange } from './model-set.js'
import { withoutOpenBraces } from './open-braces.js'
import type { ReportProblem } from './problem.js'
import type { MapEntry, MapNode, TreeNode } from './tree.js'

/** Largest file, in UTF-16 code units. A thousand models take about 1 MB. */
const LONGEST_TEXT = 2_000_000
/** Most nodes of a file, with aliases counted at each use. */
const MOST_NODES = 200_000
const DEEPEST = 50

/** Parses a file. @returns undefined if mistakes were reported that leave no tree. */
export function parseYaml(text: string, file: number, report: ReportProblem): TreeNode | undefined {
  const at = (start: number, end: number): SourceRange => ({ file, start, end: Math.max(start, end) })
  if (text.length > LONGEST_TEXT) {
    report(at(0, 0), `the file has ${text.length} characters; ${LONGEST_TEXT} are allowed`)
    return undefined
  }
  const deep = tooDeep(text)
  if (deep !== undefined) {
    report(at(deep, deep + 1), `more than ${DEEPEST} levels are not allowed`)
    return undefined
  }
  const document = parseLeniently(text)
  if (document === undefined) {
    report(at(0, 0), 'the file is nested too deeply')
    return undefined
  }
  for (const { pos, message } of [...document.errors, ...document.warnings]) {
    report(at(pos[0], pos[1]), firstLine(message))
  }
  if (document.errors.length + document.warnings.length > 0) return undefined
  if (document.contents === null) {
    report(at(0, 0), 'the file is empty; it begins with models:')
    return undefined
  }
  return new TreeBuilder(file, report).build(document.contents)
}

function parseLeniently(text: string) {
  try {
    const given = parse(text)
    const repaired = given.errors.length > 0 ? withoutOpenBraces(text) : undefined
    const again = repaired === undefined ? undefined : parse(repaired)
    return again && again.errors.length === 0 ? again : given
  } catch (error) {
    // The parser is recursive.
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function parse(text: string) {
  // Keys are compared here, in the tree builder: the library compares each with each.
  return parseDocument(text, { schema: 'core', version: '1.2', uniqueKeys: false, prettyErrors: false, merge: false })
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] as string
}

/** Offset of the first bracket that is too deep. The parser is recursive, so this is found before it runs. */
function tooDeep(text: string): number | undefined {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const character = text[i]
    if (character === '[' || character === '{') depth++
    else if (character === ']' || character === '}') depth = Math.max(0, depth - 1)
    if (depth > DEEPEST * 4) return i
  }
  // A block sequence in one line, `- - - -`, and a complex key, `? ? ? ?`, nest too.
  const run = /(?:[-?][ \t]+){200}/.exec(text)
  return run?.index
}

class TreeBuilder {
  readonly #file: number
  readonly #report: ReportProblem
  readonly #anchors = new Map<string, Node>()
  #nodes = 0
  #isStopped = false

  constructor(file: number, report: ReportProblem) {
    this.#file = file
    this.#report = report
  }

  build(node: Node): TreeNode | undefined {
    const tree = this.#node(node, this.#rangeOf(node), 0, new Set())
    return this.#isStopped ? undefined : tree
  }

  #rangeOf(node: Node | null | undefined, fallback?: SourceRange): SourceRange {
    if (!node?.range) return fallback ?? { file: this.#file, start: 0, end: 0 }
    return { file: this.#file, start: node.range[0], end: node.range[1] }
  }

  #stop(at: SourceRange, message: string): TreeNode {
    if (!this.#isStopped) this.#report(at, message)
    this.#isStopped = true
    return { kind: 'scalar', value: null, text: '', at }
  }

  /** @param open the aliases that are being followed, which must not refer to themselves. */
  #node(node: Node | null, at: SourceRange, depth: number, open: ReadonlySet<Node>): TreeNode {
    if (this.#isStopped) return { kind: 'scalar', value: null, text: '', at }
    if (++this.#nodes > MOST_NODES) return this.#stop(at, `more than ${MOST_NODES} values are not allowed`)
    if (depth > DEEPEST) return this.#stop(at, `more than ${DEEPEST} levels are not allowed`)
    if (node === null) return { kind: 'scalar', value: null, text: '', at }
    if (isAlias(node)) return this.#alias(node, at, depth, open)
    if (!isAlias(node) && node.anchor) this.#anchors.set(node.anchor, node)
    if (isSeq(node)) {
      const items = node.items.map(item => this.#node(item as Node, this.#rangeOf(item as Node, at), depth + 1, open))
      return { kind: 'list', items, at }
    }
    if (isMap(node)) return this.#map(node.items as Pair<Node, Node | null>[], at, depth, open)
    return this.#scalar(node as Scalar, at)
  }

  #scalar({ value, source }: Scalar, at: SourceRange): TreeNode {
    const text = source ?? String(value)
    if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      return { kind: 'scalar', value, text, at }
    }
    return this.#stop(at, 'this kind of value is not supported; write text, a number, true, false or null')
  }

  #alias(alias: Alias, at: SourceRange, depth: number, open: ReadonlySet<Node>): TreeNode {
    const target = this.#anchors.get(alias.source)
    if (!target) return this.#stop(at, `*${alias.source} refers to an anchor that does not exist before it`)
    if (open.has(target)) return this.#stop(at, `*${alias.source} refers to itself`)
    return this.#node(target, at, depth + 1, new Set([...open, target]))
  }

  #map(pairs: readonly Pair<Node, Node | null>[], at: SourceRange, depth: number, open: ReadonlySet<Node>): MapNode {
    const entries = new Map<string, MapEntry>()
    const merged: MapEntry[] = []
    for (const { key, value } of pairs) {
      const keyAt = this.#rangeOf(key, at)
      if (!isScalar(key)) {
        this.#stop(keyAt, 'a list or a map cannot be a name')
        break
      }
      const name = String(key.source ?? key.value ?? '')
      const node = this.#node(value, this.#rangeOf(value, keyAt), depth + 1, open)
      if (name === '__proto__') this.#report(keyAt, '__proto__ is not allowed as a name')
      else if (name === '<<' && key.type === 'PLAIN') merged.push(...this.#mergedEntries(node))
      else if (entries.has(name)) this.#report(keyAt, `${name} is here twice; remove one`)
      else entries.set(name, { name, at: keyAt, value: node })
    }
    for (const entry of merged) if (!entries.has(entry.name)) entries.set(entry.name, entry)
    return { kind: 'map', entries: [...entries.values()], at }
  }

  /** The entries of one map, or of a list of maps, of which earlier ones win. */
  #mergedEntries(node: TreeNode): readonly MapEntry[] {
    if (node.kind === 'map') return node.entries
    if (node.kind === 'list' && node.items.every(item => item.kind === 'map')) {
      return node.items.flatMap(item => this.#mergedEntries(item))
    }
    this.#report(node.at, '<< takes a map, or a list of maps')
    return []
  }
}
