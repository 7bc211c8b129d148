/** `GetRecords`: changes of items, from a position in a stream onward. */
import { createHash } from 'node:crypto'
import type { ItemChange } from '../../../embedded/change.js'
import type { Stream } from '../../../embedded/stream/stream.js'
import type { Operation, Wire } from '../../dispatch.js'
import { writeItem } from '../../protocol/attribute-value.js'
import { AwsError, invalidValues } from '../../protocol/aws-error.js'
import { readIterator, writeIterator } from './iterator.js'
import { streamArn, writeSequence } from './stream.js'

interface Input {
  readonly ShardIterator: string
  readonly Limit?: number
}

const MOST = 1000

/** `GetRecords`: reads changes from a shard iterator onward, and returns the iterator that continues. */
export const getRecords: Operation = {
  input: {
    type: 'structure',
    members: {
      ShardIterator: { type: 'string', min: 1, max: 2048, required: true },
      Limit: { type: 'integer', min: 1 },
    },
  },

  run(wire: Wire, { ShardIterator, Limit = MOST }: Input) {
    const { stream, from } = readIterator(wire, ShardIterator)
    if (Limit > MOST) throw invalidValues(`Limit should be less than or equal to ${MOST}`)
    const page = wire.store.readStream(stream.id, from, Limit)
    if (!page) {
      const arn = streamArn(wire, stream)
      throw new AwsError('ResourceNotFoundException', `Requested resource not found: Stream: ${arn} not found`)
    }
    return {
      Records: page.changes.map(change => record(wire, stream, change)),
      // Absent at the end of a closed shard.
      ...(page.next !== undefined && { NextShardIterator: writeIterator(wire, { stream, from: page.next }) }),
    }
  },
}

function record({ region }: Wire, stream: Stream, change: ItemChange): object {
  const { keys, newImage, oldImage } = change
  return {
    eventID: eventId(stream, change),
    eventName: change.event,
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: region,
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(change.at / 1000),
      Keys: writeItem(keys),
      ...(newImage && { NewImage: writeItem(newImage) }),
      ...(oldImage && { OldImage: writeItem(oldImage) }),
      SequenceNumber: writeSequence(change.sequence),
      SizeBytes: change.size,
      StreamViewType: stream.view,
    },
    ...(change.isExpiry && { userIdentity: { PrincipalId: 'dynamodb.amazonaws.com', Type: 'Service' } }),
  }
}

/** The id of a record. It is the same each time the record is read, and unique across stores. */
function eventId({ secret }: Stream, { sequence }: ItemChange): string {
  return createHash('sha256').update(`${secret} ${sequence}`).digest('hex').slice(0, 32)
}
