import type { Call } from '../../genai/call.ts'

export const hasUsage = ({ usage }: Call): boolean => usage.input !== undefined || usage.output !== undefined
