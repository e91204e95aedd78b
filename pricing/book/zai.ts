// Written by `npm run prices:update`; do not edit.
export const zai = `{"provider":"zai",
"sources":{
"s1":{"url":"https://docs.z.ai/guides/overview/pricing","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"},
"s2":{"url":"https://docs.z.ai/guides/vlm/glm-4.6v","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"},
"x1":{"url":"https://docs.z.ai/guides/overview/pricing","checked":"2026-11-10","via":"@earendil-works/pi-ai 1.5.2, MIT"},
"f1":{"url":"https://vercel.com/ai-gateway/models/glm-5v-turbo","checked":"2026-11-20","via":"litellm (PyPI) 1.110.2, MIT (outside its enterprise folder)"},
"f2":{"url":"https://docs.z.ai/guides/overview/pricing","checked":"2026-11-20","via":"litellm (PyPI) 1.110.2, MIT (outside its enterprise folder)"}
},
"cards":[
{"id":"zai/GLM-4-32B-0414-128K","model":"GLM-4-32B-0414-128K","rates":{"input":"0.1","output":"0.1"},"source":"s1"},
{"id":"zai/GLM-4.5","model":"GLM-4.5","rates":{"input":"0.6","cache_read":"0.11","output":"2.2"},"source":"s1"},
{"id":"zai/GLM-4.5-Air","model":"GLM-4.5-Air","rates":{"input":"0.2","cache_read":"0.03","output":"1.1"},"source":"s1"},
{"id":"zai/GLM-4.5-AirX","model":"GLM-4.5-AirX","rates":{"input":"1.1","cache_read":"0.22","output":"4.5"},"source":"s1"},
{"id":"zai/GLM-4.5-X","model":"GLM-4.5-X","rates":{"input":"2.2","cache_read":"0.45","output":"8.9"},"source":"s1"},
{"id":"zai/GLM-4.5V","model":"GLM-4.5V","rates":{"input":"0.6","cache_read":"0.11","output":"1.8"},"source":"s1"},
{"id":"zai/GLM-4.6","model":"GLM-4.6","rates":{"input":"0.6","cache_read":"0.11","output":"2.2"},"source":"s1"},
{"id":"zai/GLM-4.6V","model":"GLM-4.6V","rates":{"input":"0.3","cache_read":"0.05","output":"0.9"},"source":"s2"},
{"id":"zai/GLM-4.6V-FlashX","model":"GLM-4.6V-FlashX","rates":{"input":"0.04","cache_read":"0.004","output":"0.4"},"source":"s1"},
{"id":"zai/GLM-4.7","model":"GLM-4.7","rates":{"input":"0.6","cache_read":"0.11","output":"2.2"},"source":"s1"},
{"id":"zai/GLM-4.7-FlashX","model":"GLM-4.7-FlashX","rates":{"input":"0.07","cache_read":"0.01","output":"0.4"},"source":"s1"},
{"id":"zai/GLM-5","model":"GLM-5","rates":{"input":"1","cache_read":"0.2","output":"3.2"},"source":"s1"},
{"id":"zai/GLM-5.1","model":"GLM-5.1","rates":{"input":"1.4","cache_read":"0.26","output":"4.4"},"source":"s1"},
{"id":"zai/GLM-5.2","model":"GLM-5.2","rates":{"input":"1.4","cache_read":"0.26","output":"4.4"},"source":"s1"},
{"id":"zai/GLM-5.3","model":"GLM-5.3","rates":{"input":"1.4","cache_read":"0.26","output":"4.4"},"source":"s1"},
{"id":"zai/GLM-5.3-Flash","model":"GLM-5.3-Flash","to":"2026-09-10","rates":{"input":"0.075","cache_read":"0.015","output":"0.25"},"source":"s1"},
{"id":"zai/GLM-5.3-Flash@2026-09-10","model":"GLM-5.3-Flash","from":"2026-09-10","rates":{"input":"0.15","cache_read":"0.03","output":"0.5"},"source":"s1"},
{"id":"zai/GLM-5.3-FlashX","model":"GLM-5.3-FlashX","aliases":["GLM-5.3-FlashX-Legal"],"rates":{"input":"0.37","cache_read":"0.075","output":"1.25"},"source":"s1"},
{"id":"zai/GLM-OCR","model":"GLM-OCR","rates":{"input":"0.03","output":"0.03"},"source":"s1"},
{"id":"zai/glm-5-code","model":"glm-5-code","rates":{"input":"1.2","cache_read":"0.3","output":"5"},"source":"f2"},
{"id":"zai/glm-5-turbo","model":"glm-5-turbo","rates":{"input":"1.2","cache_read":"0.24","output":"4"},"source":"x1"},
{"id":"zai/glm-5v-turbo","model":"glm-5v-turbo","rates":{"input":"1.2","cache_read":"0.24","output":"4"},"source":"f1"}
]}`
