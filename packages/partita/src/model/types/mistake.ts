/** Messages that the compiler shows at the position of a fault. */

declare const refused: unique symbol

/** A type that no value has, named by what to do. */
export interface CompileError<Message extends string> {
  readonly [refused]: Message
}
