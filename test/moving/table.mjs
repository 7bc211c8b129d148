/** A table in memory for one library, reached by the AWS SDK and by Partita at the same time. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { memory } from 'partita/embedded'
import { requestHandler } from 'partita/wire'

const text = name => ({ name, type: 'S' })

/** @param names of the table's key attributes, and of those of its global index. */
export async function makeTable({ pk, sk, index, indexPk, indexSk }) {
  const store = memory()
  await store.createTable({
    name: 'app',
    key: { partition: text(pk), sort: text(sk) },
    globalIndexes: { [index]: { partition: text(indexPk), sort: text(indexSk) } },
  })
  const client = new DynamoDBClient({
    requestHandler: requestHandler(store),
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  })
  return { store, client }
}
