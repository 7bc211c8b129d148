/** Reads options that have two names: the library's and DynamoBao's. */
import type { ReportProblem } from '../problem.js'
import { entriesOf, type MapEntry, scalarOf, type TreeNode, textOf } from '../tree.js'

/** The entry under one of several names, which mean the same. Two of them at once are reported. */
export function optionOf(node: TreeNode, names: readonly string[], report: ReportProblem): MapEntry | undefined {
  const [first, second] = entriesOf(node).filter(({ name }) => names.includes(name))
  if (first && second) report(second.at, `${second.name} means the same as ${first.name}; remove one`)
  return first
}

/** Whether an option is true. */
export function isTrue(node: TreeNode | undefined): boolean {
  return scalarOf(node) === true
}

/** A list of texts, or one text as a list. */
export function textsOf(node: TreeNode | undefined): string[] {
  const nodes = node?.kind === 'list' ? node.items : node ? [node] : []
  return nodes.flatMap(item => textOf(item) ?? [])
}

/** The texts of a map, by name. */
export function textsByName(node: TreeNode | undefined): { readonly [name: string]: string } {
  return Object.fromEntries(entriesOf(node).map(({ name, value }) => [name, textOf(value) ?? '']))
}
