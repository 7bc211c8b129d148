/** Messages that the compiler shows in the place of what is wrong. */

declare const refused: unique symbol

/** A type that no value has, named by what to do. */
export interface Refused<Message extends string> {
  readonly [refused]: Message
}
