// Written by `npm run prices:update`; do not edit.
export const elevenlabs = `{"provider":"elevenlabs",
"sources":{
"s1":{"url":"https://elevenlabs.io/pricing/api","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"}
},
"cards":[
{"id":"elevenlabs/eleven_realtime_v1_max","model":"eleven_realtime_v1_max","rates":{"input":"1.8","cache_read":"0.18","output":"9"},"fees":{"seconds":"4.8/3600"},"source":"s1"},
{"id":"elevenlabs/eleven_realtime_v1_mini","model":"eleven_realtime_v1_mini","rates":{"input":"0.2","output":"6"},"fees":{"seconds":"4.8/3600"},"source":"s1"}
]}`
