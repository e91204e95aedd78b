import { hashBytes, hashErrorClass, hashText } from '../../genai/hash.ts'
import { Step, type StepKind } from '../../genai/step.ts'
import type { ItemBatch } from '../../otlp/batch.ts'
import type { FieldReader } from '../../otlp/field-reader.ts'
import { FIELD } from './fields.ts'
import type { Texts } from './texts.ts'

const STRING = 1
const STATUS_ERROR = 2

/** A tool call, agent, workflow or step of one. Arguments and results are hashed where they lie, never copied. */
export function readStep(reader: FieldReader, texts: Texts, items: ItemBatch, item: number, kind: StepKind): Step {
  const { index } = items
  const step = new Step(kind, item, {
    bytes: items.bytes,
    trace: index.itemTrace[item] as number,
    span: index.itemSpan[item] as number,
    parent: index.itemParent[item] as number,
  })
  step.agent = texts.of(reader, items, FIELD.agentName)
  step.agentId = texts.of(reader, items, FIELD.agentId)
  step.name = nameOf(step, reader, texts, items) ?? items.nameOf(item)
  step.conversation = texts.of(reader, items, FIELD.conversation)
  step.startMs = items.startMsOf(item)
  step.endMs = items.endMsOf(item)
  step.errorType = texts.of(reader, items, FIELD.errorType)
  step.isError = step.errorType !== undefined || index.itemStatus[item] === STATUS_ERROR
  const callId = reader.hit(FIELD.toolCallId)
  if (callId >= 0) {
    step.toolCallIdAt = index.hitAt[callId] as number
    step.toolCallIdLength = index.hitLen[callId] as number
  }
  if (kind === 'tool') readContent(step, reader, items)
  return step
}

function nameOf(step: Step, reader: FieldReader, texts: Texts, items: ItemBatch): string | undefined {
  if (step.kind === 'tool') return texts.of(reader, items, FIELD.toolName)
  if (step.kind === 'workflow') return texts.of(reader, items, FIELD.workflowName) ?? step.agent
  return step.agent ?? texts.of(reader, items, FIELD.entityName)
}

/** The same of a log event: it says how it went in words, and its time is when that was known. */
export function readEventStep(reader: FieldReader, texts: Texts, items: ItemBatch, item: number, kind: StepKind): Step {
  const step = readStep(reader, texts, items, item, kind)
  if (reader.flag(FIELD.success) === false) step.isError = true
  if (kind === 'tool') readContent(step, reader, items)
  const ended = step.startMs > 0 ? step.startMs : step.endMs
  step.endMs = ended
  step.startMs = ended - Math.max(reader.number(FIELD.durationMs) ?? 0, 0)
  return step
}

function readContent(step: Step, reader: FieldReader, items: ItemBatch): void {
  const { index, bytes } = items
  const args = reader.hit(FIELD.toolArguments)
  if (args >= 0) {
    step.argsBytes = index.hitLen[args] as number
    step.argsHash = hashBytes(bytes, index.hitAt[args] as number, step.argsBytes)
  }
  const result = reader.hit(FIELD.toolResult)
  if (result >= 0) {
    step.resultBytes = index.hitLen[result] as number
    step.resultHash = hashBytes(bytes, index.hitAt[result] as number, step.resultBytes)
  }
  if (!step.isError) return
  if (result >= 0 && index.hitType[result] === STRING) {
    step.errorClass = hashErrorClass(bytes, index.hitAt[result] as number, step.resultBytes ?? 0)
  } else if (step.errorType !== undefined) {
    step.errorClass = hashText(step.errorType)
  }
}
