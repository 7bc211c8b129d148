/** Where an export reads: a table or a model, page by page. */
import type { Item } from 'partita'

/** Items that were read together, and the position after them. */
interface ReadPage {
  readonly items: readonly Item[]
  /** Continues after the page; undefined after the last one. */
  readonly next: string | undefined
}

/** Reads the items of a table or model. */
export interface Reader {
  /** Names that come first in CSV: the key. */
  readonly keyNames: readonly string[]
  /** About how many items there are, if it is known. */
  readonly itemCount: number | undefined
  /**
   * All pages, or those after a position.
   * @throws Usage if the position is not one of this reader.
   */
  pages(after: string | undefined, signal: AbortSignal): AsyncIterable<ReadPage>
}
