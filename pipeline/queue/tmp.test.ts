import { Bench, seeded } from './testing/harness.ts'
import { MemoryDisk } from './testing/memory-disk.ts'
import type { ExportResult } from '../component.ts'
const FAST = { enabled: true, initialMs: 100, maxMs: 500, multiplier: 1.5, randomization: 0.5, maxElapsedMs: undefined }
const SETTINGS = { flushMs: 20, consumers: 3, maxBytes: 600, retry: FAST }
test('x', async () => {
  for (let at = 1; at < 130; at++) {
    const random = seeded(42); const disk = new MemoryDisk(); const out: string[] = []
    disk.fault = (n, op, path) => { const f = n >= at && n < at + 3; out.push(`${n} ${op} ${path} ${f ? 'FAIL' : ''}`); return f ? 'fail' : undefined }
    const acked: string[] = []; let next = 0; const got: string[] = []; const off: string[] = []
    const options = { ack: 'fsync' as const, random, hotBytes: 300, segmentBytes: 700 }
    const moody = (e: any) => { const poison = new Map(); e.answer = (ids: string[]): ExportResult => { if (random() < 0.4) return { kind: 'retry', reason: 'b' }; for (const id of ids) if (!poison.has(id)) poison.set(id, random() < 0.1); return ids.some((id) => poison.get(id)) ? { kind: 'rejected', reason: 'p' } : { kind: 'ok' } } }
    let bench: Bench
    const offer = async (n: number) => { for (let b = 0; b < n; b++) { const ids = Array.from({ length: 1 + Math.floor(random() * 4) }, () => `s${next++}`); const a = bench.append(ids, 20); out.push('append ' + ids + ' ' + String(a)); if (a === 'full') continue; (a as any)?.then(() => { acked.push(...ids); out.push('ACK ' + ids) }, () => out.push('NACK ' + ids)); if (random() < 0.3) await bench.pass(20, 10) } await bench.pass(20, 10) }
    try { bench = new Bench(options, disk); const e = bench.attach('x', SETTINGS); moody(e); bench.log.start(); await offer(25); await bench.pass(1500, 50); await offer(5); got.push(...e.got); } catch (e) { continue }
    disk.fault = () => undefined; disk.powerLoss()
    const b2 = new Bench(options, disk); const e2 = b2.attach('x', SETTINGS); b2.log.start(); await b2.pass(3000, 50)
    const ended = new Set([...got, ...e2.got, ...b2.dead('x').flatMap((d) => d.ids)])
    const lost = acked.filter((i) => !ended.has(i))
    if (lost.length) { console.log(at, lost, out.filter(l => !l.includes('dead-letter')).slice(0, 90).join('\n')); return }
  }
})
