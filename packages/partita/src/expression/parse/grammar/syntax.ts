/** Syntax trees: names and values are still placeholders, and operands are not checked yet. */
import type { Comparator } from '../../ast.js'
import type { Token } from './lexer.js'

/** A document path as written. A step is an attribute name, a name placeholder or a list index. */
export interface PathSyntax {
  readonly kind: 'path'
  readonly steps: readonly (string | number | Token)[]
  /** Offset in the expression, in UTF-16 units. */
  readonly start: number
}

/** A function call as written. */
export interface CallSyntax {
  readonly kind: 'call'
  readonly name: Token
  readonly operands: readonly OperandSyntax[]
}

/** An operand as written: a path, a value placeholder or a function call. */
export type OperandSyntax = PathSyntax | { readonly kind: 'value'; readonly placeholder: Token } | CallSyntax

/** A condition as written. */
export type ConditionSyntax =
  | {
      readonly kind: 'compare'
      readonly comparator: Comparator
      readonly left: OperandSyntax
      readonly right: OperandSyntax
    }
  | {
      readonly kind: 'between'
      readonly operand: OperandSyntax
      readonly low: OperandSyntax
      readonly high: OperandSyntax
    }
  | { readonly kind: 'in'; readonly operand: OperandSyntax; readonly list: readonly OperandSyntax[] }
  | { readonly kind: 'and' | 'or'; readonly conditions: readonly ConditionSyntax[] }
  | { readonly kind: 'not'; readonly condition: ConditionSyntax }
  | CallSyntax

/** A sum or difference in a SET action as written. */
export interface SumSyntax {
  readonly kind: 'sum'
  readonly operator: '+' | '-'
  readonly left: OperandSyntax
  readonly right: OperandSyntax
}

/** One action of an update as written. */
export type ActionSyntax =
  | { readonly clause: 'set'; readonly path: PathSyntax; readonly value: OperandSyntax | SumSyntax }
  | { readonly clause: 'remove'; readonly path: PathSyntax }
  | { readonly clause: 'add' | 'delete'; readonly path: PathSyntax; readonly placeholder: Token }
