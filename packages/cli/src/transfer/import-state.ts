/** The progress of an import, saved beside its file, so that a later run can resume it. */
import { Usage } from '../failure.js'
import { Checkpoint } from '../file/checkpoint.js'
import { FILE_START, type Position, type Source } from './source/source.js'

/** The progress of an import, and what it belongs to. */
export interface ImportState extends Position {
  /** The store and table, or model. */
  readonly target: string
  /** Identifies the files. */
  readonly source: string
  /** How many entries are refused. */
  readonly rejected: number
  /** The absolute path of the reject file, if there is one, and its length. */
  readonly rejectFile?: string
  readonly rejectBytes: number
}

/** The part of {@link ImportState} about refused entries. */
export type RejectState = Pick<ImportState, 'rejected' | 'rejectFile' | 'rejectBytes'>

/** Saves and loads the progress of one import. */
export class ImportProgress {
  readonly #checkpoint: Checkpoint<ImportState>
  readonly #identity: Pick<ImportState, 'target' | 'source'>

  constructor(path: string, target: string, source: string) {
    this.#checkpoint = new Checkpoint(path, isImportState)
    this.#identity = { target, source }
  }

  /**
   * @param name the source in error messages.
   * @returns undefined if there is nothing to resume. @throws Usage if the target or a file is another one.
   */
  async load(name: string): Promise<ImportState | undefined> {
    const state = await this.#checkpoint.load()
    if (!state) return undefined
    if (state.target !== this.#identity.target) {
      throw new Usage(`the stopped import of ${name} wrote to ${state.target}; start without --resume`)
    }
    if (state.source !== this.#identity.source) {
      const advice =
        state.file === 0 ? `if the lines before line ${state.line} are unchanged, use --from-line=${state.line}; ` : ''
      throw new Usage(`${name} was changed since its import stopped; ${advice}otherwise start without --resume`)
    }
    return state
  }

  /** @returns false if it cannot be saved, because its folder is read-only or the disk is full. */
  save({ file, line, offset }: Position, rejects: RejectState, when: 'now' | 'now and then'): Promise<boolean> {
    return this.#checkpoint.saveIfPossible({ ...this.#identity, file, line, offset, ...rejects }, when)
  }

  /** Removes the progress of an earlier import. @throws BadInput if the file is something else. */
  begin(): Promise<void> {
    return this.#checkpoint.begin()
  }

  remove(): Promise<void> {
    return this.#checkpoint.remove()
  }
}

/** Where an import begins. */
export const IMPORT_START: Position = { file: 0, ...FILE_START }

/** The default path of the progress of an import from a file or folder. */
export function progressPath({ name }: Source): string {
  return `${name.replace(/[/\\]+$/, '')}.partita-import`
}

function isImportState(value: unknown): value is ImportState {
  if (typeof value !== 'object' || value === null) return false
  const { target, source, rejectFile = '', ...numbers } = value as Partial<Record<keyof ImportState, unknown>>
  const areCounts = (['file', 'line', 'offset', 'rejected', 'rejectBytes'] as const).every(name => {
    return Number.isSafeInteger(numbers[name]) && Number(numbers[name]) >= 0
  })
  return [target, source, rejectFile].every(text => typeof text === 'string') && areCounts
}
