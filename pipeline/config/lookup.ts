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
  | { readonly kind: 'unset'; readonly name: string }
  | { readonly kind: 'problem'; readonly code: ProblemCode; readonly message: string }

const VARIABLE = /^[a-zA-Z_][a-zA-Z0-9_]*$/
const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]+):(.*)$/s

/**
 * `env:NAME`, `NAME`, either with `:-default`, `file:path`, `yaml:text`. Messages never quote what they cannot read: it
 * may be half a password that happens to contain `${`.
 */
export function lookUp(uri: string, io: ConfigIo): Found {
  const [name = ''] = uri.split(':-', 1)
  const match = VARIABLE.test(name) ? null : SCHEME.exec(uri)
  if (match === null) return variable(uri, io)
  const [, scheme, rest = ''] = match
  if (scheme === 'env') return variable(rest, io)
  if (scheme === 'yaml') return { kind: 'text', text: rest, origin: undefined }
  if (scheme === 'file') return file(rest, io)
  return bad('a substitution with a scheme that is none of env, file, yaml')
}

function variable(uri: string, io: ConfigIo): Found {
  const cut = uri.indexOf(':-')
  const name = cut === -1 ? uri : uri.slice(0, cut)
  if (!VARIABLE.test(name)) {
    return bad('a substitution that is not the name of an environment variable (letters, digits and _ only)')
  }
  const value = Object.hasOwn(io.env, name) ? io.env[name] : undefined
  if (value !== undefined) return { kind: 'text', text: value, origin: `the environment variable ${name}` }
  if (cut === -1) return { kind: 'unset', name }
  return { kind: 'text', text: uri.slice(cut + 2), origin: undefined }
}

function file(path: string, io: ConfigIo): Found {
  const read = tryReadFile(io, path)
  if ('text' in read) return { kind: 'text', text: read.text, origin: `the file ${path}`, file: path }
  return { kind: 'problem', code: 'unreadable_source', message: `cannot read the file "${path}": ${read.why}` }
}

const bad = (what: string): Found => ({
  kind: 'problem',
  code: 'bad_substitution',
  message: `${what}; write $\${ where a literal \${ is meant`,
})
