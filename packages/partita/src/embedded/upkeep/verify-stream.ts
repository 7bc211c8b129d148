/** Checks that the records of change streams are readable, in order, and belong to a stream. */
import { allRecords, readChange, readRecordKey } from '../change.js'
import { currentSequence } from '../stream/sequence.js'
import { allStreams } from '../stream/stream.js'
import { problemText, type Verifier } from './verifier.js'

/** Checks all stream records. @returns the number of records. */
export async function verifyStreams(verifier: Verifier): Promise<number> {
  const { kv } = verifier
  const streams = new Map(verifier.read(() => allStreams(kv)).map(stream => [stream.id, stream]))
  const newest = verifier.read(() => currentSequence(kv))
  return verifier.entries(allRecords(), entry => {
    const { stream: id, sequence } = readRecordKey(entry)
    const stream = streams.get(id)
    const report = (message: string) => {
      const of = stream ? { table: stream.table } : {}
      verifier.report({ kind: 'stream', ...of, message: `record ${sequence} of stream ${id} ${message}` })
    }
    if (!stream) {
      report('belongs to no stream')
      return
    }
    if (sequence <= stream.trimmed) report('should be trimmed')
    if (sequence > (stream.last ?? newest)) report('is beyond the end of its stream')
    try {
      const change = kv.get(entry, readChange)
      if (change?.sequence !== sequence) report(`has the sequence number ${change?.sequence}`)
    } catch (error) {
      report(`cannot be read: ${problemText(error)}`)
    }
  })
}
