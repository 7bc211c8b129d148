/** Which outputs of validators can be stored, as types. */
import type { Decimal } from '../../value/number.js'
import type { CompileError } from './mistake.js'

type Stored = string | number | bigint | boolean | null | undefined | Uint8Array | Decimal

type Fault<V, Depth extends readonly unknown[] = []> = 0 extends 1 & V
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
            ? Fault<Element, [...Depth, unknown]>
            : V extends object
              ? { [Name in keyof V]-?: Fault<V[Name], [...Depth, unknown]> }[keyof V]
              : never

/** Nothing more where an output can be stored; members below six levels are not looked at. */
export type Storable<Output> = [Fault<Output>] extends [never]
  ? unknown
  : CompileError<'The validator gives what no store can keep, such as a Date, a Map or a function: let it give text or a number, or use f.date() or transform()'>
