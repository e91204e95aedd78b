// Written by `npm run prices:update`; do not edit.
export const zhipuai = `{"provider":"zhipuai",
"sources":{
"s1":{"url":"https://open.bigmodel.cn/pricing","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"}
},
"cards":[
{"id":"zhipuai/GLM-4-Air","model":"GLM-4-Air","rates":{"input":"0.069","cache_read":"0.034","output":"0.069"},"source":"s1"},
{"id":"zhipuai/GLM-4-AirX","model":"GLM-4-AirX","rates":{"input":"1.379","output":"1.379"},"source":"s1"},
{"id":"zhipuai/GLM-4-Assistant","model":"GLM-4-Assistant","rates":{"input":"0.69","output":"0.69"},"source":"s1"},
{"id":"zhipuai/GLM-4-FlashX-250414","model":"GLM-4-FlashX-250414","rates":{"input":"0.014","cache_read":"0.007","output":"0.014"},"source":"s1"},
{"id":"zhipuai/GLM-4-Long","model":"GLM-4-Long","rates":{"input":"0.138","cache_read":"0.069","output":"0.138"},"source":"s1"},
{"id":"zhipuai/GLM-4-Plus","model":"GLM-4-Plus","rates":{"input":"0.69","cache_read":"0.345","output":"0.69"},"source":"s1"},
{"id":"zhipuai/GLM-4.5-Air","model":"GLM-4.5-Air","rates":{"input":"0.11","cache_read":"0.022","output":"0.276"},"source":"s1"},
{"id":"zhipuai/GLM-4.7","model":"GLM-4.7","rates":{"input":"0.276","cache_read":"0.055","output":"1.103"},"source":"s1"},
{"id":"zhipuai/GLM-4.7-FlashX","model":"GLM-4.7-FlashX","rates":{"input":"0.069","cache_read":"0.014","output":"0.414"},"source":"s1"},
{"id":"zhipuai/GLM-5","model":"GLM-5","rates":{"input":"0.552","cache_read":"0.138","output":"2.483"},"source":"s1"},
{"id":"zhipuai/GLM-5-Turbo","model":"GLM-5-Turbo","rates":{"input":"0.69","cache_read":"0.166","output":"3.034"},"source":"s1"},
{"id":"zhipuai/GLM-5.1","model":"GLM-5.1","aliases":["GLM-5.1-20260406"],"rates":{"input":"0.828","cache_read":"0.179","output":"3.31"},"source":"s1"},
{"id":"zhipuai/GLM-5.2","model":"GLM-5.2","rates":{"input":"1.103","cache_read":"0.276","output":"3.862"},"source":"s1"},
{"id":"zhipuai/GLM-5.3","model":"GLM-5.3","rates":{"input":"1.103","cache_read":"0.276","output":"3.862"},"source":"s1"},
{"id":"zhipuai/GLM-5.3-Flash","model":"GLM-5.3-Flash","to":"2026-09-10","rates":{"input":"0.055","cache_read":"0.016","output":"0.193"},"source":"s1"},
{"id":"zhipuai/GLM-5.3-Flash@2026-09-10","model":"GLM-5.3-Flash","from":"2026-09-10","rates":{"input":"0.11","cache_read":"0.032","output":"0.386"},"source":"s1"}
]}`
