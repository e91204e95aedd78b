// Written by `npm run prices:update`; do not edit.
export const huggingface_nebius = `{"provider":"huggingface_nebius",
"sources":{
"s1":{"url":"https://router.huggingface.co/v1/models","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"}
},
"cards":[
{"id":"huggingface_nebius/NousResearch/Hermes-4-405B","model":"NousResearch/Hermes-4-405B","aliases":["nousresearch/hermes-4-405b-fast"],"rates":{"input":"1","output":"3"},"source":"s1"},
{"id":"huggingface_nebius/NousResearch/Hermes-4-70B","model":"NousResearch/Hermes-4-70B","aliases":["nousresearch/hermes-4-70b-fast"],"rates":{"input":"0.13","output":"0.4"},"source":"s1"},
{"id":"huggingface_nebius/PrimeIntellect/INTELLECT-3-FP8","model":"PrimeIntellect/INTELLECT-3-FP8","aliases":["primeintellect/intellect-3-fp8-fast"],"rates":{"input":"0.2","output":"1.1"},"source":"s1"},
{"id":"huggingface_nebius/Qwen/Qwen2.5-Coder-7B","model":"Qwen/Qwen2.5-Coder-7B","aliases":["qwen/qwen2.5-coder-7b-fast"],"rates":{"input":"0.03","output":"0.09"},"source":"s1"},
{"id":"huggingface_nebius/Qwen/Qwen2.5-VL-72B-Instruct","model":"Qwen/Qwen2.5-VL-72B-Instruct","aliases":["qwen/qwen2.5-vl-72b-instruct-fast"],"rates":{"input":"0.25","output":"0.75"},"source":"s1"},
{"id":"huggingface_nebius/Qwen/Qwen3-235B-A22B-Instruct-2507","model":"Qwen/Qwen3-235B-A22B-Instruct-2507","aliases":["qwen/qwen3-235b-a22b-instruct-2507-fast"],"rates":{"input":"0.2","output":"0.6"},"source":"s1"},
{"id":"huggingface_nebius/Qwen/Qwen3-235B-A22B-Thinking-2507","model":"Qwen/Qwen3-235B-A22B-Thinking-2507","aliases":["qwen/qwen3-235b-a22b-thinking-2507-fast"],"rates":{"input":"0.2","output":"0.8"},"source":"s1"},
{"id":"huggingface_nebius/Qwen/Qwen3-30B-A3B-Instruct-2507","model":"Qwen/Qwen3-30B-A3B-Instruct-2507","aliases":["qwen/qwen3-30b-a3b-instruct-2507-fast"],"rates":{"input":"0.1","output":"0.3"},"source":"s1"},
{"id":"huggingface_nebius/Qwen/Qwen3-30B-A3B-Thinking-2507","model":"Qwen/Qwen3-30B-A3B-Thinking-2507","aliases":["qwen/qwen3-30b-a3b-thinking-2507-fast"],"rates":{"input":"0.1","output":"0.3"},"source":"s1"},
{"id":"huggingface_nebius/Qwen/Qwen3-32B","model":"Qwen/Qwen3-32B","aliases":["qwen/qwen3-32b-fast"],"rates":{"input":"0.1","output":"0.3"},"source":"s1"},
{"id":"huggingface_nebius/Qwen/Qwen3-Coder-30B-A3B-Instruct","model":"Qwen/Qwen3-Coder-30B-A3B-Instruct","aliases":["qwen/qwen3-coder-30b-a3b-instruct-fast"],"rates":{"input":"0.1","output":"0.3"},"source":"s1"},
{"id":"huggingface_nebius/Qwen/Qwen3-Coder-480B-A35B-Instruct","model":"Qwen/Qwen3-Coder-480B-A35B-Instruct","aliases":["qwen/qwen3-coder-480b-a35b-instruct-fast"],"rates":{"input":"0.4","output":"1.8"},"source":"s1"},
{"id":"huggingface_nebius/deepseek-ai/DeepSeek-R1-0528","model":"deepseek-ai/DeepSeek-R1-0528","aliases":["deepseek-ai/deepseek-r1-0528-fast"],"rates":{"input":"0.8","output":"2.4"},"source":"s1"},
{"id":"huggingface_nebius/deepseek-ai/DeepSeek-V3-0324","model":"deepseek-ai/DeepSeek-V3-0324","aliases":["deepseek-ai/deepseek-v3-0324-fast"],"rates":{"input":"0.75","output":"2.25"},"source":"s1"},
{"id":"huggingface_nebius/google/gemma-2-2b-it","model":"google/gemma-2-2b-it","aliases":["google/gemma-2-2b-it-fast"],"rates":{"input":"0.02","output":"0.06"},"source":"s1"},
{"id":"huggingface_nebius/google/gemma-2-9b-it","model":"google/gemma-2-9b-it","aliases":["google/gemma-2-9b-it-fast"],"rates":{"input":"0.03","output":"0.09"},"source":"s1"},
{"id":"huggingface_nebius/google/gemma-3-27b-it","model":"google/gemma-3-27b-it","aliases":["google/gemma-3-27b-it-fast"],"rates":{"input":"0.2","output":"0.6"},"source":"s1"},
{"id":"huggingface_nebius/meta-llama/Llama-3.1-8B-Instruct","model":"meta-llama/Llama-3.1-8B-Instruct","aliases":["meta-llama/llama-3.1-8b-instruct-fast"],"rates":{"input":"0.03","output":"0.09"},"source":"s1"},
{"id":"huggingface_nebius/meta-llama/Llama-3.3-70B-Instruct","model":"meta-llama/Llama-3.3-70B-Instruct","aliases":["meta-llama/llama-3.3-70b-instruct-fast"],"rates":{"input":"0.25","output":"0.75"},"source":"s1"},
{"id":"huggingface_nebius/moonshotai/Kimi-K2-Instruct","model":"moonshotai/Kimi-K2-Instruct","aliases":["moonshotai/kimi-k2-instruct-fast"],"rates":{"input":"0.5","output":"2.4"},"source":"s1"},
{"id":"huggingface_nebius/moonshotai/Kimi-K2-Thinking","model":"moonshotai/Kimi-K2-Thinking","aliases":["moonshotai/kimi-k2-thinking-fast"],"rates":{"input":"0.6","output":"2.5"},"source":"s1"},
{"id":"huggingface_nebius/nvidia/Llama-3_1-Nemotron-Ultra-253B-v1","model":"nvidia/Llama-3_1-Nemotron-Ultra-253B-v1","aliases":["nvidia/llama-3_1-nemotron-ultra-253b-v1-fast"],"rates":{"input":"0.6","output":"1.8"},"source":"s1"},
{"id":"huggingface_nebius/nvidia/NVIDIA-Nemotron-Nano-12B-v2","model":"nvidia/NVIDIA-Nemotron-Nano-12B-v2","aliases":["nvidia/nvidia-nemotron-nano-12b-v2-fast"],"rates":{"input":"0.07","output":"0.2"},"source":"s1"},
{"id":"huggingface_nebius/openai/gpt-oss-120b","model":"openai/gpt-oss-120b","aliases":["openai/gpt-oss-120b-fast"],"rates":{"input":"0.15","output":"0.6"},"source":"s1"},
{"id":"huggingface_nebius/zai-org/GLM-4.5","model":"zai-org/GLM-4.5","aliases":["zai-org/glm-4.5-fast"],"rates":{"input":"0.6","output":"2.2"},"source":"s1"},
{"id":"huggingface_nebius/zai-org/GLM-4.5-Air","model":"zai-org/GLM-4.5-Air","aliases":["zai-org/glm-4.5-air-fast"],"rates":{"input":"0.2","output":"1.2"},"source":"s1"}
]}`
