// Written by `npm run prices:update`; do not edit.
import type { Book, BookFile } from '../card.ts'
import { anthropic } from './anthropic.ts'
import { arcee } from './arcee.ts'
import { avian } from './avian.ts'
import { aws_bedrock } from './aws_bedrock.ts'
import { azure_ai_inference } from './azure_ai_inference.ts'
import { azure_ai_openai } from './azure_ai_openai.ts'
import { baseten } from './baseten.ts'
import { cerebras } from './cerebras.ts'
import { cloudflare } from './cloudflare.ts'
import { cohere } from './cohere.ts'
import { cursor } from './cursor.ts'
import { databricks } from './databricks.ts'
import { deepseek } from './deepseek.ts'
import { doubleword } from './doubleword.ts'
import { elevenlabs } from './elevenlabs.ts'
import { fireworks } from './fireworks.ts'
import { gcp_gemini } from './gcp_gemini.ts'
import { gcp_vertex_ai } from './gcp_vertex_ai.ts'
import { github_copilot } from './github_copilot.ts'
import { groq } from './groq.ts'
import { huggingface_cerebras } from './huggingface_cerebras.ts'
import { huggingface_fireworks_ai } from './huggingface_fireworks_ai.ts'
import { huggingface_groq } from './huggingface_groq.ts'
import { huggingface_hyperbolic } from './huggingface_hyperbolic.ts'
import { huggingface_nebius } from './huggingface_nebius.ts'
import { huggingface_novita } from './huggingface_novita.ts'
import { huggingface_nscale } from './huggingface_nscale.ts'
import { huggingface_ovhcloud } from './huggingface_ovhcloud.ts'
import { huggingface_publicai } from './huggingface_publicai.ts'
import { huggingface_sambanova } from './huggingface_sambanova.ts'
import { huggingface_together } from './huggingface_together.ts'
import { meta } from './meta.ts'
import { minimax } from './minimax.ts'
import { mistral_ai } from './mistral_ai.ts'
import { modal } from './modal.ts'
import { moonshot_ai } from './moonshot_ai.ts'
import { novita } from './novita.ts'
import { openai } from './openai.ts'
import { openai_decisions } from './openai_decisions.ts'
import { openrouter } from './openrouter.ts'
import { ovhcloud } from './ovhcloud.ts'
import { perplexity } from './perplexity.ts'
import { quicksilverpro } from './quicksilverpro.ts'
import { qwen } from './qwen.ts'
import { together } from './together.ts'
import { typesafe } from './typesafe.ts'
import { voyageai } from './voyageai.ts'
import { x_ai } from './x_ai.ts'
import { zai } from './zai.ts'
import { zhipuai } from './zhipuai.ts'

const parsed = (text: string) => (): BookFile => JSON.parse(text) as BookFile

export const bundledBook: Book = {
  version: '2026-11-03.50fbcad0',
  asOf: '2026-11-03',
  files: {
    anthropic: parsed(anthropic),
    arcee: parsed(arcee),
    avian: parsed(avian),
    'aws.bedrock': parsed(aws_bedrock),
    'azure.ai.inference': parsed(azure_ai_inference),
    'azure.ai.openai': parsed(azure_ai_openai),
    baseten: parsed(baseten),
    cerebras: parsed(cerebras),
    cloudflare: parsed(cloudflare),
    cohere: parsed(cohere),
    cursor: parsed(cursor),
    databricks: parsed(databricks),
    deepseek: parsed(deepseek),
    doubleword: parsed(doubleword),
    elevenlabs: parsed(elevenlabs),
    fireworks: parsed(fireworks),
    'gcp.gemini': parsed(gcp_gemini),
    'gcp.vertex_ai': parsed(gcp_vertex_ai),
    github_copilot: parsed(github_copilot),
    groq: parsed(groq),
    huggingface_cerebras: parsed(huggingface_cerebras),
    huggingface_fireworks_ai: parsed(huggingface_fireworks_ai),
    huggingface_groq: parsed(huggingface_groq),
    huggingface_hyperbolic: parsed(huggingface_hyperbolic),
    huggingface_nebius: parsed(huggingface_nebius),
    huggingface_novita: parsed(huggingface_novita),
    huggingface_nscale: parsed(huggingface_nscale),
    huggingface_ovhcloud: parsed(huggingface_ovhcloud),
    huggingface_publicai: parsed(huggingface_publicai),
    huggingface_sambanova: parsed(huggingface_sambanova),
    huggingface_together: parsed(huggingface_together),
    meta: parsed(meta),
    minimax: parsed(minimax),
    mistral_ai: parsed(mistral_ai),
    modal: parsed(modal),
    moonshot_ai: parsed(moonshot_ai),
    novita: parsed(novita),
    openai: parsed(openai),
    openai_decisions: parsed(openai_decisions),
    openrouter: parsed(openrouter),
    ovhcloud: parsed(ovhcloud),
    perplexity: parsed(perplexity),
    quicksilverpro: parsed(quicksilverpro),
    qwen: parsed(qwen),
    together: parsed(together),
    typesafe: parsed(typesafe),
    voyageai: parsed(voyageai),
    x_ai: parsed(x_ai),
    zai: parsed(zai),
    zhipuai: parsed(zhipuai),
  },
}
