// Written by `npm run prices:update`; do not edit.
export const huggingface_hyperbolic = `{"provider":"huggingface_hyperbolic",
"sources":{
"s1":{"url":"https://router.huggingface.co/v1/models","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"}
},
"cards":[
{"id":"huggingface_hyperbolic/Qwen/Qwen2.5-VL-72B-Instruct","model":"Qwen/Qwen2.5-VL-72B-Instruct","aliases":["qwen/qwen2.5-vl-72b-instruct-fast"],"rates":{"input":"0.6","output":"0.6"},"source":"s1"},
{"id":"huggingface_hyperbolic/Qwen/Qwen2.5-VL-7B-Instruct","model":"Qwen/Qwen2.5-VL-7B-Instruct","aliases":["qwen/qwen2.5-vl-7b-instruct-fast"],"rates":{"input":"0.2","output":"0.2"},"source":"s1"},
{"id":"huggingface_hyperbolic/Qwen/Qwen3-235B-A22B-Instruct-2507","model":"Qwen/Qwen3-235B-A22B-Instruct-2507","aliases":["qwen/qwen3-235b-a22b-instruct-2507-fast"],"rates":{"input":"2","output":"2"},"source":"s1"},
{"id":"huggingface_hyperbolic/Qwen/Qwen3-Coder-480B-A35B-Instruct","model":"Qwen/Qwen3-Coder-480B-A35B-Instruct","aliases":["qwen/qwen3-coder-480b-a35b-instruct-fast"],"rates":{"input":"2","output":"2"},"source":"s1"},
{"id":"huggingface_hyperbolic/Qwen/Qwen3-Next-80B-A3B-Instruct","model":"Qwen/Qwen3-Next-80B-A3B-Instruct","aliases":["qwen/qwen3-next-80b-a3b-instruct-fast"],"rates":{"input":"0.3","output":"0.3"},"source":"s1"},
{"id":"huggingface_hyperbolic/Qwen/Qwen3-Next-80B-A3B-Thinking","model":"Qwen/Qwen3-Next-80B-A3B-Thinking","aliases":["qwen/qwen3-next-80b-a3b-thinking-fast"],"rates":{"input":"0.3","output":"0.3"},"source":"s1"},
{"id":"huggingface_hyperbolic/deepseek-ai/DeepSeek-R1","model":"deepseek-ai/DeepSeek-R1","aliases":["deepseek-ai/deepseek-r1-fast"],"rates":{"input":"2","output":"2"},"source":"s1"},
{"id":"huggingface_hyperbolic/deepseek-ai/DeepSeek-R1-0528","model":"deepseek-ai/DeepSeek-R1-0528","aliases":["deepseek-ai/deepseek-r1-0528-fast"],"rates":{"input":"3","output":"3"},"source":"s1"},
{"id":"huggingface_hyperbolic/deepseek-ai/DeepSeek-V3-0324","model":"deepseek-ai/DeepSeek-V3-0324","aliases":["deepseek-ai/deepseek-v3-0324-fast"],"rates":{"input":"1.25","output":"1.25"},"source":"s1"},
{"id":"huggingface_hyperbolic/meta-llama/Llama-3.3-70B-Instruct","model":"meta-llama/Llama-3.3-70B-Instruct","aliases":["meta-llama/llama-3.3-70b-instruct-fast"],"rates":{"input":"0.4","output":"0.4"},"source":"s1"},
{"id":"huggingface_hyperbolic/openai/gpt-oss-120b","model":"openai/gpt-oss-120b","aliases":["openai/gpt-oss-120b-fast"],"rates":{"input":"0.3","output":"0.3"},"source":"s1"},
{"id":"huggingface_hyperbolic/openai/gpt-oss-20b","model":"openai/gpt-oss-20b","aliases":["openai/gpt-oss-20b-fast"],"rates":{"input":"0.1","output":"0.1"},"source":"s1"}
]}`
