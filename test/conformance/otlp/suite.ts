import { encoding } from './checks/encoding.ts'
import { errors } from './checks/errors.ts'
import { fidelity } from './checks/fidelity.ts'
import { grpc } from './checks/grpc.ts'
import { httpBasics } from './checks/http-basics.ts'
import { json } from './checks/json.ts'
import { lifecycle } from './checks/lifecycle.ts'
import { type Check, type Context, Skip } from './context.ts'

/** All checks, by their numbers. */
export const checks: readonly Check[] = [
  ...httpBasics,
  ...encoding,
  ...json,
  ...fidelity,
  ...grpc,
  ...errors,
  ...lifecycle,
].toSorted((a, b) => a.number - b.number)

export interface Result {
  readonly number: number
  readonly title: string
  readonly status: 'pass' | 'fail' | 'skip'
  /** Why it failed or was skipped. */
  readonly reason?: string
  readonly ms: number
}

export async function runCheck(check: Check, context: Context): Promise<Result> {
  const began = performance.now()
  const { number, title } = check
  const done = (status: Result['status'], reason?: string): Result => ({
    ...{ number, title, status, ms: Math.round(performance.now() - began) },
    ...(reason === undefined ? {} : { reason }),
  })
  try {
    await check.run(context)
    return done('pass')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return done(error instanceof Skip ? 'skip' : 'fail', reason)
  }
}
