// Written by `npm run prices:update`; do not edit.
export const elevenlabs = `{"provider":"elevenlabs",
"sources":{
"s1":{"url":"https://elevenlabs.io/pricing/api","checked":"2026-11-03","via":"genai-prices (PyPI) 0.2.3, MIT"},
"f1":{"url":"https://elevenlabs.io/pricing","checked":"2026-11-20","via":"litellm (PyPI) 1.110.2, MIT (outside its enterprise folder)"},
"f2":{"url":"https://elevenlabs.io/pricing/api","checked":"2026-11-20","via":"litellm (PyPI) 1.110.2, MIT (outside its enterprise folder)"}
},
"cards":[
{"id":"elevenlabs/eleven_flash_v2","model":"eleven_flash_v2","fees":{"characters":"0.00004"},"source":"f2"},
{"id":"elevenlabs/eleven_flash_v2_5","model":"eleven_flash_v2_5","fees":{"characters":"0.00004"},"source":"f2"},
{"id":"elevenlabs/eleven_multilingual_v2","model":"eleven_multilingual_v2","fees":{"characters":"0.00008"},"source":"f2"},
{"id":"elevenlabs/eleven_realtime_v1_max","model":"eleven_realtime_v1_max","rates":{"input":"1.8","cache_read":"0.18","output":"9"},"fees":{"seconds":"4.8/3600"},"source":"s1"},
{"id":"elevenlabs/eleven_realtime_v1_mini","model":"eleven_realtime_v1_mini","rates":{"input":"0.2","output":"6"},"fees":{"seconds":"4.8/3600"},"source":"s1"},
{"id":"elevenlabs/eleven_turbo_v2","model":"eleven_turbo_v2","fees":{"characters":"0.00004"},"source":"f2"},
{"id":"elevenlabs/eleven_turbo_v2_5","model":"eleven_turbo_v2_5","fees":{"characters":"0.00004"},"source":"f2"},
{"id":"elevenlabs/eleven_v3","model":"eleven_v3","fees":{"characters":"0.00008"},"source":"f2"},
{"id":"elevenlabs/eleven_v3_conversational","model":"eleven_v3_conversational","fees":{"characters":"0.00004"},"source":"f2"},
{"id":"elevenlabs/eleven_v4","model":"eleven_v4","fees":{"characters":"0.00008"},"source":"f2"},
{"id":"elevenlabs/eleven_v4_turbo","model":"eleven_v4_turbo","fees":{"characters":"0.00004"},"source":"f2"},
{"id":"elevenlabs/scribe_v1","model":"scribe_v1","fees":{"seconds":"0.22/3600"},"source":"f1"},
{"id":"elevenlabs/scribe_v1_experimental","model":"scribe_v1_experimental","fees":{"seconds":"0.22/3600"},"source":"f1"},
{"id":"elevenlabs/scribe_v2","model":"scribe_v2","fees":{"seconds":"0.22/3600"},"source":"f2"}
]}`
