// Written by `npm run prices:update`; do not edit.
export const huggingface_ovhcloud = `{"provider":"huggingface_ovhcloud",
"sources":{
"s1":{"url":"https://router.huggingface.co/v1/models","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"}
},
"cards":[
{"id":"huggingface_ovhcloud/Qwen/Qwen2.5-VL-72B-Instruct","model":"Qwen/Qwen2.5-VL-72B-Instruct","aliases":["qwen/qwen2.5-vl-72b-instruct-fast"],"rates":{"input":"1.01","output":"1.01"},"source":"s1"},
{"id":"huggingface_ovhcloud/Qwen/Qwen3-32B","model":"Qwen/Qwen3-32B","aliases":["qwen/qwen3-32b-fast"],"rates":{"input":"0.09","output":"0.25"},"source":"s1"},
{"id":"huggingface_ovhcloud/Qwen/Qwen3-Coder-30B-A3B-Instruct","model":"Qwen/Qwen3-Coder-30B-A3B-Instruct","aliases":["qwen/qwen3-coder-30b-a3b-instruct-fast"],"rates":{"input":"0.07","output":"0.26"},"source":"s1"},
{"id":"huggingface_ovhcloud/Qwen/Qwen3.5-397B-A17B","model":"Qwen/Qwen3.5-397B-A17B","aliases":["qwen/qwen3.5-397b-a17b-fast"],"rates":{"input":"0.71","output":"4.25"},"source":"s1"},
{"id":"huggingface_ovhcloud/Qwen/Qwen3.5-9B","model":"Qwen/Qwen3.5-9B","aliases":["qwen/qwen3.5-9b-fast"],"rates":{"input":"0.12","output":"0.18"},"source":"s1"},
{"id":"huggingface_ovhcloud/Qwen/Qwen3.6-27B","model":"Qwen/Qwen3.6-27B","aliases":["qwen/qwen3.6-27b-fast"],"rates":{"input":"0.47","output":"3.19"},"source":"s1"},
{"id":"huggingface_ovhcloud/Qwen/Qwen3.8-27B","model":"Qwen/Qwen3.8-27B","aliases":["qwen/qwen3.8-27b-fast"],"rates":{"input":"0.47","output":"3.19"},"source":"s1"},
{"id":"huggingface_ovhcloud/meta-llama/Llama-3.1-8B-Instruct","model":"meta-llama/Llama-3.1-8B-Instruct","aliases":["meta-llama/llama-3.1-8b-instruct-fast"],"rates":{"input":"0.11","output":"0.11"},"source":"s1"},
{"id":"huggingface_ovhcloud/meta-llama/Llama-3.3-70B-Instruct","model":"meta-llama/Llama-3.3-70B-Instruct","aliases":["meta-llama/llama-3.3-70b-instruct-fast"],"rates":{"input":"0.74","output":"0.74"},"source":"s1"},
{"id":"huggingface_ovhcloud/openai/gpt-oss-120b","model":"openai/gpt-oss-120b","aliases":["openai/gpt-oss-120b-fast"],"rates":{"input":"0.09","output":"0.47"},"source":"s1"},
{"id":"huggingface_ovhcloud/openai/gpt-oss-20b","model":"openai/gpt-oss-20b","aliases":["openai/gpt-oss-20b-fast"],"rates":{"input":"0.05","output":"0.18"},"source":"s1"}
]}`
