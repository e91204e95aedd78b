// Written by `npm run prices:update`; do not edit.
export const typesafe = `{"provider":"typesafe",
"sources":{
"s1":{"url":"https://docs.typesafe.ai/models","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"}
},
"cards":[
{"id":"typesafe/jev-1.13.0","model":"jev-1.13.0","rates":{"input":"0.042"},"source":"s1"},
{"id":"typesafe/jev-1.14.0","model":"jev-1.14.0","aliases":["jev-preview","jev-latest"],"rates":{"input":"0.042"},"source":"s1"}
]}`
