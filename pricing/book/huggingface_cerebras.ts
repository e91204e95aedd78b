// Written by `npm run prices:update`; do not edit.
export const huggingface_cerebras = `{"provider":"huggingface_cerebras",
"sources":{
"s1":{"url":"https://router.huggingface.co/v1/models","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"}
},
"cards":[
{"id":"huggingface_cerebras/Qwen/Qwen3.8-27B","model":"Qwen/Qwen3.8-27B","aliases":["qwen/qwen3.8-27b-fast"],"rates":{"input":"0.99","output":"1.49"},"source":"s1"},
{"id":"huggingface_cerebras/meta-llama/Llama-3.1-8B-Instruct","model":"meta-llama/Llama-3.1-8B-Instruct","aliases":["meta-llama/llama-3.1-8b-instruct-fast"],"rates":{"input":"0.1","output":"0.1"},"source":"s1"},
{"id":"huggingface_cerebras/openai/gpt-oss-120b","model":"openai/gpt-oss-120b","aliases":["openai/gpt-oss-120b-fast"],"rates":{"input":"0.35","output":"0.75"},"source":"s1"}
]}`
