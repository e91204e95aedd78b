// Written by `npm run prices:update`; do not edit.
export const meta = `{"provider":"meta",
"sources":{
"s1":{"url":"https://dev.meta.ai/docs/pricing-rate-limits","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"},
"x1":{"url":"https://llama.developer.meta.com/docs/pricing","checked":"2026-11-10","via":"@earendil-works/pi-ai 1.5.2, MIT"}
},
"cards":[
{"id":"meta/muse-ember-1.0","model":"muse-ember-1.0","rates":{"input":"0.1","cache_read":"0.004","output":"0.5"},"source":"x1"},
{"id":"meta/muse-spark-1.1","model":"muse-spark-1.1","rates":{"input":"1.25","cache_read":"0.15","output":"4.25"},"fees":{"web_searches":"0.0025"},"source":"s1"},
{"id":"meta/muse-spark-1.2","model":"muse-spark-1.2","rates":{"input":"1.25","cache_read":"0.15","output":"4.25"},"fees":{"web_searches":"0.0025"},"source":"s1"},
{"id":"meta/muse-spark-1.2-contributor","model":"muse-spark-1.2-contributor","rates":{"input":"0.1","cache_read":"0.002","output":"0.2"},"fees":{"web_searches":"0.0025"},"source":"s1"},
{"id":"meta/muse-spark-1.3","model":"muse-spark-1.3","rates":{"input":"1.25","cache_read":"0.15","output":"4.25"},"fees":{"web_searches":"0.0025"},"source":"s1"},
{"id":"meta/muse-spark-1.3-contributor","model":"muse-spark-1.3-contributor","rates":{"input":"0.1","cache_read":"0.002","output":"0.2"},"fees":{"web_searches":"0.0025"},"source":"s1"},
{"id":"meta/muse-wonder-1.0","model":"muse-wonder-1.0","rates":{"input":"4","cache_read":"0.2","output":"20"},"fees":{"web_searches":"0.0025"},"source":"s1"}
]}`
