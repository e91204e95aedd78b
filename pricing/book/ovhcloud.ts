// Written by `npm run prices:update`; do not edit.
export const ovhcloud = `{"provider":"ovhcloud",
"sources":{
"s1":{"url":"https://oai.endpoints.kepler.ai.cloud.ovh.net/v1/models","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"}
},
"cards":[
{"id":"ovhcloud/DeepSeek-R1-Distill-Llama-70B","model":"DeepSeek-R1-Distill-Llama-70B","rates":{"input":"0.74","output":"0.74"},"source":"s1"},
{"id":"ovhcloud/Llama-3.1-8B-Instruct","model":"Llama-3.1-8B-Instruct","rates":{"input":"0.11","output":"0.11"},"source":"s1"},
{"id":"ovhcloud/Meta-Llama-3_3-70B-Instruct","model":"Meta-Llama-3_3-70B-Instruct","rates":{"input":"0.74","output":"0.74"},"source":"s1"},
{"id":"ovhcloud/Mistral-7B-Instruct-v0.3","model":"Mistral-7B-Instruct-v0.3","rates":{"input":"0.11","output":"0.11"},"source":"s1"},
{"id":"ovhcloud/Mistral-Nemo-Instruct-2407","model":"Mistral-Nemo-Instruct-2407","rates":{"input":"0.14","output":"0.14"},"source":"s1"},
{"id":"ovhcloud/Mistral-Small-3.2-24B-Instruct-2506","model":"Mistral-Small-3.2-24B-Instruct-2506","rates":{"input":"0.1","output":"0.31"},"source":"s1"},
{"id":"ovhcloud/Mixtral-8x7B-Instruct-v0.1","model":"Mixtral-8x7B-Instruct-v0.1","rates":{"input":"0.7","output":"0.7"},"source":"s1"},
{"id":"ovhcloud/Qwen2.5-VL-72B-Instruct","model":"Qwen2.5-VL-72B-Instruct","rates":{"input":"1.01","output":"1.01"},"source":"s1"},
{"id":"ovhcloud/Qwen3-32B","model":"Qwen3-32B","rates":{"input":"0.09","output":"0.25"},"source":"s1"},
{"id":"ovhcloud/Qwen3-Coder-30B-A3B-Instruct","model":"Qwen3-Coder-30B-A3B-Instruct","rates":{"input":"0.07","output":"0.26"},"source":"s1"},
{"id":"ovhcloud/Qwen3-Embedding-8B","model":"Qwen3-Embedding-8B","rates":{"input":"0.12"},"source":"s1"},
{"id":"ovhcloud/Qwen3.5-397B-A17B","model":"Qwen3.5-397B-A17B","rates":{"input":"0.71","output":"4.25"},"source":"s1"},
{"id":"ovhcloud/Qwen3.5-9B","model":"Qwen3.5-9B","rates":{"input":"0.12","output":"0.18"},"source":"s1"},
{"id":"ovhcloud/Qwen3.6-27B","model":"Qwen3.6-27B","rates":{"input":"0.47","output":"3.19"},"source":"s1"},
{"id":"ovhcloud/Qwen3.8-27B","model":"Qwen3.8-27B","rates":{"input":"0.47","output":"3.19"},"source":"s1"},
{"id":"ovhcloud/bge-base-en-v1.5","model":"bge-base-en-v1.5","rates":{"input":"0.01"},"source":"s1"},
{"id":"ovhcloud/bge-m3","model":"bge-m3","rates":{"input":"0.01"},"source":"s1"},
{"id":"ovhcloud/bge-multilingual-gemma2","model":"bge-multilingual-gemma2","rates":{"input":"0.01"},"source":"s1"},
{"id":"ovhcloud/gpt-oss-120b","model":"gpt-oss-120b","rates":{"input":"0.09","output":"0.47"},"source":"s1"},
{"id":"ovhcloud/gpt-oss-20b","model":"gpt-oss-20b","rates":{"input":"0.05","output":"0.18"},"source":"s1"}
]}`
