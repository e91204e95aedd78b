// Written by `npm run prices:update`; do not edit.
export const baseten = `{"provider":"baseten",
"sources":{
"s1":{"url":"https://www.baseten.co/pricing/","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"},
"s2":{"url":"https://docs.baseten.co/inference/model-apis/overview","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"},
"x1":{"url":"https://www.baseten.co/pricing/","checked":"2026-11-10","via":"@earendil-works/pi-ai 1.5.2, MIT"}
},
"cards":[
{"id":"baseten/deepseek-ai/DeepSeek-V4-Flash-0731","model":"deepseek-ai/DeepSeek-V4-Flash-0731","rates":{"input":"0.13","cache_read":"0.028","output":"0.26"},"source":"s1"},
{"id":"baseten/deepseek-ai/DeepSeek-V4-Pro","model":"deepseek-ai/DeepSeek-V4-Pro","rates":{"input":"1.74","cache_read":"0.145","output":"3.48"},"source":"s2"},
{"id":"baseten/deepseek-ai/DeepSeek-V4-Pro-0813","model":"deepseek-ai/DeepSeek-V4-Pro-0813","rates":{"input":"1.32","cache_read":"0.132","output":"3.96"},"source":"s1"},
{"id":"baseten/deepseek-ai/DeepSeek-V4.1-Flash","model":"deepseek-ai/DeepSeek-V4.1-Flash","aliases":["deepseek-ai/DeepSeek-V4.1-Flash-1017"],"rates":{"input":"0.3","cache_read":"0.007","output":"1.2"},"source":"s1"},
{"id":"baseten/deepseek-ai/DeepSeek-V4.1-Flash-1017-Fast","model":"deepseek-ai/DeepSeek-V4.1-Flash-1017-Fast","rates":{"input":"0.6","cache_read":"0.014","output":"2.4"},"source":"s1"},
{"id":"baseten/deepseek-ai/DeepSeek-V4.1-Flash-Fast","model":"deepseek-ai/DeepSeek-V4.1-Flash-Fast","rates":{"input":"0.6","cache_read":"0.014","output":"2.4"},"source":"s1"},
{"id":"baseten/meta-models/muse-spark-open","model":"meta-models/muse-spark-open","rates":{"input":"1.25","cache_read":"0.15","output":"4.25"},"source":"s1"},
{"id":"baseten/moonshotai/Kimi-K2.6","model":"moonshotai/Kimi-K2.6","rates":{"input":"0.95","cache_read":"0.16","output":"4"},"source":"s2"},
{"id":"baseten/moonshotai/Kimi-K2.7-Code","model":"moonshotai/Kimi-K2.7-Code","rates":{"input":"0.95","cache_read":"0.16","output":"4"},"source":"s2"},
{"id":"baseten/moonshotai/Kimi-K3","model":"moonshotai/Kimi-K3","rates":{"input":"3","cache_read":"0.3","output":"15"},"source":"s1"},
{"id":"baseten/moonshotai/Kimi-K3.1-Pro","model":"moonshotai/Kimi-K3.1-Pro","rates":{"input":"2","cache_read":"0.2","output":"10"},"source":"x1"},
{"id":"baseten/nvidia/NVIDIA-Nemotron-3-Ultra-550B-A55B","model":"nvidia/NVIDIA-Nemotron-3-Ultra-550B-A55B","rates":{"input":"0.6","cache_read":"0.12","output":"2.4"},"source":"s1"},
{"id":"baseten/nvidia/NVIDIA-Nemotron-3.5-Super-VL-120B-A12B","model":"nvidia/NVIDIA-Nemotron-3.5-Super-VL-120B-A12B","rates":{"input":"0.2","cache_read":"0.04","output":"0.5"},"source":"s1"},
{"id":"baseten/openai/gpt-oss-120b","model":"openai/gpt-oss-120b","rates":{"input":"0.1","output":"0.5"},"source":"s1"},
{"id":"baseten/reflection/Beam-1.0","model":"reflection/Beam-1.0","to":"2026-11-02","rates":{"input":"1.3","cache_read":"0.13","output":"4.3"},"source":"s1"},
{"id":"baseten/reflection/Beam-1.0@2026-11-02","model":"reflection/Beam-1.0","from":"2026-11-02","rates":{"input":"0.4","cache_read":"0.04","output":"1.2"},"source":"s1"},
{"id":"baseten/thinkingmachines/inkling","model":"thinkingmachines/inkling","rates":{"input":"1","cache_read":"0.17","output":"4.05"},"source":"s2"},
{"id":"baseten/thinkingmachines/inkling-small","model":"thinkingmachines/inkling-small","rates":{"input":"0.5","cache_read":"0.1","output":"1.2"},"source":"s2"},
{"id":"baseten/zai-org/GLM-4.7","model":"zai-org/GLM-4.7","rates":{"input":"0.6","cache_read":"0.12","output":"2.2"},"source":"s2"},
{"id":"baseten/zai-org/GLM-5.2","model":"zai-org/GLM-5.2","rates":{"input":"1.4","cache_read":"0.14","output":"4.4"},"source":"s1"},
{"id":"baseten/zai-org/GLM-5.2-Fast","model":"zai-org/GLM-5.2-Fast","rates":{"input":"2.1","cache_read":"0.21","output":"6.6"},"source":"s1"},
{"id":"baseten/zai-org/GLM-5.3","model":"zai-org/GLM-5.3","rates":{"input":"1.4","cache_read":"0.14","output":"4.4"},"source":"s1"},
{"id":"baseten/zai-org/GLM-5.3-Fast","model":"zai-org/GLM-5.3-Fast","rates":{"input":"2.1","cache_read":"0.21","output":"6.6"},"source":"s1"},
{"id":"baseten/zai-org/GLM-5.3-Flash","model":"zai-org/GLM-5.3-Flash","rates":{"input":"0.15","cache_read":"0.03","output":"0.5"},"source":"s1"}
]}`
