/** Exports to JSON Lines and DynamoDB JSON: in a file or on stdout, plain or compressed. */
import { gzipSync } from 'node:zlib'
import type { ExportFile } from '../../file/export-file.js'
import type { Output } from '../../terminal/output.js'
import { type LineFormat, printLine } from '../format/json-lines-format.js'
import type { Sink } from './sink.js'

/** Recorded when everything was read. */
const COMPLETE = ''

/**
 * Compresses text as a gzip file of its own. Such files one after another are one gzip file, so an export can be cut off
 * after any of them and continued.
 */
export function gzipMember(text: string): Uint8Array {
  return text === '' ? new Uint8Array() : gzipSync(text)
}

/** Writes items into a file that appears when it is complete. */
export function fileSink(file: ExportFile, format: LineFormat, gzip: boolean): Sink {
  const { resumed } = file
  return {
    resumed: resumed && { items: resumed.items, next: resumed.nextToken === COMPLETE ? undefined : resumed.nextToken },
    async write(items) {
      const text = items.map(item => printLine(item, format)).join('')
      await file.append(gzip ? gzipMember(text) : text)
    },
    async remember(next, items, when) {
      await file.remember(next ?? COMPLETE, items, when)
      return 'resume'
    },
    finish: () => file.finish(),
    close: () => file.close(),
  }
}

/** Writes items to stdout. */
export function outputSink(output: Output, format: LineFormat): Sink {
  return {
    resumed: undefined,
    write: items => output.data(items.map(item => printLine(item, format)).join('')),
    remember: async () => 'position',
    finish: async () => undefined,
    close: async () => undefined,
  }
}
