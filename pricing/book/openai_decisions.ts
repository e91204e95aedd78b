// Written by `npm run prices:update`; do not edit.
export const openai_decisions = `{"provider":"openai_decisions",
"sources":{
"s1":{"url":"https://developers.openai.com/api/docs/guides/decisions","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"}
},
"cards":[
{"id":"openai_decisions/gpt-6-luna","model":"gpt-6-luna","bands":[{"gt":272000}],"rates":{"input":["0.1","0.2"]},"source":"s1"}
]}`
