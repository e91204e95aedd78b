// Written by `npm run prices:update`; do not edit.
export const cohere = `{"provider":"cohere",
"sources":{
"s1":{"url":"https://cohere.com/pricing","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"},
"s2":{"url":"https://docs.cohere.com/docs/models","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"},
"rerank":{"url":"https://cohere.com/pricing","checked":"2026-11-20","via":"litellm (PyPI) 1.110.2, MIT (outside its enterprise folder)","note":"Per search: one query with up to 100 documents."},
"embed":{"url":"https://cohere.com/pricing","checked":"2026-11-20","via":"litellm (PyPI) 1.110.2, MIT (outside its enterprise folder)"},
"f1":{"url":"https://cohere.com/pricing","checked":"2026-11-20","via":"litellm (PyPI) 1.110.2, MIT (outside its enterprise folder)"},
"f2":{"url":"https://cohere.com/blog/parse","checked":"2026-11-20","via":"litellm (PyPI) 1.110.2, MIT (outside its enterprise folder)"},
"f3":{"url":"https://cohere.com/blog/rerank-5","checked":"2026-11-20","via":"litellm (PyPI) 1.110.2, MIT (outside its enterprise folder)"}
},
"cards":[
{"id":"cohere/c4ai-aya-expanse-32b","model":"c4ai-aya-expanse-32b","aliases":["aya-expanse-32b"],"rates":{"input":"0.5","output":"1.5"},"source":"s1"},
{"id":"cohere/c4ai-aya-expanse-8b","model":"c4ai-aya-expanse-8b","aliases":["aya-expanse-8b"],"rates":{"input":"0.5","output":"1.5"},"source":"s2"},
{"id":"cohere/command","model":"command","rates":{"input":"1","output":"2"},"source":"s1"},
{"id":"cohere/command-a","model":"command-a","aliases":["command-a-03-2025"],"rates":{"input":"2.5","output":"10"},"source":"s1"},
{"id":"cohere/command-light","model":"command-light","rates":{"input":"0.3","output":"0.6"},"source":"s2"},
{"id":"cohere/command-r","model":"command-r","aliases":["command-r-08-2024"],"rates":{"input":"0.15","output":"0.6"},"source":"s1"},
{"id":"cohere/command-r-plus","model":"command-r-plus","aliases":["command-r-plus-08-2024"],"rates":{"input":"2.5","output":"10"},"source":"s1"},
{"id":"cohere/command-r7b","model":"command-r7b","aliases":["command-r7b-12-2024"],"rates":{"input":"0.0375","output":"0.15"},"source":"s1"},
{"id":"cohere/embed-english-v3.0","model":"embed-english-v3.0","aliases":["embed-multilingual-v3.0","embed-english-light-v3.0","embed-multilingual-light-v3.0"],"rates":{"input":"0.1"},"source":"embed"},
{"id":"cohere/embed-v4.0","model":"embed-v4.0","rates":{"input_image":"0.47","input":"0.12"},"source":"s1","also":["embed"]},
{"id":"cohere/embed-v5.0-fast","model":"embed-v5.0-fast","rates":{"input":"0.08"},"source":"f1"},
{"id":"cohere/embed-v5.0-pro","model":"embed-v5.0-pro","rates":{"input":"0.12"},"source":"f1"},
{"id":"cohere/parse-v5.0","model":"parse-v5.0","fees":{"pages":"0.0015"},"source":"f2"},
{"id":"cohere/rerank-v3.5","model":"rerank-v3.5","aliases":["rerank-english-v3.0","rerank-multilingual-v3.0"],"fees":{"requests":"0.002"},"source":"rerank"},
{"id":"cohere/rerank-v4.0-fast","model":"rerank-v4.0-fast","rates":{"input":"0"},"fees":{"requests":"0.002"},"source":"f1"},
{"id":"cohere/rerank-v4.0-pro","model":"rerank-v4.0-pro","rates":{"input":"0"},"fees":{"requests":"0.0025"},"source":"f1"},
{"id":"cohere/rerank-v5.0-fast","model":"rerank-v5.0-fast","rates":{"input":"0.02"},"source":"f3"},
{"id":"cohere/rerank-v5.0-pro","model":"rerank-v5.0-pro","rates":{"input":"0.05"},"source":"f3"}
]}`
