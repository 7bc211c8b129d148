/** Type-level check that the output of a validator can be stored. */
import type { Decimal } from '../../value/number.js'
import type { CompileError } from './compile-error.js'

type Stored = string | number | bigint | boolean | null | undefined | Uint8Array | Decimal

type Unstorable<V, Depth extends readonly unknown[] = []> = 0 extends 1 & V
  ? never
  : Depth['length'] extends 6
    ? never
    : V extends Stored
      ? never
      : V extends Date | ReadonlyMap<unknown, unknown> | symbol | ((...input: never) => unknown)
        ? V
        : V extends ReadonlySet<infer Member>
          ? Member extends string | number | bigint | Uint8Array | Decimal
            ? never
            : V
          : V extends readonly (infer Element)[]
            ? Unstorable<Element, [...Depth, unknown]>
            : V extends object
              ? { [Name in keyof V]-?: Unstorable<V[Name], [...Depth, unknown]> }[keyof V]
              : never

/** `unknown` for an output that can be stored, else a message. Members below six levels are not checked. */
export type Storable<Output> = [Unstorable<Output>] extends [never]
  ? unknown
  : CompileError<'The output of this validator cannot be stored, for example a Date, a Map or a function: return text or a number, or use f.date() or transform()'>
