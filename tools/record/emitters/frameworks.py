"""One run of a real framework or instrumentation; which is said by CASE. Besides OpenAI and Anthropic there are stand-ins
for the Gemini API and for Bedrock at MORE_URL."""

import asyncio
import os
import sys

URL = os.environ["PROVIDER_URL"]
MORE = os.environ["MORE_URL"]
CASE = os.environ["CASE"]
SINK = os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"]
QUESTION = "weather?"
MESSAGES = [{"role": "user", "content": QUESTION}]
CLAUDE = "claude-sonnet-4-5"
BEDROCK_MODEL = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"


def tracer_provider():
    """The global one, exporting each span at once."""
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": "recorded-agent"}))
    provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    return provider


def openai_client():
    import openai

    return openai.OpenAI(api_key="test", base_url=URL + "/v1")


def chat(client, **more):
    return client.chat.completions.create(model="gpt-4o", messages=MESSAGES, **more)


def stream(client, **more):
    for _ in chat(client, stream=True, **more):
        pass


def responses(client):
    client.responses.create(model="gpt-5", input=QUESTION)


def anthropic_client():
    import anthropic

    return anthropic.Anthropic(api_key="test", base_url=URL)


def message(client):
    return client.messages.create(model=CLAUDE, max_tokens=100, messages=MESSAGES)


def message_stream(client):
    for _ in client.messages.create(model=CLAUDE, max_tokens=100, messages=MESSAGES, stream=True):
        pass


def gemini():
    from google import genai

    client = genai.Client(api_key="test", http_options={"base_url": MORE})
    client.models.generate_content(model="gemini-2.5-pro", contents=QUESTION)


def bedrock():
    import boto3

    return boto3.client(
        "bedrock-runtime",
        endpoint_url=MORE,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def converse():
    bedrock().converse(modelId=BEDROCK_MODEL, messages=[{"role": "user", "content": [{"text": QUESTION}]}])


def invoke_model():
    import json

    body = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 100, "messages": MESSAGES}
    answer = bedrock().invoke_model(modelId=BEDROCK_MODEL, body=json.dumps(body))
    answer["body"].read()


def instrument(module, name):
    provider = tracer_provider()
    getattr(__import__(module, fromlist=[name]), name)().instrument(tracer_provider=provider)


def oi(library, name):
    instrument("openinference.instrumentation." + library, name)


def traceloop(library, name):
    instrument("opentelemetry.instrumentation." + library, name)


def strands(model):
    tracer_provider()
    from strands import Agent

    Agent(name="forecaster", model=model, callback_handler=None)(QUESTION)


def strands_openai():
    from strands.models.openai import OpenAIModel

    strands(OpenAIModel(client_args={"api_key": "test", "base_url": URL + "/v1"}, model_id="gpt-4o"))


def strands_anthropic():
    from strands.models.anthropic import AnthropicModel

    strands(AnthropicModel(client_args={"api_key": "test", "base_url": URL}, model_id=CLAUDE, max_tokens=100))


def strands_bedrock():
    os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test")
    from strands.models import BedrockModel

    strands(BedrockModel(model_id=BEDROCK_MODEL, streaming=False, region_name="us-east-1", endpoint_url=MORE))


def adk():
    os.environ.update(GOOGLE_API_KEY="test", GOOGLE_GEMINI_BASE_URL=MORE, GOOGLE_GENAI_USE_VERTEXAI="FALSE")
    tracer_provider()
    from google.adk.agents import Agent
    from google.adk.runners import InMemoryRunner
    from google.genai import types

    async def run():
        runner = InMemoryRunner(agent=Agent(name="forecaster", model="gemini-2.5-pro"), app_name="app")
        session = await runner.session_service.create_session(app_name="app", user_id="u")
        content = types.Content(role="user", parts=[types.Part(text=QUESTION)])
        async for _ in runner.run_async(user_id="u", session_id=session.id, new_message=content):
            pass

    asyncio.run(run())


def logfire(instrumented, *calls):
    # It exports to where the environment says by itself: all at the end, so that nothing depends on the clock.
    os.environ["OTEL_BSP_SCHEDULE_DELAY"] = "60000"
    import logfire as lf

    lf.configure(send_to_logfire=False, console=False, service_name="recorded-agent")
    client = openai_client() if instrumented == "openai" else anthropic_client()
    getattr(lf, "instrument_" + instrumented)(client)
    for call in calls:
        call(client)


