// Written by `npm run prices:update`; do not edit.
export const gcp_vertex_ai = `{"provider":"gcp.vertex_ai",
"sources":{
"s1":{"url":"https://ai.google.dev/gemini-api/docs/pricing","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"},
"s2":{"url":"https://cloud.google.com/vertex-ai/generative-ai/pricing#claude-models","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"},
"s3":{"url":"https://cloud.google.com/model-garden/partner-models/pricing","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"},
"s4":{"url":"https://cloud.google.com/vertex-ai/generative-ai/pricing","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"},
"s5":{"url":"https://claude.com/blog/1m-context-ga","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"},
"s6":{"url":"https://cloud.google.com/vertex-ai/generative-ai/pricing#partner-models","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"},
"claude":{"url":"https://cloud.google.com/vertex-ai/generative-ai/pricing#claude-models","checked":"2026-11-23","note":"Regional and multi-region endpoints cost 10 % more, models since 4.5."},
"writes":{"url":"https://platform.claude.com/docs/en/build-with-claude/prompt-caching#pricing","checked":"2026-11-23","note":"One-hour cache writes cost twice the input price."},
"flash2":{"url":"https://cloud.google.com/vertex-ai/generative-ai/pricing","checked":"2026-11-23","note":"Vertex and AI Studio differ for this model."}
},
"modifiers":[
{"id":"regional","when":{"endpoint":["regional"]},"multiply":"11/10","models":["claude-fable-5","claude-fable-5-1","claude-fable-5-2","claude-haiku-4-5","claude-haiku-5-5","claude-opus-4-5","claude-opus-4-6","claude-opus-4-7","claude-opus-4-8","claude-opus-5","claude-opus-5-5","claude-sonnet-4-5","claude-sonnet-4-6","claude-sonnet-5-5"],"source":"claude"}
],
"cards":[
{"id":"gcp.vertex_ai/claude-3-5-haiku","model":"claude-3-5-haiku","rates":{"cache_write_1h":"1.6","input":"0.8","cache_write_5m":"1","cache_read":"0.08","output":"4"},"source":"s1","also":["writes"]},
{"id":"gcp.vertex_ai/claude-3-5-sonnet","model":"claude-3-5-sonnet","rates":{"cache_write_1h":"6","input":"3","cache_write_5m":"3.75","cache_read":"0.3","output":"15"},"source":"s1","also":["writes"]},
{"id":"gcp.vertex_ai/claude-3-7-sonnet","model":"claude-3-7-sonnet","rates":{"cache_write_1h":"6","input":"3","cache_write_5m":"3.75","cache_read":"0.3","output":"15"},"source":"s1","also":["writes"]},
{"id":"gcp.vertex_ai/claude-3-haiku","model":"claude-3-haiku","rates":{"cache_write_1h":"0.5","input":"0.25","cache_write_5m":"0.3","cache_read":"0.03","output":"1.25"},"source":"s1","also":["writes"]},
{"id":"gcp.vertex_ai/claude-3-opus","model":"claude-3-opus","rates":{"cache_write_1h":"30","input":"15","cache_write_5m":"18.75","cache_read":"1.5","output":"75"},"source":"s1","also":["writes"]},
{"id":"gcp.vertex_ai/claude-4-opus","model":"claude-4-opus","aliases":["claude-opus-4","claude-opus-4-1"],"rates":{"cache_write_1h":"30","input":"15","cache_write_5m":"18.75","cache_read":"1.5","output":"75"},"source":"s1","also":["writes"]},
{"id":"gcp.vertex_ai/claude-4-sonnet","model":"claude-4-sonnet","aliases":["claude-sonnet-4","anthropic/claude-sonnet-4"],"rates":{"cache_write_1h":"6","input":"3","cache_write_5m":"3.75","cache_read":"0.3","output":"15"},"source":"s1","also":["writes"]},
{"id":"gcp.vertex_ai/claude-fable-5","model":"claude-fable-5","rates":{"cache_write_1h":"20","input":"10","cache_write_5m":"12.5","cache_read":"1","output":"50"},"source":"s2","also":["writes"]},
{"id":"gcp.vertex_ai/claude-fable-5-1","model":"claude-fable-5-1","rates":{"cache_write_1h":"20","input":"10","cache_write_5m":"12.5","cache_read":"0.25","output":"50"},"source":"s2","also":["writes"]},
{"id":"gcp.vertex_ai/claude-fable-5-2","model":"claude-fable-5-2","rates":{"cache_write_1h":"16","input":"8","cache_write_5m":"10","cache_read":"0.2","output":"40"},"fees":{"web_searches":"0.01"},"source":"s3","also":["writes"]},
{"id":"gcp.vertex_ai/claude-fable-5-2/batch","model":"claude-fable-5-2","when":{"tier":["batch"]},"rates":{"cache_write_1h":"8","input":"4","cache_write_5m":"5","cache_read":"0.1","output":"20"},"fees":{"web_searches":"0.01"},"source":"s3","also":["writes"]},
{"id":"gcp.vertex_ai/claude-haiku-4-5","model":"claude-haiku-4-5","aliases":["claude-haiku-4.5"],"rates":{"cache_write_1h":"2","input":"1","cache_write_5m":"1.25","cache_read":"0.1","output":"5"},"source":"s4","also":["writes"]},
{"id":"gcp.vertex_ai/claude-haiku-5-5","model":"claude-haiku-5-5","aliases":["claude-haiku-5.5","claude-5-5-haiku","claude-5.5-haiku"],"bands":[{"gt":100000}],"rates":{"cache_write_1h":["0.2","1"],"input":["0.1","0.5"],"cache_write_5m":["0.125","0.625"],"cache_read":["0.01","0.05"],"output":["0.5","2.5"]},"source":"s2","also":["writes"]},
{"id":"gcp.vertex_ai/claude-opus-4-5","model":"claude-opus-4-5","aliases":["claude-4-5-opus","claude-4.5-opus","claude-opus-4.5"],"rates":{"cache_write_1h":"10","input":"5","cache_write_5m":"6.25","cache_read":"0.5","output":"25"},"source":"s2","also":["writes"]},
{"id":"gcp.vertex_ai/claude-opus-4-6","model":"claude-opus-4-6","aliases":["claude-4-6-opus","claude-4.6-opus","claude-opus-4.6"],"to":"2026-03-13","bands":[{"gt":200000}],"rates":{"cache_write_1h":["10","20"],"input":["5","10"],"cache_write_5m":["6.25","12.5"],"cache_read":["0.5","1"],"output":["25","37.5"]},"source":"s5","also":["writes"]},
{"id":"gcp.vertex_ai/claude-opus-4-6@2026-03-13","model":"claude-opus-4-6","from":"2026-03-13","rates":{"cache_write_1h":"10","input":"5","cache_write_5m":"6.25","cache_read":"0.5","output":"25"},"source":"s5","also":["writes"]},
{"id":"gcp.vertex_ai/claude-opus-4-7","model":"claude-opus-4-7","aliases":["claude-4-7-opus","claude-4.7-opus","claude-opus-4.7"],"rates":{"cache_write_1h":"10","input":"5","cache_write_5m":"6.25","cache_read":"0.5","output":"25"},"source":"s2","also":["writes"]},
{"id":"gcp.vertex_ai/claude-opus-4-8","model":"claude-opus-4-8","aliases":["claude-4-8-opus","claude-4.8-opus","claude-opus-4.8"],"rates":{"cache_write_1h":"10","input":"5","cache_write_5m":"6.25","cache_read":"0.5","output":"25"},"source":"s2","also":["writes"]},
{"id":"gcp.vertex_ai/claude-opus-5","model":"claude-opus-5","aliases":["claude-5-opus","claude-5.0-opus","claude-opus-5.0"],"rates":{"cache_write_1h":"10","input":"5","cache_write_5m":"6.25","cache_read":"0.5","output":"25"},"source":"s2","also":["writes"]},
{"id":"gcp.vertex_ai/claude-opus-5-5","model":"claude-opus-5-5","aliases":["claude-5-5-opus","claude-5.5-opus","claude-opus-5.5"],"rates":{"cache_write_1h":"8","input":"4","cache_write_5m":"5","cache_read":"0.2","output":"20"},"source":"s2","also":["writes"]},
{"id":"gcp.vertex_ai/claude-sonnet-4-5","model":"claude-sonnet-4-5","aliases":["claude-sonnet-4.5"],"bands":[{"gt":200000}],"rates":{"cache_write_1h":["6","12"],"input":["3","6"],"cache_write_5m":["3.75","7.5"],"cache_read":["0.3","0.6"],"output":["15","22.5"]},"source":"s6","also":["writes"]},
{"id":"gcp.vertex_ai/claude-sonnet-4-6","model":"claude-sonnet-4-6","aliases":["claude-sonnet-4.6"],"rates":{"cache_write_1h":"6","input":"3","cache_write_5m":"3.75","cache_read":"0.3","output":"15"},"source":"s6","also":["writes"]},
{"id":"gcp.vertex_ai/claude-sonnet-5-5","model":"claude-sonnet-5-5","aliases":["claude-sonnet-5.5","claude-5-5-sonnet","claude-5.5-sonnet"],"rates":{"cache_write_1h":"4","input":"2","cache_write_5m":"2.5","cache_read":"0.1","output":"10"},"source":"s2","also":["writes"]},
{"id":"gcp.vertex_ai/gemini-2.0-flash","model":"gemini-2.0-flash","rates":{"input":"0.15","cache_read":null,"output":"0.6","input_audio":null},"source":"flash2"},
{"id":"gcp.vertex_ai/gemma-4-26b-a4b-it-maas","model":"gemma-4-26b-a4b-it-maas","rates":{"input":"0.15","cache_read":"0.015","output":"0.6"},"source":"s4"}
]}`
