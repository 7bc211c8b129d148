/** The part of S3's protocol that asset stores use, in memory and with its rules: parts of 5 MiB, lists in pages. */
import { createHash, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

const LEAST_PART = 5 * 1024 * 1024
const PAGE = 2

interface Upload {
  readonly key: string
  readonly parts: Map<number, Buffer>
}

export class S3Server {
  readonly objects = new Map<string, Buffer>()
  readonly uploads = new Map<string, Upload>()
  /** The next requests of this kind fail with a server error. */
  failing: string | undefined
  readonly #server: Server

  constructor() {
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(error => response.writeHead(500).end(String(error)))
    })
  }

  async listen(): Promise<string> {
    await new Promise<void>(resolve => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise(resolve => this.#server.close(resolve))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams: query } = new URL(request.url ?? '', 'http://s3')
    const [, bucket = '', ...rest] = pathname.split('/').map(decodeURIComponent)
    const key = rest.join('/')
    const body = await bodyOf(request)
    const xml = (text: string, status = 200) =>
      void response.writeHead(status, { 'content-type': 'application/xml' }).end(text)
    const error = (status: number, code: string) => xml(`<Error><Code>${code}</Code></Error>`, status)
    const kind = `${request.method} ${['uploads', 'uploadId', 'list-type'].find(it => query.has(it)) ?? 'object'}`
    if (bucket !== 'bucket') return error(404, 'NoSuchBucket')
    if (this.failing === kind) return error(501, 'NotImplemented')
    const upload = this.uploads.get(query.get('uploadId') ?? '')
    if (query.has('uploadId') && upload?.key !== key) return error(404, 'NoSuchUpload')
    switch (kind) {
      case 'PUT object':
        this.objects.set(key, body)
        return void response.writeHead(200, { etag: etag(body) }).end()
      case 'HEAD object':
      case 'GET object': {
        const found = this.objects.get(key)
        if (!found) return request.method === 'HEAD' ? void response.writeHead(404).end() : error(404, 'NoSuchKey')
        response.writeHead(200, { 'content-length': found.length, etag: etag(found) })
        return void response.end(request.method === 'GET' ? found : undefined)
      }
      case 'DELETE object':
        this.objects.delete(key)
        return void response.writeHead(204).end()
      case 'POST uploads': {
        const id = randomUUID()
        this.uploads.set(id, { key, parts: new Map() })
        return xml(`<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`)
      }
      case 'PUT uploadId':
        upload?.parts.set(Number(query.get('partNumber')), body)
        return void response.writeHead(200, { etag: etag(body) }).end()
      case 'POST uploadId': {
        const parts = [...(upload?.parts ?? [])].sort(([a], [b]) => a - b).map(([, part]) => part)
        if (parts.slice(0, -1).some(part => part.length < LEAST_PART)) return error(400, 'EntityTooSmall')
        this.objects.set(key, Buffer.concat(parts))
        this.uploads.delete(query.get('uploadId') as string)
        return xml('<CompleteMultipartUploadResult></CompleteMultipartUploadResult>')
      }
      case 'DELETE uploadId':
        this.uploads.delete(query.get('uploadId') as string)
        return void response.writeHead(204).end()
      case 'GET list-type': {
        const { page, next } = pageOf([...this.objects.keys()], query.get('prefix'), query.get('continuation-token'))
        const contents = page.map(
          it => `<Contents><Key>${it}</Key><Size>${this.objects.get(it)?.length}</Size></Contents>`,
        )
        const more = next ? `<NextContinuationToken>${next}</NextContinuationToken>` : ''
        return xml(
          `<ListBucketResult><IsTruncated>${next !== undefined}</IsTruncated>${more}${contents.join('')}</ListBucketResult>`,
        )
      }
      case 'GET uploads': {
        const all = [...this.uploads].map(([id, it]) => `${it.key}|${id}`)
        const marker = query.get('key-marker')
        const after = marker && `${marker}|${query.get('upload-id-marker')}`
        const { page, next } = pageOf(all, query.get('prefix'), after)
        const [nextKey, nextId] = next?.split('|') ?? []
        const uploads = page
          .map(it => it.split('|'))
          .map(([name, id]) => `<Upload><Key>${name}</Key><UploadId>${id}</UploadId></Upload>`)
        const more = next
          ? `<NextKeyMarker>${nextKey}</NextKeyMarker><NextUploadIdMarker>${nextId}</NextUploadIdMarker>`
          : ''
        return xml(
          `<ListMultipartUploadsResult><IsTruncated>${next !== undefined}</IsTruncated>${more}${uploads.join('')}</ListMultipartUploadsResult>`,
        )
      }
    }
    return error(501, 'NotImplemented')
  }
}

function pageOf(names: string[], prefix: string | null, after: string | null) {
  const rest = names.filter(name => name.startsWith(prefix ?? '') && (!after || name > after)).sort()
  const page = rest.slice(0, PAGE)
  return { page, next: rest.length > PAGE ? page.at(-1) : undefined }
}

function etag(body: Buffer): string {
  return `"${createHash('md5').update(body).digest('hex')}"`
}

/** The body, without the framing of `aws-chunked`. */
async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const whole = Buffer.concat(await collect(request))
  if (!String(request.headers['content-encoding']).includes('aws-chunked')) return whole
  const chunks: Buffer[] = []
  for (let at = 0; ; ) {
    const end = whole.indexOf('\r\n', at)
    const size = Number.parseInt(whole.toString('latin1', at, end), 16)
    if (!(size > 0)) return Buffer.concat(chunks)
    chunks.push(whole.subarray(end + 2, end + 2 + size))
    at = end + 2 + size + 2
  }
}

async function collect(chunks: AsyncIterable<Buffer>): Promise<Buffer[]> {
  const all: Buffer[] = []
  for await (const chunk of chunks) all.push(chunk)
  return all
}
