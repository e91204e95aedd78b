import { type Infer, integer, list, map, object, string } from '../../pipeline/config/spec.ts'

/** Sets of tags are kept as 31 bits, six of which are the built-in ones. */
const TAGS_MAX = 25

const tag = object(
  {
    from: list(
      string({
        doc: 'An attribute key; `resource.<key>` reads the resource only, other keys the span first and then its resource.',
      }),
      {
        doc: 'Where the value stands; the first attribute that is present and not empty is taken. For the built-in tags an empty list means their own defaults.',
      },
    ),
    value: string({ doc: 'A fixed value; wins over `from`.', optional: true }),
    default: string({ doc: 'Used when no attribute has a value.', optional: true }),
  },
  { doc: 'How one tag gets its value.' },
)

export const config = object(
  {
    tags: map(tag, {
      doc: 'Tags by name. `run`, `agent`, `workflow`, `step`, `customer` and `business_unit` are built in and only need an entry to change where they come from; every other name becomes `tokenfuse.tag.<name>`.',
      examples: [
        { customer: { from: ['tenant.id'] }, cost_center: { from: ['resource.cost_center'], default: 'unassigned' } },
      ],
    }),
    max_value_length: integer({
      doc: 'Values longer than this many characters are cut, and counted in tokenfuse_tag_values_cut_total.',
      default: 256,
      min: 16,
      max: 4096,
    }),
  },
  {
    doc: 'Says whom every call and step was for: run, agent, workflow, step, customer, business unit and your own tags.',
  },
  (value) => {
    const names = Object.keys(value.tags)
    const complaints = names
      .filter((name) => !/^[a-z][a-z0-9_]{0,62}$/.test(name))
      .map((name) => ({ path: ['tags', name], message: 'a tag name is lower_snake_case, up to 63 characters' }))
    if (names.length > TAGS_MAX)
      complaints.push({ path: ['tags', names[TAGS_MAX] ?? ''], message: `at most ${TAGS_MAX} tags; leave some out` })
    return complaints
  },
)

export type Config = Infer<typeof config>
