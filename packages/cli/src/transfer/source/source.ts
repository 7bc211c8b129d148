/** Where entries come from: one file, the files of a folder, or stdin. */
import type { Entry } from '../format/entry.js'
import type { FileFormat } from '../format/file-format.js'

/** A position between two entries of a file: the number of the next line, and the bytes before it. */
export interface FilePosition {
  readonly line: number
  readonly offset: number
}

/** A position in a source: its files are read in their order. */
export interface Position extends FilePosition {
  /** The index of the file. */
  readonly file: number
}

/** The beginning of a file. */
export const FILE_START: FilePosition = { line: 1, offset: 0 }

/** One file of a source, while it is read. */
interface OpenFile {
  readonly entries: AsyncIterable<Entry>
  /** How many bytes of the file are read. */
  bytesRead(): number
  /** Ends `entries`, also while a read is waiting. */
  destroy(): void
}

/** One file of a source. */
export interface SourceFile {
  /** Its path in messages. */
  readonly name: string
  /** In bytes; undefined if it is not known, as for stdin. */
  readonly size: number | undefined
  /** Compares it with what the manifest of its folder says. @throws BadInput if it is damaged. */
  verify?(): Promise<void>
  open(from: FilePosition): OpenFile
  /** The first line of a reject file: the header of CSV, known after the first entry. */
  header?(): string | undefined
}

/** The input of an import. */
export interface Source {
  /** Its path in messages; `stdin` for stdin. */
  readonly name: string
  readonly format: FileFormat
  readonly files: readonly SourceFile[]
  /** Changes when a file changes, so that an import is not resumed in other files. Undefined for stdin. */
  readonly identity: string | undefined
}
