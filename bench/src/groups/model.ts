/** Models on the embedded engine against the same through the AWS SDK on the servers that DynamoDB is emulated by. */
import { modelSubject } from '../subjects/model.js'
import { measureAgainstServers } from './servers.js'

export async function measureModel(): Promise<void> {
  const operations = ['get', 'query of 25', 'create', 'conditional update'] as const
  await measureAgainstServers('Models on the embedded engine and servers through AWS SDK v3', operations, modelSubject)
}
