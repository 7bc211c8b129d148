/** Requests of the protocol as HTTP bytes, with the headers that the AWS SDK sends. */

const HEADERS = {
  Host: 'localhost',
  'Content-Type': 'application/x-amz-json-1.0',
  'User-Agent': 'aws-sdk-js/3.1162.0 ua/2.1 os/linux lang/js md/nodejs api/dynamodb#3.1162.0',
  'x-amz-user-agent': 'aws-sdk-js/3.1162.0',
  'amz-sdk-invocation-id': '00000000-0000-4000-8000-000000000000',
  'amz-sdk-request': 'attempt=1; max=3',
  'X-Amz-Date': '20260101T000000Z',
  'X-Amz-Content-Sha256': '0'.repeat(64),
  // These servers do not verify the signature, but require its parts.
  Authorization: `AWS4-HMAC-SHA256 Credential=bench/20260101/local/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`,
  Connection: 'keep-alive',
}

const HEAD = Object.entries(HEADERS)
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join('')

export function requestBytes(operation: string, input: object): Buffer {
  const body = JSON.stringify(input)
  const target = `X-Amz-Target: DynamoDB_20120810.${operation}\r\n`
  const length = `Content-Length: ${Buffer.byteLength(body)}\r\n`
  return Buffer.from(`POST / HTTP/1.1\r\n${HEAD}${target}${length}\r\n${body}`)
}
