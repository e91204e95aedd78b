import type { YAMLError } from 'yaml'

/**
 * What to do about a YAML error, in our own words: the parser's messages quote the text they choke on, and that text may
 * be a password.
 */
const ADVICE: Partial<Record<YAMLError['code'], string>> = {
  BAD_DIRECTIVE: 'a line that begins with % is a YAML directive; put the value in quotes',
  BAD_DQ_ESCAPE: 'unknown escape in a double-quoted string; write \\\\ for a backslash, or use single quotes',
  BAD_SCALAR_START: 'an unquoted value cannot begin with this character; put the value in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a second "key: value" on one line, or a wrong indent; put values that contain ": " in quotes',
  BLOCK_IN_FLOW: 'an indented list or map cannot stand inside [ ] or { }',
  KEY_OVER_1024_CHARS: 'a key of over 1024 characters; is a ":" or a quote missing?',
  MULTILINE_IMPLICIT_KEY: 'a key must be on one line; is a ":" missing behind it?',
  MULTIPLE_ANCHORS: 'a value can have only one &anchor',
  MULTIPLE_DOCS: 'only one YAML document is allowed; give the others as further --config flags',
  MULTIPLE_TAGS: 'a value can have only one !tag',
  RESOURCE_EXHAUSTION: 'lists or maps are nested too deep',
  TAB_AS_INDENT: 'a tab is used for indentation; use spaces',
  TAG_RESOLVE_FAILED: 'the !tag does not fit the value; remove it',
  UNEXPECTED_TOKEN: 'this does not fit what stands before it; check the indent and the quotes',
}

/** Messages of these codes are fixed sentences of the parser. */
const FIXED: ReadonlySet<YAMLError['code']> = new Set(['MISSING_CHAR', 'BAD_INDENT', 'BAD_PROP_ORDER'])

export function yamlAdvice(error: YAMLError, text: string): string {
  const advice = FIXED.has(error.code) ? lowerFirst(error.message) : (ADVICE[error.code] ?? 'the text cannot be read')
  const lineStart = text.lastIndexOf('\n', error.pos[0] - 1) + 1
  const lineEnd = text.indexOf('\n', error.pos[0])
  const line = text.slice(lineStart, lineEnd === -1 ? undefined : lineEnd)
  const hint = line.includes('${') ? '; inside [ ] and { } a substitution must be in quotes' : ''
  return `not valid YAML: ${advice}${hint}`
}

const lowerFirst = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1)
