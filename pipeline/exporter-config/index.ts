export { compression, compressionParams, headers, timeout } from './client.ts'
export { retryOnFailure, sendingQueue } from './queue.ts'
export { readTls, type TlsConfig, type TlsMaterial, tls } from './tls.ts'
export { auth, bufferSize, dialerMiddleware, middlewares, unsupported } from './unsupported.ts'
