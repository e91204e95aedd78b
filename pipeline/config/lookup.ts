import type { ProblemCode } from './codes.ts'
import { type ConfigIo, tryReadFile } from './io.ts'

/** What stands between `${` and `}`, looked up. */
export type Found =
  | {
      readonly kind: 'text'
      readonly text: string
      /** Where it comes from, in words; undefined when the text stands in the configuration itself. */
      readonly origin: string | undefined
      /** The file whose lines it has. */
      readonly file?: string
    }
  | { readonly kind: 'unset'; readonly variable: string }
  | { readonly kind: 'problem'; readonly code: ProblemCode; readonly message: string }

const VARIABLE = /^[a-zA-Z_][a-zA-Z0-9_]*$/
const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]+):([^]*)$/

/**
 * `env:NAME`, `NAME`, either with `:-default`, `file:path`, `yaml:text`. `shown` is what messages may call it: names
 * that themselves came out of a substitution are not shown.
 */
export function lookUp(uri: string, shown: string, io: ConfigIo): Found {
  const [plainName = ''] = uri.split(':-', 1)
  if (VARIABLE.test(plainName) && (plainName === uri || uri.startsWith(`${plainName}:-`))) return variable(uri, shown, io)
  const match = SCHEME.exec(uri)
  if (match === null) return variable(uri, shown, io)
  const [, scheme = '', rest = ''] = match
  if (scheme === 'env') return variable(rest, shown, io)
  if (scheme === 'yaml') return { kind: 'text', text: rest, origin: undefined }
  if (scheme === 'file') return file(rest, shown, io)
  const message = `${shown} names a scheme that is not supported: use env, file or yaml; write $\${ for a literal \${`
  return { kind: 'problem', code: 'bad_substitution', message }
}

function variable(uri: string, shown: string, io: ConfigIo): Found {
  const cut = uri.indexOf(':-')
  const name = cut === -1 ? uri : uri.slice(0, cut)
  if (!VARIABLE.test(name)) {
    const rule = 'letters, digits and _, not beginning with a digit'
    const message = `${shown} is not the name of an environment variable (${rule}); write $\${ for a literal \${`
    return { kind: 'problem', code: 'bad_substitution', message }
  }
  const value = Object.hasOwn(io.env, name) ? io.env[name] : undefined
  if (value !== undefined) return { kind: 'text', text: value, origin: `the environment variable ${name}` }
  if (cut === -1) return { kind: 'unset', variable: name }
  return { kind: 'text', text: uri.slice(cut + 2), origin: undefined }
}

function file(path: string, shown: string, io: ConfigIo): Found {
  const read = tryReadFile(io, path)
  if ('text' in read) return { kind: 'text', text: read.text, origin: `the file ${path}`, file: path }
  return { kind: 'problem', code: 'unreadable_source', message: `${shown}: ${read.why}` }
}
