// Written by `npm run prices:update`; do not edit.
export const huggingface_sambanova = `{"provider":"huggingface_sambanova",
"sources":{
"s1":{"url":"https://router.huggingface.co/v1/models","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"}
},
"cards":[
{"id":"huggingface_sambanova/Qwen/Qwen3-32B","model":"Qwen/Qwen3-32B","aliases":["qwen/qwen3-32b-fast"],"rates":{"input":"0.4","output":"0.8"},"source":"s1"},
{"id":"huggingface_sambanova/deepseek-ai/DeepSeek-R1-0528","model":"deepseek-ai/DeepSeek-R1-0528","aliases":["deepseek-ai/deepseek-r1-0528-fast"],"rates":{"input":"5","output":"7"},"source":"s1"},
{"id":"huggingface_sambanova/deepseek-ai/DeepSeek-R1-Distill-Llama-70B","model":"deepseek-ai/DeepSeek-R1-Distill-Llama-70B","aliases":["deepseek-ai/deepseek-r1-distill-llama-70b-fast"],"rates":{"input":"0.7","output":"1.4"},"source":"s1"},
{"id":"huggingface_sambanova/deepseek-ai/DeepSeek-V3-0324","model":"deepseek-ai/DeepSeek-V3-0324","aliases":["deepseek-ai/deepseek-v3-0324-fast"],"rates":{"input":"3","output":"4.5"},"source":"s1"},
{"id":"huggingface_sambanova/meta-llama/Llama-3.1-8B-Instruct","model":"meta-llama/Llama-3.1-8B-Instruct","aliases":["meta-llama/llama-3.1-8b-instruct-fast"],"rates":{"input":"0.1","output":"0.2"},"source":"s1"},
{"id":"huggingface_sambanova/meta-llama/Llama-3.3-70B-Instruct","model":"meta-llama/Llama-3.3-70B-Instruct","aliases":["meta-llama/llama-3.3-70b-instruct-fast"],"rates":{"input":"0.6","output":"1.2"},"source":"s1"},
{"id":"huggingface_sambanova/openai/gpt-oss-120b","model":"openai/gpt-oss-120b","aliases":["openai/gpt-oss-120b-fast"],"rates":{"input":"0.22","output":"0.59"},"source":"s1"},
{"id":"huggingface_sambanova/tokyotech-llm/Llama-3.3-Swallow-70B-Instruct-v0.4","model":"tokyotech-llm/Llama-3.3-Swallow-70B-Instruct-v0.4","aliases":["tokyotech-llm/llama-3.3-swallow-70b-instruct-v0.4-fast"],"rates":{"input":"0.6","output":"1.2"},"source":"s1"}
]}`
