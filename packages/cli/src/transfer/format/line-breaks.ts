/** Counts lines by offsets, since a record of CSV can span lines and csv-parse counts CRLF inside cells twice. */
const LF = 0x0a
const CR = 0x0d
/** Removing breaks in pieces of this length keeps the work for each record constant. */
const KEPT = 4096

/** The line breaks of a stream: LF, CRLF or CR. It keeps only those after the last offset that was queried. */
export class LineBreaks {
  /** The offset of the last byte of each break. */
  #breaks: number[] = []
  #offset = 0
  #previous = 0
  /** How many of the breaks are before the last offset, and how many were removed. */
  #head = 0
  #passed = 0

  /** Adds the next bytes of the stream. */
  add(chunk: Uint8Array): void {
    for (const byte of chunk) {
      if (byte === LF && this.#previous === CR) this.#breaks[this.#breaks.length - 1] = this.#offset
      else if (byte === LF || byte === CR) this.#breaks.push(this.#offset)
      this.#previous = byte
      this.#offset++
    }
  }

  /** The line of the last byte before the offset. Offsets must grow from call to call. */
  lineBefore(offset: number): number {
    while (this.#head < this.#breaks.length && (this.#breaks[this.#head] as number) < offset) this.#head++
    const endsLine = this.#breaks[this.#head - 1] === offset - 1
    if (this.#head > KEPT) {
      this.#passed += this.#head - 1
      this.#breaks = this.#breaks.slice(this.#head - 1)
      this.#head = 1
    }
    return this.#passed + this.#head + (endsLine ? 0 : 1)
  }
}
