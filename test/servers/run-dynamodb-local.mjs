/** `npm run dynamodb-local [-- --port 8000]`: AWS's DynamoDB Local, in memory, until Ctrl-C. */
import { dynamodbLocalCommand } from './dynamodb-local.mjs'
import { serve } from './serve.mjs'

const url = await serve('DynamoDB Local', dynamodbLocalCommand, 8000)
console.error(`DynamoDB Local runs there in memory until Ctrl-C; PARTITA_STORE=dynamodb://${new URL(url).host}`)
