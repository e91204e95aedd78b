// Written by `npm run prices:update`; do not edit.
export const arcee = `{"provider":"arcee",
"sources":{
"s1":{"url":"https://docs.arcee.ai/get-started/pricing","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"}
},
"cards":[
{"id":"arcee/deepseek/deepseek-v4-flash-latest","model":"deepseek/deepseek-v4-flash-latest","rates":{"input":"0.14","cache_read":"0.028","output":"0.28"},"source":"s1"},
{"id":"arcee/deepseek/deepseek-v4-pro","model":"deepseek/deepseek-v4-pro","rates":{"input":"1.74","cache_read":"0.2","output":"3.48"},"source":"s1"},
{"id":"arcee/deepseek/deepseek-v4-pro-0813","model":"deepseek/deepseek-v4-pro-0813","rates":{"input":"1.32","cache_read":"0.044","output":"3.96"},"source":"s1"},
{"id":"arcee/deepseek/deepseek-v4.1-flash","model":"deepseek/deepseek-v4.1-flash","to":"2026-11-01","rates":{"input":"0.22","cache_read":"0.007","output":"0.66"},"source":"s1"},
{"id":"arcee/deepseek/deepseek-v4.1-flash-1017","model":"deepseek/deepseek-v4.1-flash-1017","rates":{"input":"0.3","cache_read":"0.006","output":"1.2"},"source":"s1"},
{"id":"arcee/deepseek/deepseek-v4.1-flash@2026-11-01","model":"deepseek/deepseek-v4.1-flash","from":"2026-11-01","rates":{"input":"0.22","cache_read":"0.007","output":"1.2"},"source":"s1"},
{"id":"arcee/moonshotai/kimi-k3","model":"moonshotai/kimi-k3","rates":{"input":"3","cache_read":"0.3","output":"15"},"source":"s1"},
{"id":"arcee/thinkingmachines/inkling-small","model":"thinkingmachines/inkling-small","rates":{"input":"0.5","cache_read":"0.1","output":"1.2"},"source":"s1"},
{"id":"arcee/trinity-large-thinking","model":"trinity-large-thinking","rates":{"input":"0.25","cache_read":"0.06","output":"0.8"},"source":"s1"},
{"id":"arcee/zai-org/glm-5.2","model":"zai-org/glm-5.2","rates":{"input":"1.4","cache_read":"0.26","output":"4.4"},"source":"s1"},
{"id":"arcee/zai-org/glm-5.3","model":"zai-org/glm-5.3","rates":{"input":"1.4","cache_read":"0.26","output":"4.4"},"source":"s1"},
{"id":"arcee/zai-org/glm-5.3-flash","model":"zai-org/glm-5.3-flash","rates":{"input":"0.15","cache_read":"0.03","output":"0.5"},"source":"s1"}
]}`
