/** Tags that every sidecar has, and the attributes they are read from unless the config says otherwise. */
export const BUILT_IN = {
  run: [
    'tokenfuse.run.id',
    'gen_ai.agent.call.id',
    'gcp.vertex.agent.invocation_id',
    'workflow.run_id',
    'prompt.id',
    'langsmith.trace.id',
    'traceloop.association.properties.run_id',
  ],
  agent: [
    'tokenfuse.agent',
    'gen_ai.agent.name',
    'agent.name',
    'ai.telemetry.functionId',
    'gen_ai.agent.id',
    'resource.service.name',
  ],
  workflow: [
    'tokenfuse.workflow',
    'gen_ai.workflow.name',
    'traceloop.workflow.name',
    'workflow.name',
    'langgraph.graph.name',
  ],
  step: ['tokenfuse.step', 'langgraph.node', 'traceloop.entity.name', 'langgraph_node', 'gen_ai.task.name'],
  customer: [
    'tokenfuse.customer',
    'customer.id',
    'tenant.id',
    'traceloop.association.properties.customer_id',
    'trace.metadata.tenant_id',
    'langfuse.trace.metadata.customer',
    'metadata.user_api_key_org_id',
  ],
  business_unit: [
    'tokenfuse.business_unit',
    'business_unit',
    'team.id',
    'department',
    'cost_center',
    'metadata.user_api_key_team_id',
  ],
} as const satisfies Record<string, readonly string[]>

export type BuiltIn = keyof typeof BUILT_IN
export const BUILT_IN_NAMES = Object.keys(BUILT_IN) as BuiltIn[]

/** The attribute that carries a tag on the span. */
export const ATTRIBUTE: Readonly<Record<BuiltIn, string>> = {
  run: 'tokenfuse.run.id',
  agent: 'tokenfuse.agent',
  workflow: 'tokenfuse.workflow',
  step: 'tokenfuse.step',
  customer: 'tokenfuse.customer',
  business_unit: 'tokenfuse.business_unit',
}
