/** Everything that needs only Node: static checks, then unit, property, conformance and black-box tests. */
import { LINT, runJest, runStep, TYPES, UNUSED } from './steps.ts'

const checked = [TYPES, LINT, UNUSED].map(runStep).every(Boolean)
const tested = runJest(['unit', 'blackbox'], process.argv.slice(2))
process.exitCode = checked && tested ? 0 : 1
