// Written by `npm run prices:update`; do not edit.
export const cerebras = `{"provider":"cerebras",
"sources":{
"s1":{"url":"https://api.cerebras.ai/public/v1/models","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"},
"s2":{"url":"https://www.cerebras.ai/pricing#pricing","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"},
"s3":{"url":"https://inference-docs.cerebras.ai/support/change-log","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"}
},
"cards":[
{"id":"cerebras/gemma-4-31b","model":"gemma-4-31b","aliases":["cerebras/gemma-4-31b","cerebras:gemma-4-31b"],"rates":{"input":"0.99","output":"1.49"},"source":"s1"},
{"id":"cerebras/gpt-oss-120b","model":"gpt-oss-120b","aliases":["cerebras/gpt-oss-120b","cerebras:gpt-oss-120b"],"rates":{"input":"0.35","output":"0.75"},"source":"s2"},
{"id":"cerebras/llama-3.3-70b","model":"llama-3.3-70b","aliases":["cerebras/llama-3.3-70b","cerebras:llama-3.3-70b"],"rates":{"input":"0.85","output":"1.2"},"source":"s2"},
{"id":"cerebras/llama3.1-8b","model":"llama3.1-8b","aliases":["cerebras/llama3.1-8b","cerebras:llama3.1-8b"],"rates":{"input":"0.1","output":"0.1"},"source":"s2"},
{"id":"cerebras/qwen-3-32b","model":"qwen-3-32b","aliases":["cerebras/qwen-3-32b","cerebras:qwen-3-32b"],"rates":{"input":"0.4","output":"0.8"},"source":"s2"},
{"id":"cerebras/qwen-3-coder-480b","model":"qwen-3-coder-480b","free":true,"source":"s1"},
{"id":"cerebras/qwen-3.8-27b","model":"qwen-3.8-27b","aliases":["cerebras/qwen-3.8-27b","cerebras:qwen-3.8-27b"],"rates":{"input":"0.99","output":"1.49"},"source":"s1"},
{"id":"cerebras/zai-glm-4.7","model":"zai-glm-4.7","aliases":["cerebras/zai-glm-4.7","cerebras:zai-glm-4.7"],"rates":{"input":"2.25","output":"2.75"},"source":"s3"}
]}`
