/** Copies the items of one table to another, without a file between them. */
import type { Context } from '../../context.js'
import { CommandFailure, Interrupted } from '../../failure.js'
import { printJson } from '../../json/exact-json.js'
import { interruptible } from '../../terminal/interrupt.js'
import { Progress } from '../../terminal/progress.js'
import type { Entry } from '../format/entry.js'
import { type Counts, importEntries } from '../import-entries.js'
import { itemsOf } from '../import-run.js'
import type { Reader } from '../reader/reader.js'
import type { Target } from '../target/target.js'

/** A copy, and how far it is. */
export interface CopyJob {
  readonly reader: Reader
  readonly target: Target
  readonly counts: Counts
  readonly batchUnits: number | undefined
  /** Everything before this position of the reader is copied. Moves on as the copy does. */
  after: string | undefined
  /** Records the position, at most every half second. */
  readonly remember: (after: string) => Promise<void>
}

/**
 * Copies until the table ends.
 * @throws Interrupted after Ctrl-C; CommandFailure `BadItem` for an item that the target refuses, with its key.
 */
export async function copyTable(job: CopyJob, { screen }: Context): Promise<void> {
  const shown = new Progress(screen, 'copied')
  const { itemCount } = job.reader
  const before = itemsOf(job.counts)
  /** The number of the last entry of each page that is not settled yet, and the position after it. */
  const pages: { readonly last: number; readonly next: string | undefined }[] = []
  try {
    await interruptible(async signal => {
      await importEntries({
        entries: entriesOf(job, signal, pages),
        target: job.target,
        counts: job.counts,
        batchUnits: job.batchUnits,
        signal,
        async settled({ line }) {
          while (pages[0] && pages[0].last <= line) {
            const { next } = pages.shift() as (typeof pages)[number]
            if (next !== undefined) {
              job.after = next
              await job.remember(next)
            }
          }
          const items = itemsOf(job.counts) - before
          shown.show({ items, ...(itemCount && { share: Math.min(1, items / itemCount) }) })
        },
        async reject({ read }, problem) {
          const change = read()
          const names = job.reader.keyNames
          const item = change.kind === 'put' ? change.item : change.key
          const key = printJson(
            Object.fromEntries(names.flatMap(name => (item[name] === undefined ? [] : [[name, item[name]]]))),
          )
          const message = problem.message.replace(/^line \d+/, `the item ${key}`)
          throw new CommandFailure('BadItem', message, 1, {}, problem)
        },
      })
      if (signal.aborted) throw new Interrupted('stopped')
    })
  } finally {
    shown.clear()
  }
}

async function* entriesOf(
  { reader, after }: CopyJob,
  signal: AbortSignal,
  pages: { readonly last: number; readonly next: string | undefined }[],
): AsyncGenerator<Entry> {
  let number = 0
  for await (const { items, next } of reader.pages(after, signal)) {
    pages.push({ last: number + items.length, next })
    for (const item of items) {
      number++
      // A page has at most 1 MB, so the batch is bounded by the number of its items.
      yield {
        line: number,
        nextLine: number + 1,
        end: 0,
        bytes: 0,
        text: undefined,
        read: () => ({ kind: 'put', item }),
      }
    }
  }
}
