// Written by `npm run prices:update`; do not edit.
export const cursor = `{"provider":"cursor",
"sources":{
"s1":{"url":"https://cursor.com/docs/models-and-pricing","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"},
"s2":{"url":"https://cursor.com/docs/models/grok-4-7","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"}
},
"cards":[
{"id":"cursor/composer-2.5","model":"composer-2.5","rates":{"input":"0.5","cache_read":"0.2","output":"2.5"},"source":"s1"},
{"id":"cursor/composer-2.5-fast","model":"composer-2.5-fast","rates":{"input":"3","cache_read":"0.5","output":"15"},"source":"s1"},
{"id":"cursor/grok-4.5","model":"grok-4.5","rates":{"input":"2","cache_read":"0.5","output":"6"},"source":"s1"},
{"id":"cursor/grok-4.5-fast","model":"grok-4.5-fast","rates":{"input":"4","cache_read":"1","output":"18"},"source":"s1"},
{"id":"cursor/grok-4.6","model":"grok-4.6","rates":{"input":"2","cache_read":"0.5","output":"6"},"source":"s1"},
{"id":"cursor/grok-4.6-fast","model":"grok-4.6-fast","rates":{"input":"4","cache_read":"1","output":"12"},"source":"s1"},
{"id":"cursor/grok-4.7","model":"grok-4.7","bands":[{"gt":256000}],"rates":{"input":["2","4"],"cache_read":["0.5","1"],"output":["6","12"]},"source":"s2"},
{"id":"cursor/grok-4.7-fast","model":"grok-4.7-fast","bands":[{"gt":256000}],"rates":{"input":["4","6"],"cache_read":["1","1.5"],"output":["12","18"]},"source":"s2"}
]}`
