/** Messages that the compiler shows at the position of a mistake. */

declare const message: unique symbol

/** A type without values, whose argument says what to do instead. */
export interface CompileError<Message extends string> {
  readonly [message]: Message
}
