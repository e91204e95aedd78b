// Written by `npm run prices:update`; do not edit.
export const modal = `{"provider":"modal",
"sources":{
"s1":{"url":"https://modal.com/library","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"},
"s2":{"url":"https://modal.com/library/moonshot/kimi-k3","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"}
},
"cards":[
{"id":"modal/Qwen/Qwen3.8-2.4T-A95B","model":"Qwen/Qwen3.8-2.4T-A95B","rates":{"input":"2","cache_read":"0.25","output":"6"},"source":"s1"},
{"id":"modal/Qwen/Qwen3.8-Max-VL-Thinking","model":"Qwen/Qwen3.8-Max-VL-Thinking","rates":{"input":"2","cache_read":"0.25","output":"6"},"source":"s1"},
{"id":"modal/deepseek-ai/DeepSeek-V4.1-Flash","model":"deepseek-ai/DeepSeek-V4.1-Flash","rates":{"input":"0.3","cache_read":"0.03","output":"1.2"},"source":"s1"},
{"id":"modal/deepseek-ai/DeepSeek-V4.1-Flash-1017","model":"deepseek-ai/DeepSeek-V4.1-Flash-1017","rates":{"input":"0.25","cache_read":"0.005","output":"1"},"source":"s1"},
{"id":"modal/meta-models/Muse-Spark-Open-816B-A42B","model":"meta-models/Muse-Spark-Open-816B-A42B","rates":{"input":"1.25","cache_read":"0.15","output":"4.25"},"source":"s1"},
{"id":"modal/moonshotai/Kimi-K3","model":"moonshotai/Kimi-K3","rates":{"input":"3","cache_read":"0.3","output":"15"},"source":"s2"},
{"id":"modal/moonshotai/Kimi-K3.1-Pro","model":"moonshotai/Kimi-K3.1-Pro","rates":{"input":"2","cache_read":"0.2","output":"10"},"source":"s1"},
{"id":"modal/nvidia/GLM-5.3-Flash-NVFP4","model":"nvidia/GLM-5.3-Flash-NVFP4","rates":{"input":"0.15","cache_read":"0.03","output":"0.5"},"source":"s1"},
{"id":"modal/thinkingmachines/Inkling-NVFP4","model":"thinkingmachines/Inkling-NVFP4","rates":{"input":"1.2","cache_read":"0.27","output":"5"},"source":"s1"},
{"id":"modal/zai-org/GLM-5.3","model":"zai-org/GLM-5.3","rates":{"input":"1.4","cache_read":"0.26","output":"4.4"},"source":"s1"},
{"id":"modal/zai-org/GLM-5.3-Flash","model":"zai-org/GLM-5.3-Flash","rates":{"input":"0.45","cache_read":"0.09","output":"1.5"},"source":"s1"}
]}`