def litellm(model, base, **more):
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    os.environ.update(OTEL_EXPORTER="otlp_http", OTEL_ENDPOINT=SINK + "/v1/traces", OTEL_SERVICE_NAME="recorded-agent")
    import litellm as llm

    llm.callbacks = ["otel"]
    llm.completion(model=model, messages=MESSAGES, api_key="test", api_base=base, **more)
    import time

    time.sleep(2)


def langsmith(wrap, call):
    os.environ.update(LANGSMITH_TRACING="true", LANGSMITH_OTEL_ENABLED="true", LANGSMITH_OTEL_ONLY="true")
    os.environ.update(LANGSMITH_API_KEY="test", LANGSMITH_ENDPOINT=SINK)
    tracer_provider()
    import langsmith as ls
    from langsmith import wrappers

    client = getattr(wrappers, "wrap_" + wrap)(openai_client() if wrap == "openai" else anthropic_client())
    ls.traceable(name="pipeline")(lambda: call(client))()
    from langsmith.run_trees import get_cached_client

    get_cached_client().flush()


def langchain(model):
    if model == "openai":
        from langchain_openai import ChatOpenAI

        ChatOpenAI(model="gpt-4o", api_key="test", base_url=URL + "/v1").invoke(QUESTION)
    else:
        from langchain_anthropic import ChatAnthropic

        ChatAnthropic(model=CLAUDE, api_key="test", base_url=URL, max_tokens=100).invoke(QUESTION)


def agents():
    os.environ.update(OPENAI_API_KEY="test", OPENAI_BASE_URL=URL + "/v1")
    from agents import Agent, Runner

    Runner.run_sync(Agent(name="forecaster", model="gpt-5"), QUESTION)


def agent_framework(kind):
    tracer_provider()
    from agent_framework import Agent
    from agent_framework.observability import enable_instrumentation

    enable_instrumentation()
    if kind == "openai":
        from agent_framework.openai import OpenAIChatClient

        client = OpenAIChatClient(model="gpt-5", api_key="test", base_url=URL + "/v1")
    else:
        import anthropic
        from agent_framework.anthropic import AnthropicClient

        client = AnthropicClient(
            model=CLAUDE, anthropic_client=anthropic.AsyncAnthropic(api_key="test", base_url=URL)
        )
    asyncio.run(Agent(client=client, name="forecaster").run(QUESTION))


def semantic_kernel():
    os.environ["SEMANTICKERNEL_EXPERIMENTAL_GENAI_ENABLE_OTEL_DIAGNOSTICS"] = "true"
    tracer_provider()
    import openai
    from semantic_kernel.connectors.ai.open_ai import OpenAIChatCompletion, OpenAIChatPromptExecutionSettings
    from semantic_kernel.contents import ChatHistory

    service = OpenAIChatCompletion(
        ai_model_id="gpt-4o", async_client=openai.AsyncOpenAI(api_key="test", base_url=URL + "/v1")
    )
    history = ChatHistory()
    history.add_user_message(QUESTION)
    asyncio.run(service.get_chat_message_contents(history, OpenAIChatPromptExecutionSettings()))


def pydantic(model):
    provider = tracer_provider()
    from pydantic_ai import Agent
    from pydantic_ai.models.instrumented import InstrumentationSettings

    Agent.instrument_all(InstrumentationSettings(tracer_provider=provider))
    Agent(model, name="forecaster").run_sync(QUESTION)


def pydantic_google():
    from google import genai  # noqa: F401
    from pydantic_ai.models.google import GoogleModel
    from pydantic_ai.providers.google import GoogleProvider

    pydantic(GoogleModel("gemini-2.5-pro", provider=GoogleProvider(api_key="test", base_url=MORE)))


def pydantic_responses():
    from pydantic_ai.models.openai import OpenAIResponsesModel
    from pydantic_ai.providers.openai import OpenAIProvider

    pydantic(OpenAIResponsesModel("gpt-5", provider=OpenAIProvider(base_url=URL + "/v1", api_key="test")))


def smolagents():
    oi("smolagents", "SmolagentsInstrumentor")
    from smolagents import OpenAIServerModel, ToolCallingAgent

    model = OpenAIServerModel(model_id="gpt-4o", api_key="test", api_base=URL + "/v1")
    ToolCallingAgent(tools=[], model=model, max_steps=1).run(QUESTION)


