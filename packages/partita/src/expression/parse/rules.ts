/** What a layer that reads expressions adds to the language: more that it refuses, in its own words. */
import type { Operand, Path, SetOperand } from '../ast.js'

/** Each may throw, and is called as soon as what it is given was read, operands before their operator. */
export interface Rules {
  /** A function or an operator, BETWEEN and IN among them, with its operands; ADD and DELETE with their value. */
  operator?(name: string, operands: readonly (Operand | SetOperand)[]): void
  /** A path that an update changes or a projection gives; the last comes first. */
  target?(path: Path): void
}
