import { problemsOf, withBudget } from './testing/fakes.ts'
test('t',()=>{
  const env: Record<string,string> = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`A${i}`, `\${A${i + 1}}\${A${i + 1}}`]))
  const time=(n:string,f:()=>unknown)=>{const t=performance.now();const r=f();console.log(n,performance.now()-t, String(r).slice(0,200))}
  time('1',()=>problemsOf(withBudget('\n    extra: [ "${A0}", "${A0}" ]'), { env }))
  const long = { ...env, A8: 'x'.repeat(100_000) }
  time('2',()=>problemsOf(withBudget(`\n    extra: \${A0}`), { env: long }))
  const loop = { A: '[{ a: "${A}" }, { b: "${A}" }]' }
  time('3',()=>problemsOf(withBudget('\n    extra: ${A}'), { env: loop }))
  const configs = Array.from({ length: 3 }, (_, i) => `yaml:${i}: [${'x,'.repeat(70_000)}]`)
  time('4',()=>problemsOf('', { configs }))
})
