// Written by `npm run prices:update`; do not edit.
export const minimax = `{"provider":"minimax",
"sources":{
"s1":{"url":"https://platform.minimax.io/docs/pricing/overview","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"},
"s2":{"url":"https://platform.minimax.io/docs/guides/pricing-paygo","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"},
"f1":{"url":"https://platform.minimax.io/docs/guides/pricing","checked":"2026-11-20","via":"litellm (PyPI) 1.110.2, MIT (outside its enterprise folder)"},
"f2":{"url":"https://platform.minimax.io/docs/guides/pricing-paygo","checked":"2026-11-20","via":"litellm (PyPI) 1.110.2, MIT (outside its enterprise folder)"}
},
"cards":[
{"id":"minimax/M2-her","model":"M2-her","rates":{"input":"0.3","output":"1.2"},"source":"s1"},
{"id":"minimax/MiniMax-H3","model":"MiniMax-H3","fees":{"seconds":"0.08"},"source":"f2"},
{"id":"minimax/MiniMax-H3-Max","model":"MiniMax-H3-Max","fees":{"seconds":"0.08"},"source":"f2"},
{"id":"minimax/MiniMax-M2","model":"MiniMax-M2","aliases":["MiniMax-M2.1","MiniMax-M2.5"],"rates":{"input":"0.3","cache_write":"0.375","cache_read":"0.03","output":"1.2"},"source":"s1"},
{"id":"minimax/MiniMax-M2.1-highspeed","model":"MiniMax-M2.1-highspeed","aliases":["M2.1-highspeed"],"rates":{"input":"0.6","cache_write":"0.375","cache_read":"0.03","output":"2.4"},"source":"s1"},
{"id":"minimax/MiniMax-M2.1-lightning","model":"MiniMax-M2.1-lightning","rates":{"input":"0.3","cache_read":"0.03","cache_write":"0.375","output":"2.4"},"unverified":true,"source":"f1"},
{"id":"minimax/MiniMax-M2.5-highspeed","model":"MiniMax-M2.5-highspeed","aliases":["M2.5-highspeed"],"rates":{"input":"0.6","cache_write":"0.375","cache_read":"0.03","output":"2.4"},"source":"s1"},
{"id":"minimax/MiniMax-M2.5-lightning","model":"MiniMax-M2.5-lightning","rates":{"input":"0.3","cache_read":"0.03","cache_write":"0.375","output":"2.4"},"unverified":true,"source":"f1"},
{"id":"minimax/MiniMax-M2.7","model":"MiniMax-M2.7","rates":{"input":"0.3","cache_write":"0.375","cache_read":"0.06","output":"1.2"},"source":"s1"},
{"id":"minimax/MiniMax-M2.7-highspeed","model":"MiniMax-M2.7-highspeed","aliases":["M2.7-highspeed"],"rates":{"input":"0.6","cache_write":"0.375","cache_read":"0.06","output":"2.4"},"source":"s1"},
{"id":"minimax/MiniMax-M3.1-Flash","model":"MiniMax-M3.1-Flash","rates":{"input":"0.15","cache_read":"0.015","output":"0.6"},"source":"s1"},
{"id":"minimax/minimax-m3","model":"minimax-m3","bands":[{"gt":512000}],"rates":{"input":["0.3","0.6"],"cache_read":["0.06","0.12"],"output":["1.2","2.4"]},"source":"s2"},
{"id":"minimax/speech-02-hd","model":"speech-02-hd","fees":{"characters":"0.0001"},"unverified":true,"source":"f1"},
{"id":"minimax/speech-02-turbo","model":"speech-02-turbo","fees":{"characters":"0.00006"},"unverified":true,"source":"f1"},
{"id":"minimax/speech-2.6-hd","model":"speech-2.6-hd","fees":{"characters":"0.0001"},"unverified":true,"source":"f1"},
{"id":"minimax/speech-2.6-turbo","model":"speech-2.6-turbo","fees":{"characters":"0.00006"},"unverified":true,"source":"f1"}
]}`
