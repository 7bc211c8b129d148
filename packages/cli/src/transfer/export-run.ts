/** Runs an export: from a reader into a sink, with progress and a position to continue at. */
import type { Context } from '../context.js'
import { CommandFailure, Interrupted, reportOf } from '../failure.js'
import { interruptible } from '../terminal/interrupt.js'
import { OutputClosed } from '../terminal/output.js'
import { amount, Progress } from '../terminal/progress.js'
import type { Reader } from './reader/reader.js'
import type { Sink } from './sink/sink.js'

/** An export. */
export interface ExportJob {
  readonly reader: Reader
  readonly sink: Sink
  readonly resume: boolean
  /** Where an export to stdout continues. */
  readonly after?: string | undefined
  /** Whether items go to a terminal, with which progress would mix. */
  readonly isShown: boolean
  /** The command line that continues the export, with an option that says where. */
  readonly nextCommand: (way: { readonly resume: true } | { readonly after: string }) => string
}

/**
 * Reads and writes everything. Closes the sink.
 * @returns how many items were exported, those of earlier runs included.
 * @throws an error with the command that continues the export.
 */
export async function runExport(job: ExportJob, context: Context): Promise<number> {
  const { reader, sink, resume } = job
  const { resumed } = sink
  let items = resumed?.items ?? 0
  let next = resumed ? resumed.next : job.after
  let isRead = resumed !== undefined && resumed.next === undefined
  if (resume) context.output.talk(resumed ? `continuing after ${amount(items)}` : 'starting from the beginning')
  const shown = new Progress(context.screen, 'exported')
  try {
    await interruptible(async signal => {
      if (!isRead) {
        for await (const page of reader.pages(next, signal)) {
          await sink.write(page.items)
          items += page.items.length
          next = page.next
          isRead = next === undefined
          const share = reader.itemCount && Math.min(1, items / reader.itemCount)
          if (!job.isShown) shown.show({ items, ...(share !== undefined && { share }) })
          if (signal.aborted) break
          if (next !== undefined) await sink.remember(next, items, 'now and then')
        }
        if (!isRead) throw new Interrupted('stopped')
        await sink.remember(undefined, items, 'now')
      }
      await sink.finish()
    })
    return items
  } catch (error) {
    if (error instanceof OutputClosed || (items === 0 && next === undefined)) throw error
    throw await withNextCommand(error, job, next, items)
  } finally {
    shown.clear()
    await sink.close()
  }
}

async function withNextCommand(error: unknown, job: ExportJob, next: string | undefined, items: number) {
  const way = await job.sink.remember(next, items, 'now')
  if (way === 'beginning' || (way === 'position' && next === undefined)) return error
  const { code, message, details } = reportOf(error)
  const exitCode = error instanceof CommandFailure ? error.exitCode : 1
  const command = job.nextCommand(way === 'resume' ? { resume: true } : { after: next as string })
  const text = `${message}; ${amount(items)} ${items === 1 ? 'is' : 'are'} exported; continue with: ${command}`
  return new CommandFailure(code, text, exitCode, { ...(details as object), items, next }, error)
}
