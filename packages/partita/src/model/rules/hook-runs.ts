/**
 * The hooks around the commit of a transaction. The function of a transaction can run several times, but `pre` hooks run
 * once for each write: they may send emails. `post` hooks run after the commit.
 */
import { HookFailedError } from '../../errors/errors.js'
import type { RowDetails } from '../rows/row-details.js'

/** The hooks of one write. */
export interface HookRun {
  readonly details: RowDetails
  /** Tells the writes of different rows apart. The key that a create has generated is another in each attempt. */
  readonly row: string
  /** The name of the hook before the commit, and the hook. */
  readonly pre: { readonly name: string; readonly run: (() => Promise<void>) | undefined }
  readonly post: { readonly name: string; readonly run: (() => Promise<void>) | undefined }
}

/** The hooks of one transaction. */
export class HookRuns {
  #runs: HookRun[] = []
  /** How many `pre` hooks have run, by row and name. An attempt may write other rows than the previous one. */
  readonly #done = new Map<string, number>()

  /** Begins an attempt: forgets the writes of the previous one, but not which hooks have run. */
  begin(): void {
    this.#runs = []
  }

  add(run: HookRun): void {
    this.#runs.push(run)
  }

  /** The number of writes of this attempt. */
  get count(): number {
    return this.#runs.length
  }

  /** Forgets the writes after the first `count`: they have failed. */
  forgetFrom(count: number): void {
    this.#runs.length = count
  }

  /** Whether a `pre` hook of this attempt has not run in an earlier one. */
  get hasPending(): boolean {
    return this.#pending().some(({ run }) => run)
  }

  /** Runs the `pre` hooks in the order of their writes, each once over all attempts. */
  async before(): Promise<void> {
    for (const { id, ordinal, run } of this.#pending()) {
      await run?.()
      this.#done.set(id, ordinal)
    }
  }

  /** The hooks of this attempt, those of each write before and after the commit. */
  names(): { readonly model: string; readonly hook: string }[] {
    return this.#runs.flatMap(({ details: { model }, pre, post }) =>
      [pre, post].filter(({ run }) => run).map(({ name }) => ({ model, hook: name })),
    )
  }

  #pending(): { readonly id: string; readonly ordinal: number; readonly run: HookRun['pre']['run'] }[] {
    const reached = new Map<string, number>()
    return this.#runs.flatMap(({ row, pre: { name, run } }) => {
      const id = `${name} ${row}`
      const ordinal = (reached.get(id) ?? 0) + 1
      reached.set(id, ordinal)
      return ordinal <= (this.#done.get(id) ?? 0) ? [] : [{ id, ordinal, run }]
    })
  }

  /**
   * Runs the `post` hooks in the order of their writes. If one fails, the others still run.
   * @throws HookFailedError for the first that failed.
   */
  async after(): Promise<void> {
    let failed: HookFailedError | undefined
    for (const { details, post } of this.#runs) {
      try {
        await post.run?.()
      } catch (error) {
        failed ??= new HookFailedError({ ...details, hook: post.name }, error)
      }
    }
    if (failed) throw failed
  }
}
