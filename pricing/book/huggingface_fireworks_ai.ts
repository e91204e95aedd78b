// Written by `npm run prices:update`; do not edit.
export const huggingface_fireworks_ai = `{"provider":"huggingface_fireworks_ai",
"sources":{
"s1":{"url":"https://router.huggingface.co/v1/models","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"}
},
"cards":[
{"id":"huggingface_fireworks_ai/MiniMaxAI/MiniMax-M3","model":"MiniMaxAI/MiniMax-M3","aliases":["minimaxai/minimax-m3-fast"],"rates":{"input":"0.3","output":"1.2"},"source":"s1"},
{"id":"huggingface_fireworks_ai/meta-llama/Llama-3.3-70B-Instruct","model":"meta-llama/Llama-3.3-70B-Instruct","aliases":["meta-llama/llama-3.3-70b-instruct-fast"],"rates":{"input":"0.9","output":"0.9"},"source":"s1"},
{"id":"huggingface_fireworks_ai/moonshotai/Kimi-K3","model":"moonshotai/Kimi-K3","aliases":["moonshotai/kimi-k3-fast"],"rates":{"input":"3","output":"15"},"source":"s1"},
{"id":"huggingface_fireworks_ai/nvidia/NVIDIA-Nemotron-3-Ultra-550B-A55B-NVFP4","model":"nvidia/NVIDIA-Nemotron-3-Ultra-550B-A55B-NVFP4","aliases":["nvidia/nvidia-nemotron-3-ultra-550b-a55b-nvfp4-fast"],"rates":{"input":"0.6","output":"2.4"},"source":"s1"},
{"id":"huggingface_fireworks_ai/openai/gpt-oss-120b","model":"openai/gpt-oss-120b","aliases":["openai/gpt-oss-120b-fast"],"rates":{"input":"0.15","output":"0.6"},"source":"s1"},
{"id":"huggingface_fireworks_ai/openai/gpt-oss-20b","model":"openai/gpt-oss-20b","aliases":["openai/gpt-oss-20b-fast"],"rates":{"input":"0.05","output":"0.2"},"source":"s1"}
]}`
