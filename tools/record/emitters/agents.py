"""One run of an agent framework or SDK that has, or is given, an instrumentation; which is said by CASE: what is run, the
vendor, and how."""

import asyncio
import os

URL = os.environ["PROVIDER_URL"]
SINK = os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"]
WHAT, VENDOR, HOW = (os.environ["CASE"].split("/") + ["", ""])[:3]
QUESTION = "weather?"
MESSAGES = [{"role": "user", "content": QUESTION}]
CLAUDE = "claude-sonnet-4-5"
os.environ.update(OPENAI_API_KEY="test", ANTHROPIC_API_KEY="test", OPENAI_BASE_URL=URL + "/v1")


def weather(city: str) -> str:
    """The weather of a city."""
    return "sunny"


async def weather_later(city: str) -> str:
    """The weather of a city."""
    return "sunny"


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


def instrument(*paths):
    provider = tracer_provider()
    for path in paths:
        module, name = path.rsplit(".", 1)
        getattr(__import__(module, fromlist=[name]), name)().instrument(tracer_provider=provider)


OI = "openinference.instrumentation."
TRACELOOP = "opentelemetry.instrumentation."
VENDORS = {"openai": "openai.OpenAIInstrumentor", "anthropic": "anthropic.AnthropicInstrumentor"}


def crewai(family):
    """CrewAI calls the vendors' SDKs itself: their instrumentation sees the calls, CrewAI's the crew."""
    names = [family + "crewai.CrewAIInstrumentor"]
    instrument(*names, *([] if HOW == "alone" else [family + VENDORS[VENDOR]]))
    os.environ.update(CREWAI_DISABLE_TELEMETRY="true", CREWAI_TRACING_ENABLED="false", CREWAI_TESTING="true")
    from crewai import LLM, Agent, Crew, Task
    from crewai.tools import tool

    where = {"openai": URL + "/v1", "anthropic": URL}[VENDOR]
    model = {"openai": "gpt-4o", "anthropic": "anthropic/" + CLAUDE}[VENDOR]
    llm = LLM(model=model, base_url=where, api_key="test", max_tokens=100)
    agent = Agent(role="forecaster", goal="say it", backstory="x", llm=llm, tools=[tool("weather")(weather)])
    Crew(agents=[agent], tasks=[Task(description=QUESTION, expected_output="a sentence", agent=agent)]).kickoff()


def llamaindex(instrumentor):
    instrument(instrumentor)
    if HOW == "embed":
        from llama_index.embeddings.openai import OpenAIEmbedding

        OpenAIEmbedding(model="text-embedding-3-small", api_base=URL + "/v1").get_text_embedding(QUESTION)
        return
    if VENDOR == "openai":
        from llama_index.llms.openai import OpenAI

        llm = OpenAI(model="gpt-4o", api_base=URL + "/v1")
    else:
        from llama_index.llms.anthropic import Anthropic

        llm = Anthropic(model=CLAUDE, base_url=URL, max_tokens=100)
    if HOW == "agent":
        from llama_index.core.agent.workflow import FunctionAgent

        async def run():
            await FunctionAgent(name="forecaster", tools=[weather], llm=llm, streaming=False).run(QUESTION)

        asyncio.run(run())
        return
    from llama_index.core.llms import ChatMessage

    message = ChatMessage(role="user", content=QUESTION)
    if HOW == "stream":
        for _ in llm.stream_chat([message]):
            pass
    else:
        llm.chat([message])


def autogen():
    tracer_provider()
    if HOW == "oi":
        from openinference.instrumentation.autogen_agentchat import AutogenAgentChatInstrumentor

        AutogenAgentChatInstrumentor().instrument()
    from autogen_agentchat.agents import AssistantAgent
    from autogen_ext.models.openai import OpenAIChatCompletionClient

    client = OpenAIChatCompletionClient(model="gpt-4o", base_url=URL + "/v1")
    asyncio.run(AssistantAgent("forecaster", client, tools=[weather_later], reflect_on_tool_use=True).run(task=QUESTION))


def livekit():
    provider = tracer_provider()
    from livekit.agents import Agent, AgentSession, function_tool
    from livekit.agents.telemetry import set_tracer_provider

    set_tracer_provider(provider)
    if VENDOR == "openai":
        from livekit.plugins import openai

        llm = openai.LLM(model="gpt-4o", base_url=URL + "/v1")
    else:
        from livekit.plugins import anthropic

        llm = anthropic.LLM(model=CLAUDE, base_url=URL, api_key="test")

    async def run():
        async with AgentSession(llm=llm) as session:
            await session.start(Agent(instructions="say it", tools=[function_tool(weather_later, name="weather")]))
            await session.run(user_input=QUESTION)

    asyncio.run(run())


