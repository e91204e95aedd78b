// Written by `npm run prices:update`; do not edit.
export const huggingface_nscale = `{"provider":"huggingface_nscale",
"sources":{
"s1":{"url":"https://router.huggingface.co/v1/models","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"}
},
"cards":[
{"id":"huggingface_nscale/Qwen/QwQ-32B","model":"Qwen/QwQ-32B","aliases":["qwen/qwq-32b-fast"],"rates":{"input":"0.18","output":"0.2"},"source":"s1"},
{"id":"huggingface_nscale/Qwen/Qwen2.5-Coder-32B-Instruct","model":"Qwen/Qwen2.5-Coder-32B-Instruct","aliases":["qwen/qwen2.5-coder-32b-instruct-fast"],"rates":{"input":"0.06","output":"0.2"},"source":"s1"},
{"id":"huggingface_nscale/Qwen/Qwen2.5-Coder-3B-Instruct","model":"Qwen/Qwen2.5-Coder-3B-Instruct","aliases":["qwen/qwen2.5-coder-3b-instruct-fast"],"rates":{"input":"0.01","output":"0.03"},"source":"s1"},
{"id":"huggingface_nscale/Qwen/Qwen2.5-Coder-7B-Instruct","model":"Qwen/Qwen2.5-Coder-7B-Instruct","aliases":["qwen/qwen2.5-coder-7b-instruct-fast"],"rates":{"input":"0.01","output":"0.03"},"source":"s1"},
{"id":"huggingface_nscale/Qwen/Qwen3-14B","model":"Qwen/Qwen3-14B","aliases":["qwen/qwen3-14b-fast"],"rates":{"input":"0.07","output":"0.2"},"source":"s1"},
{"id":"huggingface_nscale/Qwen/Qwen3-235B-A22B","model":"Qwen/Qwen3-235B-A22B","aliases":["qwen/qwen3-235b-a22b-fast","qwen/qwen3-235b-a22b-instruct-2507","qwen/qwen3-235b-a22b-instruct-2507-fast"],"rates":{"input":"0.2","output":"0.6"},"source":"s1"},
{"id":"huggingface_nscale/Qwen/Qwen3-32B","model":"Qwen/Qwen3-32B","aliases":["qwen/qwen3-32b-fast"],"rates":{"input":"0.08","output":"0.25"},"source":"s1"},
{"id":"huggingface_nscale/Qwen/Qwen3-4B-Instruct-2507","model":"Qwen/Qwen3-4B-Instruct-2507","aliases":["qwen/qwen3-4b-instruct-2507-fast"],"rates":{"input":"0.01","output":"0.03"},"source":"s1"},
{"id":"huggingface_nscale/Qwen/Qwen3-4B-Thinking-2507","model":"Qwen/Qwen3-4B-Thinking-2507","aliases":["qwen/qwen3-4b-thinking-2507-fast"],"rates":{"input":"0.01","output":"0.03"},"source":"s1"},
{"id":"huggingface_nscale/Qwen/Qwen3-8B","model":"Qwen/Qwen3-8B","aliases":["qwen/qwen3-8b-fast"],"rates":{"input":"0.07","output":"0.18"},"source":"s1"},
{"id":"huggingface_nscale/Qwen/Qwen3.8-27B","model":"Qwen/Qwen3.8-27B","aliases":["qwen/qwen3.8-27b-fast"],"rates":{"input":"0.2","output":"2.5"},"source":"s1"},
{"id":"huggingface_nscale/Qwen/Qwen3.8-Flash-Next-FP8","model":"Qwen/Qwen3.8-Flash-Next-FP8","aliases":["qwen/qwen3.8-flash-next-fp8-fast"],"rates":{"input":"0.15","output":"0.47"},"source":"s1"},
{"id":"huggingface_nscale/deepseek-ai/DeepSeek-R1-Distill-Llama-70B","model":"deepseek-ai/DeepSeek-R1-Distill-Llama-70B","aliases":["deepseek-ai/deepseek-r1-distill-llama-70b-fast"],"rates":{"input":"0.75","output":"0.75"},"source":"s1"},
{"id":"huggingface_nscale/deepseek-ai/DeepSeek-R1-Distill-Llama-8B","model":"deepseek-ai/DeepSeek-R1-Distill-Llama-8B","aliases":["deepseek-ai/deepseek-r1-distill-llama-8b-fast"],"rates":{"input":"0.05","output":"0.05"},"source":"s1"},
{"id":"huggingface_nscale/deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B","model":"deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B","aliases":["deepseek-ai/deepseek-r1-distill-qwen-1.5b-fast"],"rates":{"input":"0.1","output":"0.1"},"source":"s1"},
{"id":"huggingface_nscale/deepseek-ai/DeepSeek-R1-Distill-Qwen-14B","model":"deepseek-ai/DeepSeek-R1-Distill-Qwen-14B","aliases":["deepseek-ai/deepseek-r1-distill-qwen-14b-fast"],"rates":{"input":"0.2","output":"0.2"},"source":"s1"},
{"id":"huggingface_nscale/deepseek-ai/DeepSeek-R1-Distill-Qwen-32B","model":"deepseek-ai/DeepSeek-R1-Distill-Qwen-32B","aliases":["deepseek-ai/deepseek-r1-distill-qwen-32b-fast"],"rates":{"input":"0.3","output":"0.3"},"source":"s1"},
{"id":"huggingface_nscale/deepseek-ai/DeepSeek-R1-Distill-Qwen-7B","model":"deepseek-ai/DeepSeek-R1-Distill-Qwen-7B","aliases":["deepseek-ai/deepseek-r1-distill-qwen-7b-fast"],"rates":{"input":"0.15","output":"0.15"},"source":"s1"},
{"id":"huggingface_nscale/meta-llama/Llama-3.1-8B-Instruct","model":"meta-llama/Llama-3.1-8B-Instruct","aliases":["meta-llama/llama-3.1-8b-instruct-fast"],"rates":{"input":"0.06","output":"0.06"},"source":"s1"},
{"id":"huggingface_nscale/meta-llama/Llama-3.3-70B-Instruct","model":"meta-llama/Llama-3.3-70B-Instruct","aliases":["meta-llama/llama-3.3-70b-instruct-fast"],"rates":{"input":"0.4","output":"0.4"},"source":"s1"},
{"id":"huggingface_nscale/meta-llama/Llama-4-Scout-17B-16E-Instruct","model":"meta-llama/Llama-4-Scout-17B-16E-Instruct","aliases":["meta-llama/llama-4-scout-17b-16e-instruct-fast"],"rates":{"input":"0.09","output":"0.29"},"source":"s1"},
{"id":"huggingface_nscale/openai/gpt-oss-120b","model":"openai/gpt-oss-120b","aliases":["openai/gpt-oss-120b-fast"],"rates":{"input":"0.1","output":"0.4"},"source":"s1"},
{"id":"huggingface_nscale/openai/gpt-oss-20b","model":"openai/gpt-oss-20b","aliases":["openai/gpt-oss-20b-fast"],"rates":{"input":"0.05","output":"0.2"},"source":"s1"},
{"id":"huggingface_nscale/zai-org/GLM-5.3","model":"zai-org/GLM-5.3","aliases":["zai-org/glm-5.3-fast"],"rates":{"input":"1.4","output":"4.4"},"source":"s1"}
]}`
