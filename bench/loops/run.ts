/** Loops found in real agent runs, and what looking for them costs. See README.md. */
import { parseArgs } from 'node:util'
import { accuracy } from './accuracy.ts'
import { cost } from './cost.ts'

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    tools: { type: 'string' },
    detectors: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
})

if (values.only !== 'cost') {
  if (values.data === undefined) {
    process.stdout.write(
      'accuracy: skipped, because no data was given: npm run bench -- loops --data DIR --tools DIR\n',
    )
  } else {
    await accuracy({
      data: values.data,
      tools: values.tools ?? `${values.data}/../../tools/loopbench`,
      byDetector: values.detectors,
    })
  }
}
if (values.only !== 'accuracy') cost()
