/**
 * Every problem a configuration can have, with what it means. The codes are stable: documentation, tests and scripts
 * refer to them, and the error reference lists exactly these.
 */
export const CODES = {
  // Reading
  no_source: 'No configuration was named: at least one `--config` is needed.',
  unsupported_source: 'A `--config` names a scheme other than `file`, `env` and `yaml`.',
  unreadable_source: 'A configuration file or environment variable cannot be read.',
  too_large: 'A source is over 4 MiB, over 100,000 values (aliases counted as often as used) or nested over 100 deep.',
  bad_set: 'A `--set` is not of the form `path.to.key=value`.',
  yaml_syntax: 'The text is not valid YAML.',
  yaml_alias: 'A YAML alias or merge key refers to an anchor that does not exist, contains itself, or is not a map.',
  duplicate_key: 'The same key is given twice in one map.',
  bad_key: 'A key is empty, a list or a map.',
  yaml_tag: 'A YAML tag is not known and was ignored.',
  // Substitution
  bad_substitution: 'A substitution is not the name of an environment variable, and its scheme is not a known one.',
  substitution_limit:
    'Substitutions are nested too deep, too many, or their result is too long; mostly one refers to itself.',
  unset_variable: 'An environment variable without a default is not set; its value is empty.',
  escaped_dollar: 'An environment variable contains `$$`, which reads as one `$`, as in the OpenTelemetry Collector.',
  unexpanded_key: 'A key contains `$` and `{`: keys are not substituted, only values.',
  // Values
  wrong_type: 'The value is of another type than its field.',
  unknown_key: 'The key does not exist here.',
  missing: 'A key without a default is missing.',
  out_of_range: 'The number, duration or amount is outside the permitted range.',
  bad_pattern: 'The string does not have the required form.',
  bad_choice: 'The value is none of the permitted ones.',
  bad_duration: 'The duration has no unit or an unknown one.',
  bad_amount: 'The amount of USD is not a plain decimal with at most 12 digits behind the point.',
  bad_value: 'A check across several keys failed.',
  deprecated: 'The key still works and will go away.',
  // Components and pipelines
  empty_config: 'The configuration is empty.',
  bad_component_id: 'The component id is not of the form `type` or `type/name`.',
  duplicate_component: 'Two component ids differ only in white space.',
  unknown_component: 'No component of this kind and type exists.',
  connectors_unsupported: 'The `connectors` section of the OpenTelemetry Collector is not supported.',
  no_receiver: 'No receiver is configured, or a pipeline has none.',
  no_exporter: 'No exporter is configured, or a pipeline has none.',
  no_pipeline: 'The service has no pipeline.',
  bad_pipeline_id: 'The pipeline id does not begin with `traces`, `logs` or `metrics`.',
  not_configured: 'A pipeline or `service.extensions` names a component that is not configured.',
  wrong_signal: 'A component stands in a pipeline of a signal that it does not handle.',
  duplicate_reference: 'A list names the same component twice.',
  unused_component: 'A configured component is used by nothing and will not be started.',
} as const

export type ProblemCode = keyof typeof CODES
