import { Step, type StepKind } from '../../genai/step.ts'
import type { AttributesReader } from '../../otlp/attributes-reader.ts'
import type { ItemBatch } from '../../otlp/batch.ts'
import { hashBytes, hashErrorClass, hashText } from './hash.ts'
import type { Keys } from './keys.ts'

const STRING = 1
const STATUS_ERROR = 2

/** A tool call, agent, workflow or step of one. Arguments and results are hashed where they lie, never copied. */
export function readStep(reader: AttributesReader, keys: Keys, items: ItemBatch, item: number, kind: StepKind): Step {
  const { index } = items
  const step = new Step(kind, item, {
    bytes: items.bytes,
    trace: index.itemTrace[item] as number,
    span: index.itemSpan[item] as number,
    parent: index.itemParent[item] as number,
  })
  step.name =
    kind === 'tool'
      ? (reader.firstText(keys.toolName) ?? items.nameOf(item))
      : (reader.firstText(keys.agentName) ?? items.nameOf(item))
  step.toolCallId = reader.text(keys.toolCallId)
  step.agent = reader.firstText(keys.agentName)
  step.agentId = reader.firstText(keys.agentId)
  step.conversation = reader.firstText(keys.conversation)
  step.startMs = items.startMsOf(item)
  step.endMs = items.endMsOf(item)
  step.errorType = reader.text(keys.errorType)
  step.isError = step.errorType !== undefined || index.itemStatus[item] === STATUS_ERROR
  if (kind === 'tool') readContent(step, reader, keys, items)
  return step
}

function readContent(step: Step, reader: AttributesReader, keys: Keys, items: ItemBatch): void {
  const { index, bytes } = items
  const args = firstPresent(reader, keys.toolArguments)
  if (args >= 0) {
    step.argsBytes = index.hitLen[args] as number
    step.argsHash = hashBytes(bytes, index.hitAt[args] as number, step.argsBytes)
  }
  const result = firstPresent(reader, keys.toolResult)
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

function firstPresent(reader: AttributesReader, keys: readonly number[]): number {
  for (const key of keys) {
    const hit = reader.hit(key)
    if (hit >= 0) return hit
  }
  return -1
}
