// Written by `npm run prices:update`; do not edit.
export const azure_ai_openai = `{"provider":"azure.ai.openai",
"sources":{
"s1":{"url":"https://azure.microsoft.com/en-us/pricing/details/cognitive-services/openai-service/#pricing","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"}
},
"cards":[
{"id":"azure.ai.openai/ada","model":"ada","aliases":["text-embedding-ada","text-embedding-ada-002","text-embedding-ada-002-v2"],"rates":{"input":"0.1"},"source":"s1"},
{"id":"azure.ai.openai/babbage","model":"babbage","aliases":["babbage-002"],"rates":{"input":"0.4"},"source":"s1"},
{"id":"azure.ai.openai/curie","model":"curie","aliases":["text-curie","text-curie-001"],"rates":{"input":"2"},"source":"s1"},
{"id":"azure.ai.openai/davinci","model":"davinci","aliases":["davinci-002","text-davinci","text-davinci-002"],"rates":{"input":"2"},"source":"s1"},
{"id":"azure.ai.openai/mai-ds-r1:free","model":"mai-ds-r1:free","free":true,"source":"s1"},
{"id":"azure.ai.openai/o1","model":"o1","aliases":["o1-2024-12-17"],"rates":{"input":"15","cache_read":"7.5","output":"60"},"source":"s1"},
{"id":"azure.ai.openai/o1-mini","model":"o1-mini","aliases":["o1-mini-2024-09-12"],"rates":{"input":"1.1","cache_read":"0.55","output":"4.4"},"source":"s1"},
{"id":"azure.ai.openai/o1-preview","model":"o1-preview","aliases":["o1-preview-2024-09-12"],"rates":{"input":"15","cache_read":"7.5","output":"60"},"source":"s1"},
{"id":"azure.ai.openai/o3-2025-04-16","model":"o3-2025-04-16","rates":{"input":"2","cache_read":"0.5","output":"8"},"source":"s1"},
{"id":"azure.ai.openai/o3-mini","model":"o3-mini","aliases":["o3-mini-2025-01-31"],"rates":{"input":"1.1","cache_read":"0.55","output":"4.4"},"source":"s1"},
{"id":"azure.ai.openai/o4-mini","model":"o4-mini","aliases":["o4-mini-2025-04-16"],"rates":{"input":"1.1","cache_read":"0.275","output":"4.4"},"source":"s1"},
{"id":"azure.ai.openai/phi-3-medium-128k-instruct","model":"phi-3-medium-128k-instruct","rates":{"input":"0.17","output":"0.68"},"source":"s1"},
{"id":"azure.ai.openai/phi-3-mini-128k-instruct","model":"phi-3-mini-128k-instruct","rates":{"input":"0.13","output":"0.52"},"source":"s1"},
{"id":"azure.ai.openai/phi-3.5-mini-128k-instruct","model":"phi-3.5-mini-128k-instruct","rates":{"input":"0.13","output":"0.52"},"source":"s1"},
{"id":"azure.ai.openai/phi-4","model":"phi-4","rates":{"input":"0.125","output":"0.5"},"source":"s1"},
{"id":"azure.ai.openai/phi-4-mini-instruct","model":"phi-4-mini-instruct","rates":{"input":"0.075","output":"0.3"},"source":"s1"},
{"id":"azure.ai.openai/phi-4-multimodal-instruct","model":"phi-4-multimodal-instruct","rates":{"input":"0.08","output":"0.32","input_audio":"4"},"source":"s1"},
{"id":"azure.ai.openai/phi-4-reasoning-plus","model":"phi-4-reasoning-plus","rates":{"input":"0.125","output":"0.5"},"source":"s1"},
{"id":"azure.ai.openai/phi-4-reasoning-plus:free","model":"phi-4-reasoning-plus:free","free":true,"source":"s1"},
{"id":"azure.ai.openai/phi-4-reasoning:free","model":"phi-4-reasoning:free","free":true,"source":"s1"},
{"id":"azure.ai.openai/text-embedding-3-large","model":"text-embedding-3-large","rates":{"input":"0.13"},"source":"s1"},
{"id":"azure.ai.openai/text-embedding-3-small","model":"text-embedding-3-small","rates":{"input":"0.02"},"source":"s1"},
{"id":"azure.ai.openai/wizardlm-2-8x22b","model":"wizardlm-2-8x22b","rates":{"input":"0.48","output":"0.48"},"source":"s1"}
]}`
