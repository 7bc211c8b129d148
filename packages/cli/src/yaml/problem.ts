/** Mistakes in files of models: each with its range, shown as a code frame. */
import { CommandFailure } from '../failure.js'
import { codeFrame, positionOf } from './code-frame.js'
import type { SourceFile, SourceRange } from './model-set.js'

/** A mistake, or with `isWarning` a doubt, in a file of models. */
export interface ModelProblem {
  /** What is wrong and what to do: a sentence that begins with the wrong name or value. */
  readonly message: string
  readonly at: SourceRange
  readonly isWarning?: true
}

/** Receives a mistake. */
export type ReportProblem = (at: SourceRange, message: string) => void

/** A mistake as programs read it, with 1-based line and column. */
interface ReportedProblem {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly message: string
}

/** More mistakes than this are counted and not shown: the first ones explain the others. */
const MOST_SHOWN = 20

/** The models cannot be used. `frames` shows each mistake in its file. */
export class BadModels extends CommandFailure {
  /** One text of several lines for each mistake, safe to print. */
  override readonly frames: readonly string[]

  constructor(problems: readonly ModelProblem[], files: readonly SourceFile[]) {
    const reported = problems.map(problem => reportedProblem(problem, files))
    const [first] = reported
    const where = first ? `${first.file}:${first.line}:${first.column}: ${first.message}` : ''
    super(
      'BadModels',
      problems.length === 1 ? where : `the models have ${problems.length} mistakes; the first: ${where}`,
      1,
      { problems: reported },
    )
    const more = problems.length - MOST_SHOWN
    this.frames = [
      ...problems.slice(0, MOST_SHOWN).map(problem => frameOf(problem, files)),
      ...(more > 0 ? [`and ${more} more`] : []),
    ]
  }
}

/** A mistake as a code frame. */
function frameOf({ message, at }: ModelProblem, files: readonly SourceFile[]): string {
  return codeFrame(files[at.file] as SourceFile, at, message)
}

function reportedProblem({ message, at }: ModelProblem, files: readonly SourceFile[]): ReportedProblem {
  const file = files[at.file] as SourceFile
  return { file: file.path, ...positionOf(file.text, at.start), message }
}