def claude_agent():
    """The SDK starts the program that its package brings."""
    os.environ.update(ANTHROPIC_BASE_URL=URL, CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="1", IS_SANDBOX="1")
    if VENDOR == "logfire":
        os.environ["OTEL_BSP_SCHEDULE_DELAY"] = "60000"
        import logfire

        logfire.configure(send_to_logfire=False, console=False, service_name="recorded-agent")
        logfire.instrument_claude_agent_sdk()
    else:
        instrument(OI + "claude_agent_sdk.ClaudeAgentSDKInstrumentor")
    import claude_agent_sdk as sdk

    options = sdk.ClaudeAgentOptions(model=CLAUDE, allowed_tools=["Bash"], permission_mode="bypassPermissions")

    async def run():
        if HOW == "query":
            async for _ in sdk.query(prompt=QUESTION, options=options):
                pass
            return
        async with sdk.ClaudeSDKClient(options=options) as client:
            await client.query(QUESTION)
            async for _ in client.receive_response():
                pass

    asyncio.run(run())


def mlflow():
    os.environ.update(OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=SINK + "/v1/traces", MLFLOW_ENABLE_ASYNC_TRACE_LOGGING="false")
    os.environ.update(OTEL_EXPORTER_OTLP_PROTOCOL="http/protobuf", MLFLOW_TRACKING_URI="sqlite:///mlflow.db")
    import mlflow as ml

    if VENDOR == "openai":
        import openai

        ml.openai.autolog()
        call = lambda: openai.OpenAI().chat.completions.create(model="gpt-4o", messages=MESSAGES)  # noqa: E731
    else:
        import anthropic

        ml.anthropic.autolog()
        client = anthropic.Anthropic(base_url=URL)
        call = lambda: client.messages.create(model=CLAUDE, max_tokens=100, messages=MESSAGES)  # noqa: E731
    ml.trace(lambda question: call(), name="forecast", span_type="AGENT")(QUESTION)


def mistral():
    os.environ["MISTRAL_SDK_TELEMETRY"] = "global"
    tracer_provider()
    from mistralai.client import Mistral

    client = Mistral(api_key="test", server_url=os.environ["MORE_URL"] if HOW == "stream" else URL)
    if HOW == "embed":
        client.embeddings.create(model="mistral-embed", inputs=[QUESTION])
    elif HOW == "stream":
        for _ in client.chat.stream(model="mistral-large-latest", messages=MESSAGES):
            pass
    else:
        client.chat.complete(model="mistral-large-latest", messages=MESSAGES)


def litellm():
    os.environ.update(LITELLM_LOCAL_MODEL_COST_MAP="True", LITELLM_OTEL_V2="true")
    os.environ.update(OTEL_EXPORTER="otlp_http", OTEL_ENDPOINT=SINK, OTEL_BSP_SCHEDULE_DELAY="50")
    import litellm as llm

    llm.callbacks = ["otel"]
    model, base = {"openai": ("gpt-4o", URL + "/v1"), "anthropic": (CLAUDE, URL)}[VENDOR]
    options = {"stream": True, "stream_options": {"include_usage": True}} if HOW == "stream" else {}

    async def run():
        if HOW == "embed":
            await llm.aembedding(model="openai/text-embedding-3-small", input=[QUESTION], api_base=base)
        else:
            answer = await llm.acompletion(model=VENDOR + "/" + model, messages=MESSAGES, api_base=base, **options)
            if HOW == "stream":
                async for _ in answer:
                    pass
        # The callback is called behind the answer.
        await asyncio.sleep(2)

    asyncio.run(run())


RUNS = {
    "oi-crewai": lambda: crewai(OI),
    "traceloop-crewai": lambda: crewai(TRACELOOP),
    "oi-llamaindex": lambda: llamaindex(OI + "llama_index.LlamaIndexInstrumentor"),
    "traceloop-llamaindex": lambda: llamaindex(TRACELOOP + "llamaindex.LlamaIndexInstrumentor"),
    "autogen": autogen,
    "livekit": livekit,
    "claude-agent": claude_agent,
    "mlflow": mlflow,
    "mistral": mistral,
    "litellm": litellm,
}

if __name__ == "__main__":
    RUNS[WHAT]()
    from opentelemetry import trace

    flush = getattr(trace.get_tracer_provider(), "force_flush", None)
    if flush is not None:
        flush()
