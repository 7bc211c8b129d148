/** Models on the embedded engine, and the same models through the AWS SDK on DynamoDB emulators. */
import { modelSubject } from '../subjects/model.js'
import { measureAgainstServers } from './servers.js'

export async function measureModel(): Promise<void> {
  const operations = ['get', 'query of 25', 'create', 'conditional update'] as const
  await measureAgainstServers('Models on the embedded engine and servers through AWS SDK v3', operations, modelSubject)
}
