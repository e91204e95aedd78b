/** A backend that counts the spans it gets, whatever sent them. Prints its port; GET answers the count. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzip } from 'node:zlib'
import { ItemBatch } from '../../otlp/batch.ts'
import { KeyTable } from '../../otlp/keys.ts'

const batch = new ItemBatch(new KeyTable([]))
let spans = 0
const server = createServer((req, res) => {
  if (req.method === 'GET') {
    res.end(String(spans))
    return
  }
  const chunks: Buffer[] = []
  req.on('data', (chunk: Buffer) => chunks.push(chunk))
  req.on('end', () => {
    res.writeHead(200, { 'content-type': 'application/x-protobuf', 'content-length': 0 }).end()
    const body = Buffer.concat(chunks)
    const count = (plain: Buffer): void => {
      batch.load(plain, 'traces')
      spans += batch.count
    }
    if (req.headers['content-encoding'] === 'gzip') gunzip(body, (error, plain) => error === null && count(plain))
    else count(body)
  })
})
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`))
