"""One call through a real library under a real instrumentation; which is said by CASE."""

import os

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

URL = os.environ["PROVIDER_URL"]
CASE = os.environ["CASE"]
MESSAGES = [{"role": "user", "content": "weather?"}]

provider = TracerProvider(resource=Resource.create({"service.name": "recorded-agent"}))
provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter()))
if not CASE.startswith(("openlit", "langfuse")):
    trace.set_tracer_provider(provider)


def openai_call():
    import openai

    client = openai.OpenAI(api_key="test", base_url=URL + "/v1")
    client.chat.completions.create(model="gpt-4o", messages=MESSAGES)


def anthropic_call():
    import anthropic

    client = anthropic.Anthropic(api_key="test", base_url=URL)
    client.messages.create(model="claude-sonnet-4-5", max_tokens=100, messages=MESSAGES)


def traceloop_openai():
    from opentelemetry.instrumentation.openai import OpenAIInstrumentor

    OpenAIInstrumentor().instrument(tracer_provider=provider)


def traceloop_anthropic():
    from opentelemetry.instrumentation.anthropic import AnthropicInstrumentor

    AnthropicInstrumentor().instrument(tracer_provider=provider)


def otel_openai():
    from opentelemetry.instrumentation.openai_v2 import OpenAIInstrumentor

    OpenAIInstrumentor().instrument(tracer_provider=provider)


def oi_openai():
    from openinference.instrumentation.openai import OpenAIInstrumentor

    OpenAIInstrumentor().instrument(tracer_provider=provider)


def oi_anthropic():
    from openinference.instrumentation.anthropic import AnthropicInstrumentor

    AnthropicInstrumentor().instrument(tracer_provider=provider)


def use_openlit():
    import openlit

    openlit.init(otlp_endpoint=os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"], disable_batch=True, disable_metrics=True)


def pydantic(model):
    from pydantic_ai import Agent
    from pydantic_ai.models.instrumented import InstrumentationSettings

    Agent.instrument_all(InstrumentationSettings(tracer_provider=provider))
    Agent(model, name="forecaster").run_sync("weather?")


def pydantic_openai():
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    pydantic(OpenAIChatModel("gpt-4o", provider=OpenAIProvider(base_url=URL + "/v1", api_key="test")))


def pydantic_anthropic():
    import anthropic
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    client = anthropic.AsyncAnthropic(api_key="test", base_url=URL)
    pydantic(AnthropicModel("claude-sonnet-4-5", provider=AnthropicProvider(anthropic_client=client)))


def langfuse_openai():
    from langfuse import Langfuse

    client = Langfuse(
        public_key="pk", secret_key="sk", base_url=os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"], flush_at=1
    )
    from langfuse.openai import openai

    openai.OpenAI(api_key="test", base_url=URL + "/v1").chat.completions.create(model="gpt-4o", messages=MESSAGES)
    client.flush()


if CASE == "two":
    traceloop_openai()
    oi_openai()
    openai_call()
elif CASE.startswith("pydantic"):
    pydantic_openai() if CASE.endswith("openai") else pydantic_anthropic()
elif CASE == "langfuse-openai":
    langfuse_openai()
else:
    if CASE.startswith("openlit"):
        use_openlit()
    else:
        {
            "traceloop-openai": traceloop_openai,
            "traceloop-anthropic": traceloop_anthropic,
            "otel-openai": otel_openai,
            "oi-openai": oi_openai,
            "oi-anthropic": oi_anthropic,
        }[CASE]()
    openai_call() if CASE.endswith("openai") else anthropic_call()
trace.get_tracer_provider().force_flush()
