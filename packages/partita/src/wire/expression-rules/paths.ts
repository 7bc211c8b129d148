/** Detects conflicting document paths. */
import type { Operand, Path, SetOperand } from '../../expression/ast.js'
import { insertPath, type PathBranch, pathTree } from '../../expression/path/tree.js'
import { samePath } from '../../expression/validate/operators.js'
import { RuleError } from './rule-error.js'

/** @throws RuleError if another operand is the same path as the first. */
export function checkDistinct(name: string, operands: readonly (Operand | SetOperand)[]): void {
  const [first] = operands
  if (first?.kind !== 'path') return
  for (let i = 1; i < operands.length; i++) {
    const other = operands[i] as Operand
    if (other.kind !== 'path' || !samePath(first.path, other.path)) continue
    const rule = 'The first operand must be distinct from the remaining operands for this operator or function'
    throw new RuleError(`${rule}; operator: ${name}, first operand: ${shown(first.path)}`)
  }
}

/**
 * Checks the paths of an update or a projection, which are read from the last to the first. The returned function
 * throws a RuleError for one that overlaps another, or treats a value as a list that another treats as a map.
 */
export function distinctTargets(): (path: Path) => void {
  const tree = pathTree<true>()
  const seen: Path[] = []
  return path => {
    if (!fits(tree, path)) throw odds(path, seen)
    seen.push(path)
  }
}

function fits(tree: PathBranch<true>, path: Path): boolean {
  try {
    insertPath(tree, path, true)
    return true
  } catch {
    return false
  }
}

function odds(path: Path, others: readonly Path[]): RuleError {
  const other = others.find(it => relation(path, it)) as Path
  const rule = `Two document paths ${relation(path, other)} with each other`
  const both = `path one: ${shown(path)}, path two: ${shown(other)}`
  return new RuleError(`${rule}; must remove or rewrite one of these paths; ${both}`)
}

function relation(a: Path, b: Path): 'overlap' | 'conflict' | undefined {
  let i = 0
  while (i < a.length && i < b.length && a[i] === b[i]) i++
  if (i === a.length || i === b.length) return 'overlap'
  return typeof a[i] === typeof b[i] ? undefined : 'conflict'
}

/** As AWS writes a path: `[a, [0], b]`. */
function shown(path: Path): string {
  return `[${path.map(step => (typeof step === 'number' ? `[${step}]` : step)).join(', ')}]`
}