def openlit(call):
    import openlit as lit

    lit.init(otlp_endpoint=SINK, disable_batch=True, disable_metrics=True)
    call()


CASES = {
    "strands-openai": strands_openai,
    "strands-anthropic": strands_anthropic,
    "strands-bedrock": strands_bedrock,
    "adk": adk,
    "logfire-openai": lambda: logfire("openai", chat),
    "logfire-openai-stream": lambda: logfire(
        "openai", lambda c: stream(c, stream_options={"include_usage": True})
    ),
    "logfire-anthropic": lambda: logfire("anthropic", message),
    "logfire-anthropic-stream": lambda: logfire("anthropic", message_stream),
    "litellm-openai": lambda: litellm("openai/gpt-4o", URL + "/v1"),
    "litellm-anthropic": lambda: litellm("anthropic/" + CLAUDE, URL),
    "langsmith-openai": lambda: langsmith("openai", chat),
    "langsmith-anthropic": lambda: langsmith("anthropic", message),
    "oi-langchain-openai": lambda: (oi("langchain", "LangChainInstrumentor"), langchain("openai")),
    "oi-langchain-anthropic": lambda: (oi("langchain", "LangChainInstrumentor"), langchain("anthropic")),
    "traceloop-langchain-openai": lambda: (traceloop("langchain", "LangchainInstrumentor"), langchain("openai")),
    "traceloop-langchain-anthropic": lambda: (traceloop("langchain", "LangchainInstrumentor"), langchain("anthropic")),
    "oi-agents": lambda: (oi("openai_agents", "OpenAIAgentsInstrumentor"), agents()),
    "traceloop-agents": lambda: (traceloop("openai_agents", "OpenAIAgentsInstrumentor"), agents()),
    "agent-framework-openai": lambda: agent_framework("openai"),
    "agent-framework-anthropic": lambda: agent_framework("anthropic"),
    "semantic-kernel": semantic_kernel,
    "oi-google": lambda: (oi("google_genai", "GoogleGenAIInstrumentor"), gemini()),
    "otel-google": lambda: (instrument("opentelemetry.instrumentation.google_genai", "GoogleGenAiSdkInstrumentor"), gemini()),
    "traceloop-google": lambda: (traceloop("google_generativeai", "GoogleGenerativeAiInstrumentor"), gemini()),
    "oi-bedrock-converse": lambda: (oi("bedrock", "BedrockInstrumentor"), converse()),
    "oi-bedrock-invoke": lambda: (oi("bedrock", "BedrockInstrumentor"), invoke_model()),
    "traceloop-bedrock-converse": lambda: (traceloop("bedrock", "BedrockInstrumentor"), converse()),
    "traceloop-bedrock-invoke": lambda: (traceloop("bedrock", "BedrockInstrumentor"), invoke_model()),
    "oi-openai-stream": lambda: (
        oi("openai", "OpenAIInstrumentor"),
        stream(openai_client(), stream_options={"include_usage": True}),
    ),
    "oi-openai-responses": lambda: (oi("openai", "OpenAIInstrumentor"), responses(openai_client())),
    "oi-anthropic-stream": lambda: (oi("anthropic", "AnthropicInstrumentor"), message_stream(anthropic_client())),
    "traceloop-openai-stream": lambda: (traceloop("openai", "OpenAIInstrumentor"), stream(openai_client())),
    "traceloop-openai-responses": lambda: (traceloop("openai", "OpenAIInstrumentor"), responses(openai_client())),
    "traceloop-anthropic-stream": lambda: (traceloop("anthropic", "AnthropicInstrumentor"), message_stream(anthropic_client())),
    "pydantic-google": pydantic_google,
    "pydantic-responses": pydantic_responses,
    "smolagents": smolagents,
    "openlit-openai": lambda: openlit(lambda: chat(openai_client())),
    "openlit-anthropic": lambda: openlit(lambda: message(anthropic_client())),
    "openlit-bedrock": lambda: openlit(converse),
}

if __name__ == "__main__":
    CASES[CASE]()
    from opentelemetry import trace

    flush = getattr(trace.get_tracer_provider(), "force_flush", None)
    if flush is not None:
        flush()
    sys.stdout.flush()
