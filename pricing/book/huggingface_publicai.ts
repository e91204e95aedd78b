// Written by `npm run prices:update`; do not edit.
export const huggingface_publicai = `{"provider":"huggingface_publicai",
"sources":{
"s1":{"url":"https://router.huggingface.co/v1/models","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"}
},
"cards":[
{"id":"huggingface_publicai/BSC-LT/ALIA-40b-instruct-2606","model":"BSC-LT/ALIA-40b-instruct-2606","aliases":["bsc-lt/alia-40b-instruct-2606-fast"],"rates":{"input":"0.3","output":"0.6"},"source":"s1"},
{"id":"huggingface_publicai/aisingapore/Gemma-SEA-LION-v4-27B-IT","model":"aisingapore/Gemma-SEA-LION-v4-27B-IT","aliases":["aisingapore/gemma-sea-lion-v4-27b-it-fast"],"rates":{"input":"0.2","output":"0.4"},"source":"s1"},
{"id":"huggingface_publicai/aisingapore/Nemotron-SEA-LION-v4.8-120B-A12B","model":"aisingapore/Nemotron-SEA-LION-v4.8-120B-A12B","aliases":["aisingapore/nemotron-sea-lion-v4.8-120b-a12b-fast"],"rates":{"input":"0.5","output":"2"},"source":"s1"},
{"id":"huggingface_publicai/aisingapore/Qwen-SEA-LION-v4-32B-IT","model":"aisingapore/Qwen-SEA-LION-v4-32B-IT","aliases":["aisingapore/qwen-sea-lion-v4-32b-it-fast"],"rates":{"input":"0.25","output":"0.5"},"source":"s1"},
{"id":"huggingface_publicai/aisingapore/Qwen-SEA-LION-v4.5-27B-IT","model":"aisingapore/Qwen-SEA-LION-v4.5-27B-IT","aliases":["aisingapore/qwen-sea-lion-v4.5-27b-it-fast"],"rates":{"input":"0.2","output":"0.4"},"source":"s1"},
{"id":"huggingface_publicai/allenai/Olmo-3-7B-Instruct","model":"allenai/Olmo-3-7B-Instruct","aliases":["allenai/olmo-3-7b-instruct-fast"],"rates":{"input":"0.1","output":"0.2"},"source":"s1"},
{"id":"huggingface_publicai/allenai/Olmo-3.1-32B-Instruct","model":"allenai/Olmo-3.1-32B-Instruct","aliases":["allenai/olmo-3.1-32b-instruct-fast"],"rates":{"input":"0.2","output":"0.6"},"source":"s1"},
{"id":"huggingface_publicai/dicta-il/DictaLM-3.0-24B-Thinking","model":"dicta-il/DictaLM-3.0-24B-Thinking","aliases":["dicta-il/dictalm-3.0-24b-thinking-fast"],"rates":{"input":"0.2","output":"0.4"},"source":"s1"},
{"id":"huggingface_publicai/speakleash/Bielik-11B-v3.0-Instruct","model":"speakleash/Bielik-11B-v3.0-Instruct","aliases":["speakleash/bielik-11b-v3.0-instruct-fast"],"rates":{"input":"0.4","output":"0.4"},"source":"s1"},
{"id":"huggingface_publicai/swiss-ai/Apertus-70B-Instruct-2509","model":"swiss-ai/Apertus-70B-Instruct-2509","aliases":["swiss-ai/apertus-70b-instruct-2509-fast"],"rates":{"input":"0.82","output":"2.92"},"source":"s1"},
{"id":"huggingface_publicai/swiss-ai/Apertus-8B-Instruct-2509","model":"swiss-ai/Apertus-8B-Instruct-2509","aliases":["swiss-ai/apertus-8b-instruct-2509-fast"],"rates":{"input":"0.1","output":"0.2"},"source":"s1"},
{"id":"huggingface_publicai/swiss-ai/Apertus-v1.5-70B","model":"swiss-ai/Apertus-v1.5-70B","aliases":["swiss-ai/apertus-v1.5-70b-fast"],"rates":{"input":"0.82","output":"2.92"},"source":"s1"},
{"id":"huggingface_publicai/utter-project/EuroLLM-22B-Instruct-2512","model":"utter-project/EuroLLM-22B-Instruct-2512","aliases":["utter-project/eurollm-22b-instruct-2512-fast"],"rates":{"input":"0.1","output":"0.2"},"source":"s1"}
]}`
