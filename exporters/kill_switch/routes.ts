import { BadRequest, invalid } from './bad-request.ts'

/** What a request asks for, before its body is read. */
export interface Ask {
  readonly query: URLSearchParams
  /** The `{id}` of the path; '' where the route has none. */
  readonly id: string
  /** The JSON body; undefined where the route takes none. */
  readonly body: unknown
}

export interface Reply {
  readonly status: number
  readonly body: object
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly takesBody: boolean
  answer(ask: Ask): Reply
}

export interface Match {
  readonly route: Route
  readonly id: string
  readonly query: URLSearchParams
}

/** Finds the route, or says what there is instead. */
export function match(routes: readonly Route[], method: string, target: string): Match {
  const [path = '', ...rest] = target.split('?')
  const query = new URLSearchParams(rest.join('?'))
  const allowed: string[] = []
  for (const route of routes) {
    const id = idIn(route.path, path)
    if (id === undefined) continue
    if (route.method === method) return { route, id, query }
    allowed.push(route.method)
  }
  if (allowed.length > 0) {
    const list = allowed.join(', ')
    throw new BadRequest(405, 'method_not_allowed', `${path.slice(0, 100)} takes ${list}`, `use ${list}`, {
      allow: list,
    })
  }
  const paths = [...new Set(routes.map((route) => route.path))].join(' ')
  throw new BadRequest(404, 'not_found', 'there is nothing at this path', `the paths are ${paths}`)
}

/** The `{id}` in a path of this shape, '' when the shape has none; undefined when the path is another one. */
function idIn(shape: string, path: string): string | undefined {
  if (shape === path) return ''
  const [before, after] = shape.split('{id}')
  if (before === undefined || after === undefined) return undefined
  if (!path.startsWith(before) || !path.endsWith(after) || path.length <= before.length + after.length) return undefined
  const id = path.slice(before.length, path.length - after.length)
  return id.includes('/') ? undefined : decoded(id)
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id)
  } catch {
    throw invalid('the id in the path is not well encoded', 'percent-encode it as UTF-8')
  }
}
