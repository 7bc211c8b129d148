import type { Operations } from '../../dispatch.js'
import { describeStream } from './describe-stream.js'
import { getRecords } from './get-records.js'
import { getShardIterator } from './get-shard-iterator.js'
import { listStreams } from './list-streams.js'

/** The operations of DynamoDB Streams, by target. It is a separate service with another target prefix. */
export const STREAM_OPERATIONS: Operations = {
  'DynamoDBStreams_20120810.ListStreams': listStreams,
  'DynamoDBStreams_20120810.DescribeStream': describeStream,
  'DynamoDBStreams_20120810.GetShardIterator': getShardIterator,
  'DynamoDBStreams_20120810.GetRecords': getRecords,
}
