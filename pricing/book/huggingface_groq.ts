// Written by `npm run prices:update`; do not edit.
export const huggingface_groq = `{"provider":"huggingface_groq",
"sources":{
"s1":{"url":"https://router.huggingface.co/v1/models","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"}
},
"cards":[
{"id":"huggingface_groq/Qwen/Qwen3-32B","model":"Qwen/Qwen3-32B","aliases":["qwen/qwen3-32b-fast"],"rates":{"input":"0.29","output":"0.59"},"source":"s1"},
{"id":"huggingface_groq/meta-llama/Llama-3.3-70B-Instruct","model":"meta-llama/Llama-3.3-70B-Instruct","aliases":["meta-llama/llama-3.3-70b-instruct-fast"],"rates":{"input":"0.59","output":"0.79"},"source":"s1"},
{"id":"huggingface_groq/meta-llama/Llama-4-Scout-17B-16E-Instruct","model":"meta-llama/Llama-4-Scout-17B-16E-Instruct","aliases":["meta-llama/llama-4-scout-17b-16e-instruct-fast"],"rates":{"input":"0.11","output":"0.34"},"source":"s1"},
{"id":"huggingface_groq/openai/gpt-oss-120b","model":"openai/gpt-oss-120b","aliases":["openai/gpt-oss-120b-fast"],"rates":{"input":"0.15","output":"0.75"},"source":"s1"},
{"id":"huggingface_groq/openai/gpt-oss-20b","model":"openai/gpt-oss-20b","aliases":["openai/gpt-oss-20b-fast"],"rates":{"input":"0.1","output":"0.5"},"source":"s1"}
]}`
