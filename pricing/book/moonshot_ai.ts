// Written by `npm run prices:update`; do not edit.
export const moonshot_ai = `{"provider":"moonshot_ai",
"sources":{
"s1":{"url":"https://platform.kimi.ai/docs/models.md","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"},
"s2":{"url":"https://platform.kimi.ai/docs/pricing/chat-k26.md","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"},
"s3":{"url":"https://platform.kimi.ai/docs/pricing/chat-k27-code.md","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"},
"s4":{"url":"https://platform.kimi.ai/docs/pricing/chat-k3.md","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"},
"f1":{"url":"https://platform.moonshot.ai/docs/pricing","checked":"2026-11-20","via":"litellm (PyPI) 1.110.2, MIT (outside its enterprise folder)"}
},
"cards":[
{"id":"moonshot_ai/kimi-k2","model":"kimi-k2","rates":{"input":"0.57","output":"2.3"},"source":"s1"},
{"id":"moonshot_ai/kimi-k2-0711-preview","model":"kimi-k2-0711-preview","rates":{"input":"0.6","cache_read":"0.15","output":"2.5"},"source":"s1"},
{"id":"moonshot_ai/kimi-k2-0905-preview","model":"kimi-k2-0905-preview","rates":{"input":"0.6","cache_read":"0.15","output":"2.5"},"source":"s1"},
{"id":"moonshot_ai/kimi-k2-thinking","model":"kimi-k2-thinking","rates":{"input":"0.6","cache_read":"0.15","output":"2.5"},"source":"s1"},
{"id":"moonshot_ai/kimi-k2-thinking-turbo","model":"kimi-k2-thinking-turbo","rates":{"input":"1.15","cache_read":"0.15","output":"8"},"source":"s1"},
{"id":"moonshot_ai/kimi-k2-turbo-preview","model":"kimi-k2-turbo-preview","aliases":["kimi-k2-turbo"],"rates":{"input":"1.15","cache_read":"0.15","output":"8"},"source":"s1"},
{"id":"moonshot_ai/kimi-k2.5","model":"kimi-k2.5","rates":{"input":"0.6","cache_read":"0.1","output":"3"},"source":"s1"},
{"id":"moonshot_ai/kimi-k2.6","model":"kimi-k2.6","rates":{"input":"0.95","cache_read":"0.16","output":"4"},"source":"s2"},
{"id":"moonshot_ai/kimi-k2.7-code","model":"kimi-k2.7-code","rates":{"input":"0.95","cache_read":"0.19","output":"4"},"source":"s3"},
{"id":"moonshot_ai/kimi-k2.7-code-highspeed","model":"kimi-k2.7-code-highspeed","rates":{"input":"1.9","cache_read":"0.38","output":"8"},"source":"s3"},
{"id":"moonshot_ai/kimi-k3","model":"kimi-k3","rates":{"input":"3","cache_write_5m":"3","cache_read":"0.3","output":"15","cache_write_1h":"6"},"source":"s4"},
{"id":"moonshot_ai/kimi-k3.1-pro","model":"kimi-k3.1-pro","rates":{"input":"2","cache_write_5m":"2","cache_read":"0.2","output":"10","cache_write_1h":"4"},"source":"s1"},
{"id":"moonshot_ai/kimi-k3.1-pro-highspeed","model":"kimi-k3.1-pro-highspeed","rates":{"input":"4","cache_write_5m":"4","cache_read":"0.2","output":"20","cache_write_1h":"8"},"source":"s1"},
{"id":"moonshot_ai/moonshot-v1-128k","model":"moonshot-v1-128k","aliases":["moonshot-v1-128k-vision-preview"],"rates":{"input":"2","output":"5"},"source":"s1"},
{"id":"moonshot_ai/moonshot-v1-32k","model":"moonshot-v1-32k","aliases":["moonshot-v1-32k-vision-preview"],"rates":{"input":"1","output":"3"},"source":"s1"},
{"id":"moonshot_ai/moonshot-v1-8k","model":"moonshot-v1-8k","aliases":["moonshot-v1-8k-vision-preview"],"rates":{"input":"0.2","output":"2"},"source":"s1"},
{"id":"moonshot_ai/moonshot-v1-auto","model":"moonshot-v1-auto","rates":{"input":"2","output":"5"},"source":"f1"}
]}`
