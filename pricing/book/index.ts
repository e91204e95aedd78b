// Written by `npm run prices:update`; do not edit.
import type { Book, BookFile } from '../card.ts'
import anthropic from './anthropic.json' with { type: 'json' }
import arcee from './arcee.json' with { type: 'json' }
import avian from './avian.json' with { type: 'json' }
import aws_bedrock from './aws_bedrock.json' with { type: 'json' }
import azure_ai_openai from './azure_ai_openai.json' with { type: 'json' }
import baseten from './baseten.json' with { type: 'json' }
import cerebras from './cerebras.json' with { type: 'json' }
import cloudflare from './cloudflare.json' with { type: 'json' }
import cohere from './cohere.json' with { type: 'json' }
import cursor from './cursor.json' with { type: 'json' }
import databricks from './databricks.json' with { type: 'json' }
import deepseek from './deepseek.json' with { type: 'json' }
import doubleword from './doubleword.json' with { type: 'json' }
import elevenlabs from './elevenlabs.json' with { type: 'json' }
import fireworks_ai from './fireworks_ai.json' with { type: 'json' }
import gcp_gemini from './gcp_gemini.json' with { type: 'json' }
import gcp_vertex_ai from './gcp_vertex_ai.json' with { type: 'json' }
import github_copilot from './github_copilot.json' with { type: 'json' }
import groq from './groq.json' with { type: 'json' }
import huggingface_cerebras from './huggingface_cerebras.json' with { type: 'json' }
import huggingface_fireworks_ai from './huggingface_fireworks_ai.json' with { type: 'json' }
import huggingface_groq from './huggingface_groq.json' with { type: 'json' }
import huggingface_hyperbolic from './huggingface_hyperbolic.json' with { type: 'json' }
import huggingface_nebius from './huggingface_nebius.json' with { type: 'json' }
import huggingface_novita from './huggingface_novita.json' with { type: 'json' }
import huggingface_nscale from './huggingface_nscale.json' with { type: 'json' }
import huggingface_ovhcloud from './huggingface_ovhcloud.json' with { type: 'json' }
import huggingface_publicai from './huggingface_publicai.json' with { type: 'json' }
import huggingface_sambanova from './huggingface_sambanova.json' with { type: 'json' }
import huggingface_together from './huggingface_together.json' with { type: 'json' }
import meta from './meta.json' with { type: 'json' }
import minimax from './minimax.json' with { type: 'json' }
import mistral_ai from './mistral_ai.json' with { type: 'json' }
import modal from './modal.json' with { type: 'json' }
import moonshot_ai from './moonshot_ai.json' with { type: 'json' }
import novita from './novita.json' with { type: 'json' }
import openai from './openai.json' with { type: 'json' }
import openai_decisions from './openai_decisions.json' with { type: 'json' }
import openrouter from './openrouter.json' with { type: 'json' }
import ovhcloud from './ovhcloud.json' with { type: 'json' }
import perplexity from './perplexity.json' with { type: 'json' }
import quicksilverpro from './quicksilverpro.json' with { type: 'json' }
import together_ai from './together_ai.json' with { type: 'json' }
import typesafe from './typesafe.json' with { type: 'json' }
import voyageai from './voyageai.json' with { type: 'json' }
import x_ai from './x_ai.json' with { type: 'json' }
import zai from './zai.json' with { type: 'json' }
import zhipuai from './zhipuai.json' with { type: 'json' }

export const bundledBook: Book = {
  version: '2026-11-03.71ae4912',
  asOf: '2026-11-03',
  files: [
    anthropic,
    arcee,
    avian,
    aws_bedrock,
    azure_ai_openai,
    baseten,
    cerebras,
    cloudflare,
    cohere,
    cursor,
    databricks,
    deepseek,
    doubleword,
    elevenlabs,
    fireworks_ai,
    gcp_gemini,
    gcp_vertex_ai,
    github_copilot,
    groq,
    huggingface_cerebras,
    huggingface_fireworks_ai,
    huggingface_groq,
    huggingface_hyperbolic,
    huggingface_nebius,
    huggingface_novita,
    huggingface_nscale,
    huggingface_ovhcloud,
    huggingface_publicai,
    huggingface_sambanova,
    huggingface_together,
    meta,
    minimax,
    mistral_ai,
    modal,
    moonshot_ai,
    novita,
    openai,
    openai_decisions,
    openrouter,
    ovhcloud,
    perplexity,
    quicksilverpro,
    together_ai,
    typesafe,
    voyageai,
    x_ai,
    zai,
    zhipuai,
  ] as unknown as readonly BookFile[],
}
