/**
 * Shows the progress of a long command in one line, on a terminal only. (The progress bar of @clack/prompts reads stdin
 * and ends the process at Ctrl-C. An import may read its items from stdin, and must stop gracefully.)
 */
import type { Writable } from 'node:stream'

/** How far a command has come. */
export interface ProgressState {
  /** Items done in this run. */
  readonly items: number
  /** The fraction that is done, from 0 to 1, if it is known. */
  readonly share?: number
}

/** A stream that may be a terminal. */
export type Screen = Writable & { readonly isTTY?: boolean; readonly columns?: number }

const BAR_WIDTH = 30
const REDRAW_MILLISECONDS = 100
const ERASE_LINE = '\r\u001b[K'

/** The progress line of one command. It draws nothing when the screen is not a terminal. */
export class Progress {
  readonly #screen: Screen
  readonly #verb: string
  readonly #now: () => number
  readonly #begin: number
  #drawn = Number.NEGATIVE_INFINITY

  /** @param verb what is done to the items, such as `imported`. */
  constructor(screen: Screen, verb: string, now: () => number = () => performance.now()) {
    this.#screen = screen
    this.#verb = verb
    this.#now = now
    this.#begin = now()
  }

  /** Redraws the line at most ten times a second. */
  show(state: ProgressState): void {
    const now = this.#now()
    if (!this.#screen.isTTY || now - this.#drawn < REDRAW_MILLISECONDS) return
    this.#drawn = now
    const line = progressLine(state, this.#verb, (now - this.#begin) / 1000)
    this.#screen.write(ERASE_LINE + line.slice(0, (this.#screen.columns || 80) - 1))
  }

  /** Erases the line, so that the next message starts on an empty line. */
  clear(): void {
    if (this.#screen.isTTY && Number.isFinite(this.#drawn)) this.#screen.write(ERASE_LINE)
  }
}

function progressLine({ items, share }: ProgressState, verb: string, seconds: number): string {
  const rate = seconds > 0 ? `, ${count(Math.round(items / seconds))}/s` : ''
  const text = `${count(items)} items ${verb}${rate}`
  if (share === undefined) return text
  const filled = Math.round(share * BAR_WIDTH)
  const percent = `${Math.floor(share * 100)}%`.padStart(4)
  return `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)} ${percent}  ${text}`
}

/** Formats a number with thousands separators, the same in every locale. */
export function count(number: number): string {
  return number.toLocaleString('en-US')
}

/** How many items, in words: `1 item`, `2,345 items`. */
export function amount(items: number): string {
  return items === 1 ? '1 item' : `${count(items)} items`
}
