/** Document paths of an expression, with placeholders replaced by names. */
import type { Path } from '../ast.js'
import { MAX_PATH_STEPS } from '../limits.js'
import type { PlaceholderLookup } from './aliases.js'
import type { PathSyntax } from './grammar/syntax.js'
import { ExpressionError } from './parse-error.js'
import type { Rules } from './rules.js'

/** @throws ExpressionError for a path of over 32 steps. */
export function pathOf({ steps, start }: PathSyntax, placeholders: PlaceholderLookup): Path {
  const path = steps.map(step => (typeof step === 'object' ? placeholders.name(step) : step))
  if (path.length > MAX_PATH_STEPS) {
    const message = `the path at position ${start} has ${path.length} steps; the limit is ${MAX_PATH_STEPS}`
    throw new ExpressionError('pathDepth', message, { count: path.length })
  }
  return Object.freeze(path) as unknown as Path
}

/** The paths of several actions. They are read from the last to the first, as in DynamoDB. @throws ExpressionError */
export function targetsOf(syntax: readonly PathSyntax[], placeholders: PlaceholderLookup, rules: Rules): Path[] {
  const paths = new Array<Path>(syntax.length)
  for (let i = syntax.length - 1; i >= 0; i--) {
    const path = pathOf(syntax[i] as PathSyntax, placeholders)
    rules.target?.(path)
    paths[i] = path
  }
  return paths
}
