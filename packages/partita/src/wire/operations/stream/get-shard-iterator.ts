/** `GetShardIterator`: a position in a stream to read from. */
import type { Stream } from '../../../embedded/stream/stream.js'
import type { Operation, Wire } from '../../dispatch.js'
import { invalidValues, validation } from '../../protocol/aws-error.js'
import { checkUntrimmed, writeIterator } from './iterator.js'
import { checkShard, readSequence, SHARD_ID, STREAM_ARN, streamOf } from './stream.js'

interface Input {
  readonly StreamArn: string
  readonly ShardId: string
  readonly ShardIteratorType: 'TRIM_HORIZON' | 'LATEST' | 'AT_SEQUENCE_NUMBER' | 'AFTER_SEQUENCE_NUMBER'
  readonly SequenceNumber?: string
}

/** `GetShardIterator`: returns an iterator that starts at a given position of a shard. */
export const getShardIterator: Operation = {
  input: {
    type: 'structure',
    members: {
      StreamArn: { ...STREAM_ARN, required: true },
      ShardId: { ...SHARD_ID, required: true },
      ShardIteratorType: {
        type: 'string',
        values: ['AFTER_SEQUENCE_NUMBER', 'LATEST', 'AT_SEQUENCE_NUMBER', 'TRIM_HORIZON'],
        required: true,
      },
      SequenceNumber: { type: 'string', min: 21, max: 40 },
    },
  },

  run(wire: Wire, input: Input) {
    const sequence = sequenceOf(input)
    const stream = streamOf(wire, input.StreamArn)
    checkShard(stream, input.ShardId)
    return { ShardIterator: writeIterator(wire, { stream, from: startOf(wire, stream, input, sequence) }) }
  },
}

/** @throws AwsError if the iterator type requires a sequence number that is missing, or accepts none. */
function sequenceOf({ ShardIteratorType, SequenceNumber }: Input): number | undefined {
  if (ShardIteratorType === 'TRIM_HORIZON' || ShardIteratorType === 'LATEST') {
    if (SequenceNumber === undefined) return undefined
    throw invalidValues('SequenceNumber should not be passed for this iterator type')
  }
  const sequence = SequenceNumber === undefined ? undefined : readSequence(SequenceNumber)
  if (sequence === undefined) throw invalidValues('Invalid SequenceNumber')
  return sequence
}

function startOf(wire: Wire, stream: Stream, { ShardIteratorType }: Input, sequence: number | undefined): number {
  const newest = stream.last ?? wire.store.sequence()
  if (sequence === undefined) return (ShardIteratorType === 'LATEST' ? newest : stream.trimmed) + 1
  if (sequence < stream.first || sequence > newest) throw validation('Invalid SequenceNumber for the shard')
  const from = ShardIteratorType === 'AFTER_SEQUENCE_NUMBER' ? sequence + 1 : sequence
  checkUntrimmed(stream, from)
  return from
}
