/** The static checks alone: types, lint, unused code. Seconds; `npm test` runs them first. */
import { LINT, runStep, TYPES, UNUSED } from './steps.ts'

process.exitCode = [TYPES, LINT, UNUSED].map(runStep).every(Boolean) ? 0 : 1
