import { factory as debug } from '../exporters/debug/index.ts'
import { factory as file } from '../exporters/file/index.ts'
import { factory as killSwitch } from '../exporters/kill_switch/index.ts'
import { factory as otlpGrpc } from '../exporters/otlp_grpc/index.ts'
import { factory as otlpHttp } from '../exporters/otlp_http/index.ts'
import { factory as prometheus } from '../exporters/prometheus/index.ts'
import { factory as warehouse } from '../exporters/warehouse/index.ts'
import { factory as healthCheck } from '../extensions/health_check/index.ts'
import { factory as ledger } from '../extensions/ledger/index.ts'
import type { AnyFactory } from '../pipeline/component.ts'
import { factory as budget } from '../processors/budget/index.ts'
import { factory as businessTags } from '../processors/business_tags/index.ts'
import { factory as genAiUsage } from '../processors/gen_ai_usage/index.ts'
import { factory as loopDetector } from '../processors/loop_detector/index.ts'
import { factory as memoryLimiter } from '../processors/memory_limiter/index.ts'
import { factory as tokenPricing } from '../processors/token_pricing/index.ts'
import { factory as llmProxy } from '../receivers/llm_proxy/index.ts'
import { factory as otlp } from '../receivers/otlp/index.ts'

/** The one list of components. Adding a component is adding a line here. */
export const components: readonly AnyFactory[] = [
  otlp,
  llmProxy,
  memoryLimiter,
  genAiUsage,
  tokenPricing,
  businessTags,
  loopDetector,
  budget,
  otlpHttp,
  otlpGrpc,
  file,
  debug,
  warehouse,
  prometheus,
  killSwitch,
  ledger,
  healthCheck,
]
