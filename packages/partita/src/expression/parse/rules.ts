/** Additional checks that a caller of the parser supplies, with its own errors. */
import type { Operand, Path, SetOperand } from '../ast.js'

/** Each check may throw. It is called as soon as its arguments are parsed, operands before their operator. */
export interface Rules {
  /** Checks a function or an operator (also BETWEEN and IN) with its operands, or ADD and DELETE with their value. */
  operator?(name: string, operands: readonly (Operand | SetOperand)[]): void
  /** Checks a path that an update changes or a projection returns. The last path is checked first. */
  target?(path: Path): void
}
