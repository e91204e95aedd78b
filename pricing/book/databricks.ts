// Written by `npm run prices:update`; do not edit.
export const databricks = `{"provider":"databricks",
"sources":{
"s1":{"url":"https://www.databricks.com/product/pricing/foundation-model-serving","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"}
},
"cards":[
{"id":"databricks/databricks-bge-large-en","model":"databricks-bge-large-en","aliases":["system.ai.bge-large-en"],"rates":{"input":"0.1"},"source":"s1"},
{"id":"databricks/databricks-deepseek-v4-1-flash","model":"databricks-deepseek-v4-1-flash","aliases":["system.ai.deepseek-v4-1-flash"],"rates":{"input":"0.3","cache_read":"0.03","output":"1.2"},"source":"s1"},
{"id":"databricks/databricks-deepseek-v4-flash-0731","model":"databricks-deepseek-v4-flash-0731","aliases":["system.ai.deepseek-v4-flash-0731"],"rates":{"input":"0.14","cache_read":"0.028","output":"0.28"},"source":"s1"},
{"id":"databricks/databricks-deepseek-v4-pro-0813","model":"databricks-deepseek-v4-pro-0813","aliases":["system.ai.deepseek-v4-pro-0813"],"rates":{"input":"1.32","cache_read":"0.132","output":"3.96"},"source":"s1"},
{"id":"databricks/databricks-gemma-3-12b","model":"databricks-gemma-3-12b","aliases":["system.ai.gemma-3-12b"],"rates":{"input":"0.15","output":"0.5"},"source":"s1"},
{"id":"databricks/databricks-glm-5-2","model":"databricks-glm-5-2","aliases":["system.ai.glm-5-2"],"rates":{"input":"1.4","cache_read":"0.26","output":"4.4"},"source":"s1"},
{"id":"databricks/databricks-glm-5-3","model":"databricks-glm-5-3","aliases":["system.ai.glm-5-3"],"rates":{"input":"1.4","cache_read":"0.26","output":"4.4"},"source":"s1"},
{"id":"databricks/databricks-glm-5-3-flash","model":"databricks-glm-5-3-flash","aliases":["system.ai.glm-5-3-flash"],"rates":{"input":"0.15","cache_read":"0.03","output":"0.5"},"source":"s1"},
{"id":"databricks/databricks-gpt-oss-120b","model":"databricks-gpt-oss-120b","aliases":["system.ai.gpt-oss-120b"],"rates":{"input":"0.15","output":"0.6"},"source":"s1"},
{"id":"databricks/databricks-gpt-oss-20b","model":"databricks-gpt-oss-20b","aliases":["system.ai.gpt-oss-20b"],"rates":{"input":"0.07","output":"0.3"},"source":"s1"},
{"id":"databricks/databricks-gte-large-en","model":"databricks-gte-large-en","aliases":["system.ai.gte-large-en"],"rates":{"input":"0.13"},"source":"s1"},
{"id":"databricks/databricks-inkling","model":"databricks-inkling","aliases":["system.ai.inkling"],"rates":{"input":"1","cache_read":"0.17","output":"4.05"},"source":"s1"},
{"id":"databricks/databricks-kimi-k2-7-code","model":"databricks-kimi-k2-7-code","aliases":["system.ai.kimi-k2-7-code"],"rates":{"input":"0.95","cache_read":"0.19","output":"4"},"source":"s1"},
{"id":"databricks/databricks-kimi-k3","model":"databricks-kimi-k3","aliases":["system.ai.kimi-k3"],"rates":{"input":"3","cache_read":"0.3","output":"15"},"source":"s1"},
{"id":"databricks/databricks-llama-4-maverick","model":"databricks-llama-4-maverick","aliases":["system.ai.llama-4-maverick"],"rates":{"input":"0.5","output":"1.5"},"source":"s1"},
{"id":"databricks/databricks-meta-llama-3-1-8b-instruct","model":"databricks-meta-llama-3-1-8b-instruct","aliases":["system.ai.meta-llama-3-1-8b-instruct"],"rates":{"input":"0.15","output":"0.45"},"source":"s1"},
{"id":"databricks/databricks-meta-llama-3-3-70b-instruct","model":"databricks-meta-llama-3-3-70b-instruct","aliases":["system.ai.meta-llama-3-3-70b-instruct"],"rates":{"input":"0.5","output":"1.5"},"source":"s1"},
{"id":"databricks/databricks-qwen3-embedding-0-6b","model":"databricks-qwen3-embedding-0-6b","aliases":["system.ai.qwen3-embedding-0-6b"],"rates":{"input":"0.02"},"source":"s1"},
{"id":"databricks/databricks-qwen3-next-80b-a3b-instruct","model":"databricks-qwen3-next-80b-a3b-instruct","aliases":["system.ai.qwen3-next-80b-a3b-instruct"],"rates":{"input":"0.15","output":"1.2"},"source":"s1"},
{"id":"databricks/databricks-qwen35-122b-a10b","model":"databricks-qwen35-122b-a10b","aliases":["system.ai.qwen35-122b-a10b"],"rates":{"input":"0.22","output":"2.2"},"source":"s1"}
]}`
