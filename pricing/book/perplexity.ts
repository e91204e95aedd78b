// Written by `npm run prices:update`; do not edit.
export const perplexity = `{"provider":"perplexity",
"sources":{
"s1":{"url":"https://docs.perplexity.ai/docs/getting-started/pricing","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"},
"s2":{"url":"https://docs.perplexity.ai/docs/agent-api/tools/web-search","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"},
"s3":{"url":"https://docs.perplexity.ai/docs/decisions/quickstart","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"},
"s4":{"url":"https://docs.perplexity.ai/docs/agent-api/migrate-from-sonar/overview","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"},
"requests":{"url":"https://docs.perplexity.ai/docs/getting-started/pricing","checked":"2026-11-23","note":"The fee per request depends on the search context size, which no span carries; the card has the largest."}
},
"cards":[
{"id":"perplexity/llama-3.1-sonar-large-128k-online","model":"llama-3.1-sonar-large-128k-online","rates":{"input":"1","output":"1"},"source":"s1"},
{"id":"perplexity/llama-3.1-sonar-small-128k-online","model":"llama-3.1-sonar-small-128k-online","rates":{"input":"0.2","output":"0.2"},"source":"s1"},
{"id":"perplexity/perplexity/deepseek-v4-pro-0813","model":"perplexity/deepseek-v4-pro-0813","rates":{"input":"1.32","cache_read":"0.044","output":"3.96"},"source":"s1"},
{"id":"perplexity/perplexity/glm-5.3","model":"perplexity/glm-5.3","rates":{"input":"1.4","cache_read":"0.26","output":"4.4"},"source":"s1"},
{"id":"perplexity/perplexity/glm-5.3-flash","model":"perplexity/glm-5.3-flash","rates":{"input":"0.15","cache_read":"0.03","output":"0.5"},"source":"s1"},
{"id":"perplexity/perplexity/kimi-k3","model":"perplexity/kimi-k3","rates":{"input":"3","cache_read":"0.3","output":"15"},"source":"s1"},
{"id":"perplexity/perplexity/nemotron-3.5-super-120b-a12b","model":"perplexity/nemotron-3.5-super-120b-a12b","rates":{"input":"0.2","cache_read":"0.04","output":"0.5"},"source":"s1"},
{"id":"perplexity/perplexity/sonar","model":"perplexity/sonar","rates":{"input":"0.25","cache_read":"0.0625","output":"2.5"},"fees":{"web_searches":"0.0025"},"source":"s2"},
{"id":"perplexity/pplx-decider-flash-v1.2","model":"pplx-decider-flash-v1.2","aliases":["pplx-decider-flash-latest","perplexity/pplx-decider-flash-latest"],"rates":{"input":"0.01"},"source":"s3"},
{"id":"perplexity/pplx-decider-v1-27b","model":"pplx-decider-v1-27b","rates":{"input":"0.02"},"source":"s3"},
{"id":"perplexity/pplx-decider-v1.1-27b","model":"pplx-decider-v1.1-27b","rates":{"input":"0.02"},"source":"s3"},
{"id":"perplexity/pplx-decider-v1.2","model":"pplx-decider-v1.2","aliases":["pplx-decider-latest","perplexity/pplx-decider-latest"],"rates":{"input":"0.02"},"source":"s3"},
{"id":"perplexity/pplx-embed-context-v1-0.6b","model":"pplx-embed-context-v1-0.6b","rates":{"input":"0.008"},"source":"s1"},
{"id":"perplexity/pplx-embed-context-v1-4b","model":"pplx-embed-context-v1-4b","rates":{"input":"0.05"},"source":"s1"},
{"id":"perplexity/pplx-embed-v1-0.6b","model":"pplx-embed-v1-0.6b","rates":{"input":"0.004"},"source":"s1"},
{"id":"perplexity/pplx-embed-v1-4b","model":"pplx-embed-v1-4b","rates":{"input":"0.03"},"source":"s1"},
{"id":"perplexity/r1-1776","model":"r1-1776","rates":{"input":"2","output":"8"},"source":"s1"},
{"id":"perplexity/sonar","model":"sonar","rates":{"input":"1","output":"1"},"fees":{"requests":"0.012"},"unverified":true,"source":"s4","also":["requests"]},
{"id":"perplexity/sonar-deep-research","model":"sonar-deep-research","rates":{"input":"2","output":"8","reasoning":"3"},"fees":{"web_searches":"0.005"},"source":"s4"},
{"id":"perplexity/sonar-pro","model":"sonar-pro","rates":{"input":"3","output":"15"},"fees":{"requests":"0.014"},"unverified":true,"source":"s4","also":["requests"]},
{"id":"perplexity/sonar-reasoning","model":"sonar-reasoning","rates":{"input":"1","output":"5"},"fees":{"requests":"0.012"},"unverified":true,"source":"s1","also":["requests"]},
{"id":"perplexity/sonar-reasoning-pro","model":"sonar-reasoning-pro","rates":{"input":"2","output":"8"},"fees":{"requests":"0.014"},"unverified":true,"source":"s4","also":["requests"]}
]}`
