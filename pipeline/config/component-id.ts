/** `type` or `type/name`, as in the Collector. */
export interface ComponentId {
  readonly type: string
  readonly name: string | undefined
  /** Both, without the white space that the Collector allows around them. */
  readonly text: string
}

const TYPE = /^[a-zA-Z][0-9a-zA-Z_]{0,62}$/
/** No white space, control characters or symbols. */
const NAME = /^[^\p{Z}\p{C}\p{S}]+$/u
const NAME_MAX = 1024

/** The id, or what is wrong with it. */
export function parseComponentId(text: string): ComponentId | string {
  const slash = text.indexOf('/')
  const type = (slash === -1 ? text : text.slice(0, slash)).trim()
  const name = slash === -1 ? undefined : text.slice(slash + 1).trim()
  if (type === '') return 'expected "type" or "type/name", but the type is empty'
  if (!TYPE.test(type)) return 'the type must begin with a letter and have only letters, digits and _, at most 63'
  if (name === undefined) return { type, name, text: type }
  if (name === '') return 'the name behind the "/" is empty; remove the "/" or add a name'
  if (name.length > NAME_MAX) return `the name behind the "/" has over ${NAME_MAX} characters`
  if (!NAME.test(name)) return 'the name behind the "/" must not have white space, control characters or symbols'
  return { type, name, text: `${type}/${name}` }
}
