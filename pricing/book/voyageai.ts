// Written by `npm run prices:update`; do not edit.
export const voyageai = `{"provider":"voyageai",
"sources":{
"s1":{"url":"https://docs.voyageai.com/docs/pricing","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"}
},
"cards":[
{"id":"voyageai/voyage-01","model":"voyage-01","rates":{"input":"0.1"},"source":"s1"},
{"id":"voyageai/voyage-02","model":"voyage-02","rates":{"input":"0.1"},"source":"s1"},
{"id":"voyageai/voyage-2","model":"voyage-2","rates":{"input":"0.1"},"source":"s1"},
{"id":"voyageai/voyage-3","model":"voyage-3","rates":{"input":"0.06"},"source":"s1"},
{"id":"voyageai/voyage-3-large","model":"voyage-3-large","rates":{"input":"0.18"},"source":"s1"},
{"id":"voyageai/voyage-3-lite","model":"voyage-3-lite","rates":{"input":"0.02"},"source":"s1"},
{"id":"voyageai/voyage-3.5","model":"voyage-3.5","rates":{"input":"0.06"},"source":"s1"},
{"id":"voyageai/voyage-3.5-lite","model":"voyage-3.5-lite","rates":{"input":"0.02"},"source":"s1"},
{"id":"voyageai/voyage-4","model":"voyage-4","rates":{"input":"0.06"},"source":"s1"},
{"id":"voyageai/voyage-4-large","model":"voyage-4-large","rates":{"input":"0.12"},"source":"s1"},
{"id":"voyageai/voyage-4-lite","model":"voyage-4-lite","rates":{"input":"0.02"},"source":"s1"},
{"id":"voyageai/voyage-code-2","model":"voyage-code-2","rates":{"input":"0.12"},"source":"s1"},
{"id":"voyageai/voyage-code-3","model":"voyage-code-3","rates":{"input":"0.18"},"source":"s1"},
{"id":"voyageai/voyage-code-4","model":"voyage-code-4","rates":{"input":"0.12"},"source":"s1"},
{"id":"voyageai/voyage-context-3","model":"voyage-context-3","rates":{"input":"0.18"},"source":"s1"},
{"id":"voyageai/voyage-context-4","model":"voyage-context-4","rates":{"input":"0.12"},"source":"s1"},
{"id":"voyageai/voyage-finance-2","model":"voyage-finance-2","rates":{"input":"0.12"},"source":"s1"},
{"id":"voyageai/voyage-large-2","model":"voyage-large-2","rates":{"input":"0.12"},"source":"s1"},
{"id":"voyageai/voyage-large-2-instruct","model":"voyage-large-2-instruct","rates":{"input":"0.12"},"source":"s1"},
{"id":"voyageai/voyage-law-2","model":"voyage-law-2","rates":{"input":"0.12"},"source":"s1"},
{"id":"voyageai/voyage-lite-01","model":"voyage-lite-01","rates":{"input":"0.1"},"source":"s1"},
{"id":"voyageai/voyage-lite-01-instruct","model":"voyage-lite-01-instruct","rates":{"input":"0.1"},"source":"s1"},
{"id":"voyageai/voyage-lite-02-instruct","model":"voyage-lite-02-instruct","rates":{"input":"0.1"},"source":"s1"},
{"id":"voyageai/voyage-multilingual-2","model":"voyage-multilingual-2","rates":{"input":"0.12"},"source":"s1"}
]}`
