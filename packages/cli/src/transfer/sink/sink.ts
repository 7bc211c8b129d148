/** What an export writes: a file, stdout, or a folder. */
import type { Item } from 'partita'

/** Where a stopped export continues. */
interface Resumed {
  /** The position of the reader; undefined if everything was read. */
  readonly next: string | undefined
  readonly items: number
}

/** How a stopped export can continue. */
type Continuation = 'resume' | 'position' | 'beginning'

/** Takes the items of an export. */
export interface Sink {
  /** Undefined if the export starts at the beginning. */
  readonly resumed: Resumed | undefined
  write(items: readonly Item[]): Promise<void>
  /**
   * Records that everything before this position is written.
   * @returns how a stopped export can continue: resumed, at the position, or only from the beginning.
   */
  remember(next: string | undefined, items: number, when: 'now' | 'now and then'): Promise<Continuation>
  /** Completes the export. */
  finish(): Promise<void>
  /** Closes what is open, complete or not. */
  close(): Promise<void>
}
