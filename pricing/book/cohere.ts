// Written by `npm run prices:update`; do not edit.
export const cohere = `{"provider":"cohere",
"sources":{
"s1":{"url":"https://cohere.com/pricing","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"},
"s2":{"url":"https://docs.cohere.com/docs/models","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"}
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
{"id":"cohere/embed-v4.0","model":"embed-v4.0","rates":{"input":"0.12"},"source":"s1"}
]}`
